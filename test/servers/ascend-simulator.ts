import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import { runCommand } from './run-command.ts';
import { requireRust } from './rust.ts';

/** Builds the library with AscendCL's interface and no device, which native/ascend-simulator is. @returns its path */
export async function buildAscendSimulator(): Promise<string> {
  await requireRust();
  const target = cacheDirectory('native-target');
  const which = ['--manifest-path', 'native/Cargo.toml', '--package', 'slipway-ascend-simulator'];
  await runCommand('cargo', ['build', '--locked', '--quiet', '--target-dir', target, ...which]);
  return join(target, 'debug', process.platform === 'darwin' ? 'libascendcl.dylib' : 'libascendcl.so');
}
