import type { Command } from 'commander';
import { expect, it } from 'vitest';
import type { CliContext } from './context.ts';
import { createProgram } from './program.ts';

const unused = () => {
  throw new Error('the reference runs no command');
};

function sectionsOf(command: Command, path: string): string[] {
  const help = command.configureHelp({ helpWidth: 110 }).helpInformation().trimEnd();
  const depth = '#'.repeat(Math.min(4, path.split(' ').length + 1));
  const own = `${depth} \`${path}\`\n\n\`\`\`text\n${help}\n\`\`\`\n`;
  const below = command.commands
    .filter((child) => child.name() !== 'help')
    .flatMap((child) => sectionsOf(child, `${path} ${child.name()}`));
  return [own, ...below];
}

it('docs/reference/cli.md is up to date (`npm run test:unit -- -u` rewrites it)', async () => {
  const program = createProgram({
    createContext: () => ({}) as CliContext,
    manifests: { newManifest: unused, manifestWithVersion: unused },
    serverProgram: '',
    version: '0.0.0',
  });
  const head = [
    '# The command line',
    '',
    'In a clone, `npx slipway …`. Results go to standard output, everything else to standard error; `--json` prints JSON.',
    'The exit status is 0 for success and 1 for a failure, with `error: …` and its [code](errors.md) on standard error.',
    'Commands of which it is an answer (`slipway auth can-i`, `explain` and `dry-run`) fail with 2.',
    '',
  ].join('\n');
  await expect(`${head}\n${sectionsOf(program, 'slipway').join('\n')}`).toMatchFileSnapshot(
    '../../docs/reference/cli.md',
  );
});
