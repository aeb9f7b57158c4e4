import { join } from 'node:path';
import { type ObjectStore, objectKeys } from '#application/registry';
import { type ArtifactSource, leastRecentlyUsed, type ServedFile, totalBytes } from '#application/serving';
import { DomainError, isDomainError } from '#domain/errors';
import type { Digest } from '#domain/registry';
import type { CacheEvent } from './cache-event.ts';
import { type CacheEntry, CacheFolder } from './cache-folder.ts';
import { asCacheFailure, isDiskFull } from './disk-errors.ts';
import { inspectFile } from './inspect-file.ts';
import { pullFile } from './pull-file.ts';

const PROGRESS_INTERVAL_MS = 5000;
/** A pull that brought something before it broke off goes on at once, so often; then whoever wants the file comes again. */
const MAX_BREAKS = 5;

/** What the cache takes from outside. */
export interface ArtifactCacheParts {
  /** Opens the store, at the first pull: what is cached is served without it. */
  readonly openStore: () => Promise<ObjectStore>;
  /** Folder for the files; created when absent. */
  readonly directory: string;
  /** Room for all files together. Files in use are kept even when they need more. */
  readonly budgetBytes: number;
  /** Whether a version that is served, or shall be, needs the file. */
  readonly isInUse: (digest: Digest) => boolean;
  readonly onEvent: (event: CacheEvent) => void;
}

/**
 * Artifacts on the local disk, filled from the object store.
 *
 * Every file is hashed before each use, whoever wrote it: disks rot and people edit. One that is not what its name says is removed and
 * pulled again. What nothing uses makes room for what is wanted, the least recently used first.
 */
export class ArtifactCache implements ArtifactSource {
  readonly #parts: ArtifactCacheParts;
  readonly #folder: CacheFolder;
  /** Files that are being checked or pulled; whoever wants one of them meanwhile shares the work. */
  readonly #pending = new Map<Digest, Promise<string>>();
  /** Sizes of files that are being pulled. */
  readonly #incoming = new Map<Digest, number>();
  /** Files of calls that have not ended, and by how many calls. */
  readonly #wanted = new Map<Digest, number>();
  #layoutQueue: Promise<unknown> = Promise.resolve();

  constructor(parts: ArtifactCacheParts) {
    this.#parts = parts;
    this.#folder = new CacheFolder(parts.directory);
  }

  async materialise(files: readonly ServedFile[]): Promise<string> {
    const [first] = files;
    if (first === undefined) throw new DomainError('ARTIFACT_NOT_FOUND', 'the variant has no files');
    for (const { digest } of files) this.#wanted.set(digest, (this.#wanted.get(digest) ?? 0) + 1);
    try {
      const [firstPath] = await Promise.all(files.map((file) => this.#shared(file)));
      if (files.length === 1) return firstPath ?? '';
      return join(await this.#inTurn(() => this.#folder.layOut(files)), first.path);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      for (const { digest } of files) this.#unwant(digest);
    }
  }

  /** Bytes of everything that is cached. */
  async usedBytes(): Promise<number> {
    return totalBytes(await this.#folder.entries());
  }

  /** Evicts what is beyond the budget, now that more may be out of use. */
  async trim(): Promise<void> {
    await this.#inTurn(() => this.#evict(0)).catch((error: unknown) => this.#failure(error));
  }

  #shared(file: ServedFile): Promise<string> {
    const pending = this.#pending.get(file.digest);
    if (pending !== undefined) return pending;
    const bringing = this.#bring(file).finally(() => this.#pending.delete(file.digest));
    this.#pending.set(file.digest, bringing);
    return bringing;
  }

  /** The path of one file, whose bytes are right. */
  async #bring(file: ServedFile): Promise<string> {
    const path = this.#folder.pathOf(file.digest);
    const state = await inspectFile(path, file);
    if (state.kind === 'damaged') {
      this.#parts.onEvent({ kind: 'quarantined', reason: `the cached ${file.path}: ${state.reason}` });
      await this.#inTurn(() => this.#folder.discard(path));
    }
    if (state.kind !== 'intact') await this.#pull(file);
    await this.#folder.touch(path, Date.now());
    return path;
  }

  async #pull(file: ServedFile): Promise<void> {
    this.#incoming.set(file.digest, file.sizeBytes);
    try {
      await this.#folder.createFolders();
      await this.#inTurn(() => this.#evict(0));
      const keptBytes = await this.#pullThroughFaults(file);
      await this.#folder.publish(file.digest);
      this.#parts.onEvent({ kind: 'pulled', file: file.path, sizeBytes: file.sizeBytes, keptBytes });
    } finally {
      this.#incoming.delete(file.digest);
    }
  }

  /** Goes on where the store broke off, and after it made room on a full disk. @returns bytes that were there before. */
  async #pullThroughFaults(file: ServedFile): Promise<number> {
    const path = this.#folder.partialPathOf(file.digest);
    const progress = this.#progressOf(file);
    for (let breaks = 0; ; ) {
      const before = progress.doneBytes;
      try {
        return await pullFile(path, file, (fromByte) => this.#open(file, fromByte), progress.report);
      } catch (error) {
        if (isDiskFull(error)) {
          const freedBytes = await this.#inTurn(() => this.#evict(file.sizeBytes - progress.doneBytes));
          if (freedBytes === 0) throw error;
          continue;
        }
        breaks += 1;
        const cameFurther = isDomainError(error, 'STORE_UNAVAILABLE') && progress.doneBytes > before;
        if (!cameFurther || breaks > MAX_BREAKS) throw error;
      }
    }
  }

  async #open({ digest }: ServedFile, fromByte: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    return (await this.#parts.openStore()).getStream(objectKeys.blob(digest), fromByte);
  }

  #progressOf({ path: file, sizeBytes }: ServedFile) {
    let toldAtMs = performance.now();
    const progress = {
      doneBytes: 0,
      report: (doneBytes: number) => {
        progress.doneBytes = doneBytes;
        if (performance.now() - toldAtMs < PROGRESS_INTERVAL_MS) return;
        toldAtMs = performance.now();
        this.#parts.onEvent({ kind: 'pulling', file, doneBytes, sizeBytes });
      },
    };
    return progress;
  }

  /**
   * Brings the cache within its budget, or frees more on demand.
   *
   * @param atLeastBytes to free in any case, the budget aside.
   * @returns what was freed.
   */
  async #evict(atLeastBytes: number): Promise<number> {
    const entries = await this.#folder.entries();
    const nowMs = Date.now();
    const idle: CacheEntry[] = [];
    let usedBytes = [...this.#incoming.values()].reduce((total, size) => total + size, 0);
    for (const entry of entries) {
      const isIncoming = this.#incoming.has(entry.digest);
      if (!isIncoming) usedBytes += entry.sizeBytes;
      if (isIncoming || this.#wanted.has(entry.digest) || this.#parts.isInUse(entry.digest))
        // Its last use is not over: when it is, it shall count as recent.
        await this.#folder.touch(entry.path, nowMs);
      else idle.push(entry);
    }
    const victims = leastRecentlyUsed(idle, Math.max(usedBytes - this.#parts.budgetBytes, atLeastBytes));
    if (victims.length === 0) return 0;
    await this.#folder.remove(victims);
    for (const { digest, sizeBytes } of victims) this.#parts.onEvent({ kind: 'evicted', digest, sizeBytes });
    return totalBytes(victims);
  }

  /** Runs what changes the layout of the folder, one after the other. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#layoutQueue.then(task);
    this.#layoutQueue = done.catch(() => {});
    return done;
  }

  #unwant(digest: Digest): void {
    const count = (this.#wanted.get(digest) ?? 1) - 1;
    if (count === 0) this.#wanted.delete(digest);
    else this.#wanted.set(digest, count);
  }

  #failure(error: unknown): DomainError {
    const failure = asCacheFailure(error);
    const { code, message } = failure;
    if (code === 'ARTIFACT_CACHE_UNAVAILABLE') this.#parts.onEvent({ kind: 'unwritable', reason: message });
    if (code === 'ARTIFACT_CORRUPT') this.#parts.onEvent({ kind: 'quarantined', reason: message });
    return failure;
  }
}
