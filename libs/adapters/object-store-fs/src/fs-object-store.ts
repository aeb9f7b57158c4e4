import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  assertObjectKey,
  type ObjectEntry,
  type ObjectStore,
  ofExactSize,
  type StoredObject,
  type WriteCondition,
} from '#application/registry';
import { DomainError } from '#domain/errors';
import { errnoOf, publishNew, publishOver, writeDurably } from './durable-file.ts';

const TEMPORARY = '.tmp';
const LEFTOVER_AGE_MS = 3_600_000;
/** A reader that keeps losing against writers this often has met something else than writers. */
const MAX_READ_ATTEMPTS = 100;

/** One content of a key. Generation 1 is the plain file, so that immutable objects cost one file and one look-up. */
interface Generation {
  readonly number: number;
  readonly path: string;
}

/**
 * An object store in a folder, safe between processes without locks.
 *
 * Generation 1 of a key is the file `<key>`; generation g ≥ 2 is `<key>@/<g>`, and the highest one is the content. A
 * compare-and-swap from g to g + 1 is a link(2) to the name of g + 1: the file system lets one writer win. Writers that slept
 * while generations were removed below them see a higher one after their link, and lose.
 */
export class FsObjectStore implements ObjectStore {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** Opens a folder, creating it when absent, and removes what writers left behind in it when they were killed. */
  static async open(root: string): Promise<FsObjectStore> {
    const store = new FsObjectStore(root);
    await mkdir(join(root, TEMPORARY), { recursive: true });
    await store.#removeLeftovers();
    return store;
  }

  async get(key: string): Promise<StoredObject | undefined> {
    return this.#withCurrent(key, async ({ number, path }) => {
      const bytes = await readFile(path);
      return { bytes, etag: etagOf(number, bytes) };
    });
  }

  async head(key: string): Promise<ObjectEntry | undefined> {
    return this.#withCurrent(key, async ({ path }) => {
      const { size, mtimeMs } = await stat(path);
      return { key, sizeBytes: size, modifiedAtMs: mtimeMs };
    });
  }

  async getStream(key: string, fromByte = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    return this.#withCurrent(key, async ({ path }) => {
      // Opened here, so that a file that vanishes is met before the caller has its stream.
      const file = await open(path, 'r');
      return createReadStream('', { fd: file, autoClose: true, highWaterMark: 1 << 20, start: fromByte });
    });
  }

  async put(key: string, bytes: Uint8Array, condition?: WriteCondition): Promise<string> {
    assertObjectKey(key);
    const temporary = this.#temporaryPath();
    await writeDurably(temporary, [bytes]);
    try {
      return await this.#publish(key, temporary, bytes, condition);
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async putStream(key: string, stream: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<void> {
    assertObjectKey(key);
    const temporary = this.#temporaryPath();
    try {
      await writeDurably(temporary, ofExactSize(stream, sizeBytes, key));
      await publishOver(temporary, this.#pathOf(key));
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async *list(prefix: string): AsyncIterable<ObjectEntry> {
    const names = await this.#keysBelow('', prefix);
    // Keys are ASCII, so that comparing code units is comparing bytes.
    for (const key of names.sort((left, right) => (left < right ? -1 : 1))) {
      const entry = await this.head(key);
      if (entry !== undefined) yield entry;
    }
  }

  async delete(key: string): Promise<void> {
    assertObjectKey(key);
    await rm(this.#pathOf(key), { force: true });
    await rm(this.#generationsOf(key), { recursive: true, force: true });
  }

  async #publish(key: string, temporary: string, bytes: Uint8Array, condition?: WriteCondition): Promise<string> {
    for (;;) {
      const current = await this.#current(key);
      if (condition?.kind === 'absent' && current !== undefined) throw lost(key);
      if (condition?.kind === 'matches') await this.#requireMatch(key, current, condition.etag);
      const number = (current?.number ?? 0) + 1;
      if (await this.#link(key, number, temporary)) return etagOf(number, bytes);
      if (condition !== undefined) throw lost(key);
    }
  }

  async #requireMatch(key: string, current: Generation | undefined, etag: string): Promise<void> {
    if (current === undefined || numberOf(etag) !== current.number) throw lost(key);
    const bytes = await readFile(current.path).catch(() => undefined);
    if (bytes === undefined || etagOf(current.number, bytes) !== etag) throw lost(key);
  }

  /** Makes a temporary file the given generation; false when another writer was first. */
  async #link(key: string, number: number, temporary: string): Promise<boolean> {
    const path = number === 1 ? this.#pathOf(key) : join(this.#generationsOf(key), String(number));
    try {
      await publishNew(temporary, path);
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    }
    if (number === 1) return true;
    const numbers = await this.#laterGenerations(key);
    if (numbers.some((other) => other > number)) {
      await rm(path, { force: true });
      return false;
    }
    // The plain file stays as the mark of generation 1: without it a create-only write would succeed on a key that exists.
    for (const old of numbers.filter((other) => other < number)) {
      await rm(join(this.#generationsOf(key), String(old)), { force: true });
    }
    return true;
  }

  async #withCurrent<T>(key: string, read: (current: Generation) => Promise<T>): Promise<T | undefined> {
    assertObjectKey(key);
    for (let attempt = 0; attempt < MAX_READ_ATTEMPTS; attempt += 1) {
      const current = await this.#current(key);
      if (current === undefined) return undefined;
      try {
        return await read(current);
      } catch (error) {
        // A newer generation has taken this one's place since the look-up.
        if (errnoOf(error) !== 'ENOENT') throw unavailable(error);
      }
    }
    throw new DomainError('STORE_UNAVAILABLE', `${key} changed too often to be read`);
  }

  async #current(key: string): Promise<Generation | undefined> {
    const latest = Math.max(0, ...(await this.#laterGenerations(key)));
    if (latest > 0) return { number: latest, path: join(this.#generationsOf(key), String(latest)) };
    const path = this.#pathOf(key);
    const found = await stat(path).catch(ignoreAbsent);
    return found?.isFile() === true ? { number: 1, path } : undefined;
  }

  async #laterGenerations(key: string): Promise<number[]> {
    return ((await readdir(this.#generationsOf(key)).catch(ignoreAbsent)) ?? []).map(Number);
  }

  async #keysBelow(directory: string, prefix: string): Promise<string[]> {
    const entries = (await readdir(join(this.#root, directory), { withFileTypes: true }).catch(ignoreAbsent)) ?? [];
    const found = await Promise.all(
      entries.map(async (entry) => {
        const key = directory === '' ? entry.name : `${directory}/${entry.name}`;
        if (key === TEMPORARY || entry.name.endsWith('@')) return [];
        if (!entry.isDirectory()) return key.startsWith(prefix) ? [key] : [];
        return key.startsWith(prefix) || prefix.startsWith(`${key}/`) ? this.#keysBelow(key, prefix) : [];
      }),
    );
    return found.flat();
  }

  async #removeLeftovers(): Promise<void> {
    const directory = join(this.#root, TEMPORARY);
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      const found = await stat(path).catch(ignoreAbsent);
      if (found !== undefined && Date.now() - found.mtimeMs > LEFTOVER_AGE_MS) await rm(path, { force: true });
    }
  }

  #temporaryPath(): string {
    return join(this.#root, TEMPORARY, randomUUID());
  }

  #pathOf(key: string): string {
    return join(this.#root, key);
  }

  #generationsOf(key: string): string {
    return `${this.#pathOf(key)}@`;
  }
}

/** The number tells generations apart; the content's hash tells a key from its successor after a removal. */
function etagOf(number: number, bytes: Uint8Array): string {
  return `${number}-${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}`;
}

function numberOf(etag: string): number {
  return Number(etag.split('-')[0]);
}

function lost(key: string): DomainError {
  return new DomainError('PRECONDITION_FAILED', `${key} is not in the state that the write expected`);
}

function unavailable(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const code = errnoOf(error) ?? 'unknown error';
  return new DomainError('STORE_UNAVAILABLE', `the object store failed with ${code}`, {}, { cause: error });
}

function ignoreAbsent(error: unknown): undefined {
  const code = errnoOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw unavailable(error);
}
