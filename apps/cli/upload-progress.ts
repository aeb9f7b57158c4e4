import { SingleBar } from 'cli-progress';
import { humanBytes } from './output.ts';
import type { PushProgress } from './push-model.ts';

/** Progress of a push on standard error: a bar per file on a terminal, a line per file elsewhere. */
export function createUploadProgress(isQuiet: boolean): PushProgress & { stop(): void } {
  if (isQuiet) return { hashed() {}, uploading() {}, reused() {}, stop() {} };
  return process.stderr.isTTY ? new BarProgress() : new LineProgress();
}

class BarProgress implements PushProgress {
  #bar: SingleBar | undefined;

  hashed(): void {}

  uploading(path: string, sentBytes: number, sizeBytes: number): void {
    if (this.#bar === undefined) {
      const format = `${path} {bar} {percentage} % | {value_formatted}/{total_formatted}`;
      this.#bar = new SingleBar({ format, stream: process.stderr, hideCursor: true });
      this.#bar.start(sizeBytes, 0, { value_formatted: humanBytes(0), total_formatted: humanBytes(sizeBytes) });
    }
    this.#bar.update(sentBytes, { value_formatted: humanBytes(sentBytes), total_formatted: humanBytes(sizeBytes) });
    if (sentBytes >= sizeBytes) this.stop();
  }

  reused(path: string): void {
    process.stderr.write(`${path}: the registry has it already\n`);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}

class LineProgress implements PushProgress {
  hashed(): void {}

  uploading(path: string, sentBytes: number, sizeBytes: number): void {
    if (sentBytes >= sizeBytes) process.stderr.write(`${path}: uploaded ${humanBytes(sizeBytes)}\n`);
  }

  reused(path: string): void {
    process.stderr.write(`${path}: the registry has it already\n`);
  }

  stop(): void {}
}
