import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';

/** The SHA-256 of the file whose path is the thread's data, in hexadecimal; or the system's code of what failed. */
export type FileDigest = { readonly sha256: string } | { readonly errno: string | undefined };

const CHUNK_BYTES = 1024 * 1024;
/** A tenth of what others get who want the processor at the same time. */
const NICENESS = 10;

parentPort?.postMessage(digestOf(workerData as string));

function digestOf(path: string): FileDigest {
  // On Linux that is the thread's alone: requests go first.
  if (process.platform === 'linux') setPriority(NICENESS);
  try {
    const fd = openSync(path, 'r');
    try {
      const hash = createHash('sha256');
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) hash.update(chunk.subarray(0, read));
      return { sha256: hash.digest('hex') };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return { errno: (error as NodeJS.ErrnoException).code };
  }
}
