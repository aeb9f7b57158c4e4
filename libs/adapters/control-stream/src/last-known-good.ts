import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { RouteSnapshot } from '#generated/slipway/control/v1/control';

/**
 * The newest routes on disk, so that a gateway that starts with everything else down serves what it served last. Written
 * synchronously: a snapshot is a few kilobytes and changes rarely, and no later one may overtake it.
 */
export class LastKnownGoodRoutes {
  readonly #path: string;

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

  write(snapshot: RouteSnapshot): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.new`;
    const file = openSync(temporary, 'w');
    try {
      writeSync(file, RouteSnapshot.encode(snapshot).finish());
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.#path);
  }
}
