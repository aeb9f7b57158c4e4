/** Checks, tests and builds what is in native/: the addon, and an operator library. What cargo has built is kept outside of the clone. */
import { run } from '../../apps/cli/setup.mjs';
import { cacheDirectory } from '../servers/cache-directory.ts';
import { requireRust } from '../servers/rust.ts';

await requireRust();
const environment = { CARGO_TARGET_DIR: cacheDirectory('native-target') };
const manifest = ['--manifest-path', 'native/Cargo.toml'];
const steps = [
  ['cargo', 'fmt', ...manifest, '--all', '--check'],
  ['cargo', 'clippy', '--locked', '--workspace', '--all-targets', ...manifest, '--', '--deny', 'warnings'],
  ['cargo', 'test', '--locked', '--workspace', ...manifest],
  ['node', 'test/native/valgrind.ts'],
  ['cargo', 'build', '--locked', '--package', 'example-operators', ...manifest],
  ['node', 'native/build.mjs'],
];
for (const [command = '', ...args] of steps) {
  const status = await run(command, args, environment);
  if (status !== 0) process.exit(status);
}
