import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FileBytes, FileReply } from './checked-file-thread.ts';

const BUFFER_BYTES = 512 * 1024;
const BUFFERS = 4;

/**
 * Writes a file and computes its SHA-256 in a thread of its own, to which the bytes are handed over without copying: hashed where they
 * are received, they would halve the speed of a fast connection.
 */
export class CheckedFileWriter {
  readonly #thread: Worker;
  readonly #free = Array.from({ length: BUFFERS }, () => new Uint8Array(BUFFER_BYTES));
  #filling: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  #sha256: string | undefined;
  #failure: Error | undefined;
  /** Called at every reply of the thread. */
  #wake: () => void = () => {};

  /** @param path is created, or overwritten. */
  constructor(path: string) {
    const program = join(import.meta.dirname, `checked-file-thread${extname(import.meta.filename)}`);
    this.#thread = new Worker(program, { workerData: path });
    this.#thread.on('message', (reply: FileReply) => this.#take(reply));
    this.#thread.on('error', (error) => this.#take({ kind: 'failed', error: error as Error }));
  }

  /** Returns when more bytes can be taken. @throws the disk's error */
  async write(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.byteLength; ) {
      this.#filling ??= await this.#freeBuffer();
      const part = chunk.subarray(from, from + BUFFER_BYTES - this.#filled);
      this.#filling.set(part, this.#filled);
      this.#filled += part.byteLength;
      from += part.byteLength;
      if (this.#filled === BUFFER_BYTES) this.#handOver(this.#filling);
    }
  }

  /** The SHA-256 of everything, in hexadecimal, once it is all written. @throws the disk's error */
  async end(): Promise<string> {
    if (this.#filling !== undefined) this.#handOver(this.#filling);
    this.#send(null, []);
    while (this.#sha256 === undefined) await this.#reply();
    return this.#sha256;
  }

  /** Gives everything up. */
  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  async #freeBuffer(): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const buffer = this.#free.pop();
      if (buffer !== undefined && this.#failure === undefined) return buffer;
      await this.#reply();
    }
  }

  #handOver(buffer: Uint8Array<ArrayBuffer>): void {
    this.#send(buffer.subarray(0, this.#filled), [buffer.buffer]);
    this.#filling = undefined;
    this.#filled = 0;
  }

  #send(bytes: FileBytes, transferred: ArrayBuffer[]): void {
    this.#thread.postMessage(bytes, transferred);
  }

  async #reply(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#failure !== undefined) throw this.#failure;
  }

  #take(reply: FileReply): void {
    if (reply.kind === 'written') this.#free.push(new Uint8Array(reply.memory));
    else if (reply.kind === 'ended') this.#sha256 = reply.sha256;
    else this.#failure = reply.error;
    this.#wake();
  }
}
