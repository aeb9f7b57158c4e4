import { readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RouteSnapshot } from '#generated/slipway/control/v1/control';

/**
 * The newest routes on disk, so that a gateway that starts with everything else down serves what it served last. Requests do not wait for
 * the disk; of several snapshots that come while one is written, the newest is the next.
 */
export class LastKnownGoodRoutes {
  readonly #path: string;
  #next: RouteSnapshot | undefined;
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The routes of an earlier process; `undefined` when there are none, or when they cannot be read any more. */
  read(): RouteSnapshot | undefined {
    try {
      return RouteSnapshot.decode(readFileSync(this.#path));
    } catch {
      return undefined;
    }
  }

  /** Ends when the snapshot, or a newer one, is on disk. */
  write(snapshot: RouteSnapshot): Promise<void> {
    this.#next = snapshot;
    this.#writing ??= this.#writeNext().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeNext(): Promise<void> {
    while (this.#next !== undefined) {
      const snapshot = this.#next;
      this.#next = undefined;
      await this.#replace(RouteSnapshot.encode(snapshot).finish());
    }
  }

  async #replace(bytes: Uint8Array): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.new`;
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.#path);
  }
}
