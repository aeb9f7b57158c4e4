import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Who the controller of a state folder is, across its restarts: it takes its own lease back without waiting.
 *
 * @throws Error of the file system when it can be neither read nor written.
 */
export function controllerIdIn(stateDir: string): string {
  const path = join(stateDir, 'controller-id');
  const known = readIfPresent(path);
  if (known !== undefined && known !== '') return known;
  const id = randomUUID();
  mkdirSync(stateDir, { recursive: true });
  const file = openSync(`${path}.new`, 'w');
  try {
    writeSync(file, `${id}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  return id;
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
