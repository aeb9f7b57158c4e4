import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { requireProgram } from '../servers/system-program.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory, runQuickstart, startQuickstart } from './quickstart-process.ts';

const stateDir = freshStateDirectory();
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

describe('npm run quickstart -- --once', () => {
  it('tells the whole story from an empty folder, with no failed client request', async () => {
    const run = await runQuickstart(stateDir);
    expect(run.output, run.output).toMatch(/failed client requests +0\n/);
    expect(run.output).toMatch(/rollback commit +[0-9a-f]{10}/);
    expect(run.exitCode).toBe(0);
  });

  it('tells it again from the kept state', async () => {
    const run = await runQuickstart(stateDir);
    expect(run.output, run.output).toMatch(/failed client requests +0\n/);
    expect(run.exitCode).toBe(0);
  });
});

describe('npm run quickstart', () => {
  it('prints three curl commands that work as printed, and ends in order with Ctrl-C', async () => {
    await requireProgram('curl', ['curl']);
    const run = startQuickstart(stateDir, ['--reset']);
    await eventually(
      'it runs on',
      async () => run.output,
      (output) => output.includes('Running; Ctrl-C ends it.'),
      90_000,
    );
    const commands = run.output.split('\n').filter((line) => line.startsWith('  curl '));
    expect(commands).toHaveLength(3);
    const answers = commands.map((command) =>
      JSON.parse(execFileSync('bash', ['-euc', command.replace('curl -s', 'curl -fsS')], { encoding: 'utf8' })),
    );
    expect(answers).toMatchObject([
      { model_name: 'digits', model_version: '2' },
      { data: { model: { versions: { nodes: [{ version: 3 }, { version: 2 }, { version: 1 }] } } } },
      {
        phase: 'Healthy',
        stable: { version: 2 },
        lastRollout: { outcome: 'rolledBack', writeBack: { state: 'committed' } },
      },
    ]);
    run.child.kill('SIGINT');
    expect(await run.exited).toBe(0);
  });

  it('ends at once with Ctrl-C in the middle of the story, and keeps what it has', async () => {
    const run = startQuickstart(stateDir, []);
    await eventually(
      'it is in the story',
      async () => run.output,
      (output) => output.includes('[4] Commit version 2'),
      90_000,
    );
    run.child.kill('SIGINT');
    expect(await run.exited).toBe(130);
  });
});
