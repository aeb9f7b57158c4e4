import { link, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Error code of a Node.js file-system failure. */
export function errnoOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** Writes a file whose bytes survive a crash of the machine. */
export async function writeDurably(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for await (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives a finished file its final name, unless something has that name already (EEXIST). The name survives a crash. */
export async function publishNew(temporary: string, path: string): Promise<void> {
  await createDirectories(dirname(path));
  await link(temporary, path);
  await syncDirectory(dirname(path));
}

/** Gives a finished file its final name, in place of whatever had it. The name survives a crash. */
export async function publishOver(temporary: string, path: string): Promise<void> {
  await createDirectories(dirname(path));
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** A new directory is durable only when its parent is synced too. */
async function createDirectories(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true });
  if (firstCreated === undefined) return;
  for (let at = path; at.length >= firstCreated.length; at = dirname(at)) await syncDirectory(dirname(at));
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
