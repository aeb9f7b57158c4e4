import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** Bytes to write; none means that there are no more. */
export type FileBytes = Uint8Array<ArrayBuffer> | null;

/** The memory of bytes that are written, to be filled again; or, in the end, what was written. */
export type FileReply =
  | { readonly kind: 'written'; readonly memory: ArrayBuffer }
  | { readonly kind: 'ended'; readonly sha256: string }
  | { readonly kind: 'failed'; readonly error: Error };

const file = openSync(workerData as string, 'w');
const hash = createHash('sha256');

parentPort?.on('message', (bytes: FileBytes) => {
  try {
    if (bytes === null) end();
    else write(bytes);
  } catch (error) {
    reply({ kind: 'failed', error: error as Error });
  }
});

function write(bytes: Uint8Array<ArrayBuffer>): void {
  hash.update(bytes);
  for (let done = 0; done < bytes.byteLength; ) done += writeSync(file, bytes, done);
  reply({ kind: 'written', memory: bytes.buffer }, [bytes.buffer]);
}

function end(): void {
  closeSync(file);
  reply({ kind: 'ended', sha256: hash.digest('hex') });
}

function reply(message: FileReply, transferred: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transferred);
}
