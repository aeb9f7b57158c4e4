import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import { runCommand } from './run-command.ts';
import { requireProgram } from './system-program.ts';

const requirements = readFileSync(join(import.meta.dirname, 'python-requirements.txt'), 'utf8');

/** Path of a Python with the pinned clients; installed on first use. */
export async function installPython(): Promise<string> {
  const directory = await installIntoVenv(
    'python',
    requirements.split('\n').filter((line) => /^[a-z]/.test(line)),
  );
  return join(directory, 'bin/python');
}

/**
 * A virtual environment with the packages, in the cache; made on first use.
 *
 * @param packages pinned, as pip takes them.
 */
export async function installIntoVenv(name: string, packages: readonly string[]): Promise<string> {
  const identity = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 16);
  const directory = cacheDirectory(`${name}-${identity}`);
  const stamp = join(directory, '.installed');
  if (existsSync(stamp)) return directory;
  await requireProgram('python3', ['python3', 'python3-venv'], hasVenv);
  process.stderr.write(`installing ${packages.join(' ')} (once) …\n`);
  await runCommand('python3', ['-m', 'venv', '--clear', directory]);
  await runCommand(join(directory, 'bin/python'), ['-m', 'pip', 'install', '--quiet', ...packages]);
  writeFileSync(stamp, '');
  return directory;
}

function hasVenv(): boolean {
  const probe = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))';
  return spawnSync('python3', ['-c', probe], { stdio: 'ignore' }).status === 0;
}
