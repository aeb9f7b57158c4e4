import { closeSync, openSync, readSync } from 'node:fs';

/** Bytes that can be read anywhere. */
export interface ByteSource {
  readonly byteLength: number;
  /** One byte; `at` is below `byteLength`. */
  byteAt(at: number): number;
  /** Bytes from `start` to before `end`; valid until the next call. */
  slice(start: number, end: number): Uint8Array;
}

/** Bytes in memory. */
export class MemorySource implements ByteSource {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  byteAt(at: number): number {
    return this.#bytes[at] as number;
  }

  slice(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end);
  }
}

const WINDOW_BYTES = 1 << 16;

/** A file, of which one window is in memory: readers skip weights, so that most of a large file is never read. */
export class FileSource implements ByteSource {
  readonly byteLength: number;
  readonly #file: number;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  #windowAt = -1;

  constructor(path: string, byteLength: number) {
    this.#file = openSync(path, 'r');
    this.byteLength = byteLength;
  }

  byteAt(at: number): number {
    if (this.#windowAt < 0 || at < this.#windowAt || at >= this.#windowAt + WINDOW_BYTES) this.#load(at);
    return this.#window[at - this.#windowAt] as number;
  }

  slice(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start);
    readSync(this.#file, bytes, 0, bytes.byteLength, start);
    return bytes;
  }

  close(): void {
    closeSync(this.#file);
  }

  #load(at: number): void {
    this.#windowAt = at;
    readSync(this.#file, this.#window, 0, WINDOW_BYTES, at);
  }
}
