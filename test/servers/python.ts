import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import { runCommand } from './run-command.ts';

const requirements = join(import.meta.dirname, 'python-requirements.txt');

/** Path of a Python with the pinned clients; installed on first use. */
export async function installPython(): Promise<string> {
  const identity = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const directory = cacheDirectory(`python-${identity}`);
  const python = join(directory, 'bin/python');
  const stamp = join(directory, '.installed');
  if (existsSync(stamp)) return python;
  process.stderr.write('installing the Python clients (once) …\n');
  await runCommand('python3', ['-m', 'venv', '--clear', directory]).catch((error: Error) => {
    throw new Error(`the tests need Python 3.11 or newer with venv: ${error.message}`);
  });
  await runCommand(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  writeFileSync(stamp, '');
  return python;
}
