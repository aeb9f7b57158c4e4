/**
 * Runs the tests of AscendCL's binding under valgrind: fails when memory is lost, or used that is not there. It leaves out the test that
 * goes through every documented error, which takes the same ways as the one with a single error, and many minutes there.
 */
import { spawnSync } from 'node:child_process';
import { run } from '../../apps/cli/setup.mjs';
import { requireRust } from '../servers/rust.ts';
import { requireProgram } from '../servers/system-program.ts';

interface BuildMessage {
  readonly executable?: string | null;
  readonly target?: { readonly name: string };
}

await requireRust();
await requireProgram('valgrind', ['valgrind', 'libc6-dbg']);
const status = await run('valgrind', [
  '--quiet',
  '--leak-check=full',
  '--show-leak-kinds=definite',
  '--errors-for-leak-kinds=definite',
  '--error-exitcode=1',
  builtTests(),
  '--test-threads=1',
  '--skip=every_documented_error',
]);
process.exit(status);

function builtTests(): string {
  const which = ['--manifest-path', 'native/Cargo.toml', '--package', 'slipway-ascend', '--test', 'ascend'];
  const args = ['test', '--locked', ...which, '--no-run', '--message-format=json'];
  const { stdout } = spawnSync('cargo', args, { encoding: 'utf8', stdio: ['inherit', 'pipe', 'inherit'] });
  const messages = stdout.split('\n').filter(Boolean);
  const built = messages.map((line) => JSON.parse(line) as BuildMessage);
  const executable = built.find((message) => message.executable && message.target?.name === 'ascend')?.executable;
  if (!executable) throw new Error('cargo has built no tests of slipway-ascend');
  return executable;
}
