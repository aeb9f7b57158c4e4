import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatApiKey } from '#application/access';

const ID_LENGTH = 16;
const OWNER_ONLY = 0o600;

/** The administrator's key of a state directory, made up when there is none; the command line finds it there. */
export function adminKeyIn(stateDir: string): string {
  const path = join(stateDir, 'admin.key');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    const key = newKey();
    writeFileSync(path, `${key}\n`, { mode: OWNER_ONLY, flag: 'wx' });
    return key;
  }
}

function newKey(): string {
  const id = randomBytes(ID_LENGTH).toString('hex').slice(0, ID_LENGTH);
  return formatApiKey(id, randomBytes(32).toString('base64url'));
}
