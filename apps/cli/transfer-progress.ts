import { SingleBar } from 'cli-progress';
import { humanBytes } from './output.ts';

/** Reading less than this takes no noticeable time. */
const READ_IN_A_MOMENT_BYTES = 256 * 1024 ** 2;

/** What a transfer of files tells while it goes on. */
export interface TransferProgress {
  /** Before a file moves it is read for its digest. */
  reading(path: string, doneBytes: number, sizeBytes: number): void;
  moving(path: string, doneBytes: number, sizeBytes: number): void;
  skipped(path: string, why: string): void;
}

/**
 * Progress on standard error: a bar per file on a terminal, a line per file elsewhere.
 *
 * @param done what has happened to a file in the end.
 */
export function createTransferProgress(
  done: 'uploaded' | 'downloaded',
  isQuiet: boolean,
): TransferProgress & { stop(): void } {
  if (isQuiet) return { reading() {}, moving() {}, skipped() {}, stop() {} };
  return process.stderr.isTTY ? new BarProgress() : new LineProgress(done);
}

class BarProgress implements TransferProgress {
  #bar: SingleBar | undefined;

  reading(path: string, doneBytes: number, sizeBytes: number): void {
    if (sizeBytes >= READ_IN_A_MOMENT_BYTES) this.#show(`reading ${path}`, doneBytes, sizeBytes, true);
  }

  moving(path: string, doneBytes: number, sizeBytes: number): void {
    this.#show(path, doneBytes, sizeBytes, false);
  }

  #show(label: string, doneBytes: number, sizeBytes: number, clearOnComplete: boolean): void {
    if (this.#bar === undefined) {
      const format = `${label} {bar} {percentage} % | {value_formatted}/{total_formatted}`;
      this.#bar = new SingleBar({ format, stream: process.stderr, hideCursor: true, clearOnComplete });
      this.#bar.start(sizeBytes, 0, { value_formatted: humanBytes(0), total_formatted: humanBytes(sizeBytes) });
    }
    this.#bar.update(doneBytes, { value_formatted: humanBytes(doneBytes), total_formatted: humanBytes(sizeBytes) });
    if (doneBytes >= sizeBytes) this.stop();
  }

  skipped(path: string, why: string): void {
    process.stderr.write(`${path}: ${why}\n`);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

class LineProgress implements TransferProgress {
  readonly #done: string;

  constructor(done: string) {
    this.#done = done;
  }

  reading(): void {}

  moving(path: string, doneBytes: number, sizeBytes: number): void {
    if (doneBytes >= sizeBytes) process.stderr.write(`${path}: ${this.#done} ${humanBytes(sizeBytes)}\n`);
  }

  skipped(path: string, why: string): void {
    process.stderr.write(`${path}: ${why}\n`);
  }

  stop(): void {}
}
