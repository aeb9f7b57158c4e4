import { setTimeout as sleep } from 'node:timers/promises';
import { type ObjectStore, objectKeys } from '#application/registry';
import type { LoggedInference, PayloadLog } from '#application/serving';
import { isDomainError } from '#domain/errors';

/** What became of inferences that were taken, and of attempts to write them. */
export type PayloadLogEvent =
  | { readonly kind: 'written'; readonly inferences: number; readonly key: string }
  | { readonly kind: 'dropped'; readonly inferences: number; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** How inferences are gathered. */
export interface PayloadLogOptions {
  /** Part of every object's name, so that gateways never write the same one. */
  readonly gatewayId: string;
  /** One inference as a line, without its end. */
  readonly encode: (inference: LoggedInference) => string;
  /** An object is written when it has so many bytes … */
  readonly objectBytes: number;
  /** … or when its first inference is so old. */
  readonly objectMs: number;
  /** Most bytes that wait for the store; others are dropped. */
  readonly maxWaitingBytes: number;
  readonly onEvent: (event: PayloadLogEvent) => void;
}

/** The inferences of one deployment that become one object. */
interface Batch {
  readonly folder: string;
  readonly firstAtMs: number;
  readonly lines: Buffer[];
  bytes: number;
}

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;

/**
 * Keeps inferences in the object store, as objects of lines of JSON: `payloads/<namespace>/<deployment>/<day>/<time>-<gateway>-<n>`.
 * One object is written at a time. While the store is slow or down, as much is kept as memory is allowed for.
 */
export class ObjectStorePayloadLog implements PayloadLog {
  readonly #openStore: () => Promise<ObjectStore>;
  readonly #options: PayloadLogOptions;
  readonly #open = new Map<string, Batch>();
  readonly #sealed: Batch[] = [];
  #waitingBytes = 0;
  #written = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #isClosed = false;
  /** Ends pauses between attempts. */
  readonly #closing = new AbortController();

  /** @param openStore asked at every attempt: a store that cannot be opened now may be there later. */
  constructor(openStore: () => Promise<ObjectStore>, options: PayloadLogOptions) {
    this.#openStore = openStore;
    this.#options = options;
  }

  /** Bytes that are not in the store yet. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  take(inference: LoggedInference): void {
    const line = this.#isClosed ? this.#drop(1, 'the log is closed') : this.#encoded(inference);
    if (line === undefined) return;
    const { maxWaitingBytes, objectBytes, objectMs } = this.#options;
    if (this.#waitingBytes + line.byteLength > maxWaitingBytes) {
      this.#drop(1, 'the store does not keep up');
      return;
    }
    this.#waitingBytes += line.byteLength;
    const batch = this.#batchOf(inference);
    batch.lines.push(line);
    batch.bytes += line.byteLength;
    if (batch.bytes >= objectBytes) this.#seal(batch);
    else this.#timer ??= setTimeout(() => this.#sealAll(), objectMs).unref();
  }

  async close(withinMs: number): Promise<void> {
    this.#sealAll();
    this.#isClosed = true;
    this.#closing.abort();
    const timeUp = new AbortController();
    const deadline = sleep(withinMs, undefined, { signal: timeUp.signal }).catch(() => {});
    await Promise.race([this.#writing, deadline]);
    timeUp.abort();
    const left = this.#sealed.splice(0).reduce((sum, { lines }) => sum + lines.length, 0);
    if (left > 0) this.#drop(left, 'the store did not take them before the end');
  }

  #encoded(inference: LoggedInference): Buffer | undefined {
    try {
      return Buffer.from(`${this.#options.encode(inference)}\n`);
    } catch (error) {
      return this.#drop(1, `it cannot be written down: ${(error as Error).message}`);
    }
  }

  #batchOf({ namespace, deployment, atMs }: LoggedInference): Batch {
    const folder = objectKeys.payloads(namespace, deployment);
    let batch = this.#open.get(folder);
    if (batch === undefined) {
      batch = { folder, firstAtMs: atMs, lines: [], bytes: 0 };
      this.#open.set(folder, batch);
    }
    return batch;
  }

  #sealAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const batch of [...this.#open.values()]) this.#seal(batch);
  }

  #seal(batch: Batch): void {
    this.#open.delete(batch.folder);
    this.#sealed.push(batch);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    for (let batch = this.#sealed[0]; batch !== undefined; batch = this.#sealed[0]) {
      await this.#write(batch, this.#keyOf(batch));
      // Closing may have given up on it meanwhile.
      if (this.#sealed[0] === batch) this.#sealed.shift();
      this.#waitingBytes -= batch.bytes;
    }
  }

  async #write(batch: Batch, key: string): Promise<void> {
    const bytes = Buffer.concat(batch.lines);
    for (let retryMs = RETRY_FIRST_MS; this.#sealed[0] === batch; retryMs = Math.min(retryMs * 2, RETRY_MAX_MS)) {
      try {
        const store = await this.#openStore();
        await store.put(key, bytes, { kind: 'absent' });
      } catch (error) {
        // An attempt whose outcome was not known had succeeded: nobody else writes this key.
        if (!isDomainError(error, 'PRECONDITION_FAILED')) {
          this.#options.onEvent({ kind: 'failed', error });
          await this.#pause(retryMs);
          continue;
        }
      }
      if (this.#sealed[0] === batch) this.#options.onEvent({ kind: 'written', inferences: batch.lines.length, key });
      return;
    }
  }

  /** Between attempts. A log that is being closed has no time for long ones. */
  async #pause(ms: number): Promise<void> {
    if (this.#isClosed) await sleep(RETRY_FIRST_MS);
    else await sleep(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {});
  }

  /** Sorts by time, and is this gateway's alone: the number grows with every object. */
  #keyOf({ folder, firstAtMs }: Batch): string {
    const [day = '', time = ''] = new Date(firstAtMs).toISOString().split('T');
    this.#written += 1;
    const number = String(this.#written).padStart(6, '0');
    return `${folder}${day}/${time.replaceAll(':', '-')}-${this.#options.gatewayId}-${number}.ndjson`;
  }

  #drop(inferences: number, reason: string): undefined {
    this.#options.onEvent({ kind: 'dropped', inferences, reason });
    return undefined;
  }
}
