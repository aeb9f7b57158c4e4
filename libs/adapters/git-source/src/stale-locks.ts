import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Removes lock files that a git process left behind when it was killed; git itself never does, and refuses every later write.
 *
 * @param graceMs how long a lock must stay what it is to be taken for stale. Git holds its locks for milliseconds; 0 where nobody
 *   else can be at work.
 */
export async function removeStaleLocks(gitDirectory: string, graceMs: number): Promise<void> {
  const before = await findLocks(gitDirectory);
  if (before.size === 0) return;
  await sleep(graceMs);
  const after = await findLocks(gitDirectory);
  for (const [path, inode] of before) if (after.get(path) === inode) await rm(path, { force: true });
}

/** Lock files with their inodes: a lock that was taken anew is another file. Objects have no locks and are not searched. */
async function findLocks(gitDirectory: string): Promise<Map<string, number>> {
  const locks = new Map<string, number>();
  const top = await readdir(gitDirectory, { withFileTypes: true });
  const refs = await readdir(join(gitDirectory, 'refs'), { withFileTypes: true, recursive: true }).catch(() => []);
  for (const entry of [...top, ...refs]) {
    if (!entry.isFile() || !entry.name.endsWith('.lock')) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined) locks.set(path, found.ino);
  }
  return locks;
}
