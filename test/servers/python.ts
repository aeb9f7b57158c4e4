import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import { runCommand } from './run-command.ts';
import { requireProgram } from './system-program.ts';

/** Path of a Python with the pinned clients of the serving protocol; installed on first use. */
export async function installPython(): Promise<string> {
  return join(await installIntoVenv('python', packagesIn('python-requirements.txt')), 'bin/python');
}

/** Path of a Python with the tools that models come from and go to; installed on first use. */
export async function installInteropPython(): Promise<string> {
  // Its dependencies are the clients of every cloud's store.
  const alone = ['kserve-storage==0.21.0'];
  return join(await installIntoVenv('interop', packagesIn('interop-requirements.txt'), alone), 'bin/python');
}

/** Path of a Python with KServe's SDK; installed on first use. */
export async function installKservePython(): Promise<string> {
  return join(await installIntoVenv('kserve', packagesIn('kserve-requirements.txt')), 'bin/python');
}

/** Path of schemathesis, which tests an interface by its OpenAPI document; installed on first use. */
export async function installSchemathesis(): Promise<string> {
  return join(await installIntoVenv('schemathesis', packagesIn('schemathesis-requirements.txt')), 'bin/schemathesis');
}

/** Path of a Python that reads what Slipway tells of itself; installed on first use. */
export async function installTelemetryPython(): Promise<string> {
  return join(await installIntoVenv('telemetry', packagesIn('telemetry-requirements.txt')), 'bin/python');
}

/** Path of the reference implementation of OpenSSF Model Signing; installed on first use. */
export async function installModelSigning(): Promise<string> {
  return join(await installIntoVenv('signing', packagesIn('signing-requirements.txt')), 'bin/model_signing');
}

function packagesIn(file: string): string[] {
  const lines = readFileSync(join(import.meta.dirname, file), 'utf8').split('\n');
  return lines.filter((line) => /^[a-z]/.test(line));
}

/**
 * A virtual environment with the packages, in the cache; made on first use.
 *
 * @param packages pinned, as pip takes them.
 * @param alone the same, to be installed without what they depend on.
 */
export async function installIntoVenv(
  name: string,
  packages: readonly string[],
  alone: readonly string[] = [],
): Promise<string> {
  const identity = createHash('sha256')
    .update([...packages, ...alone].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const directory = cacheDirectory(`${name}-${identity}`);
  const stamp = join(directory, '.installed');
  if (existsSync(stamp)) return directory;
  await requireProgram('python3', ['python3', 'python3-venv'], hasVenv);
  process.stderr.write(`installing ${[...packages, ...alone].join(' ')} (once) …\n`);
  await runCommand('python3', ['-m', 'venv', '--clear', directory]);
  const pip = [join(directory, 'bin/python'), '-m', 'pip', 'install', '--quiet'] as const;
  await runCommand(pip[0], [...pip.slice(1), ...packages]);
  if (alone.length > 0) await runCommand(pip[0], [...pip.slice(1), '--no-deps', ...alone]);
  writeFileSync(stamp, '');
  return directory;
}

function hasVenv(): boolean {
  const probe = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))';
  return spawnSync('python3', ['-c', probe], { stdio: 'ignore' }).status === 0;
}
