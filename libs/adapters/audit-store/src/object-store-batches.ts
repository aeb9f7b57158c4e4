import type { BatchStore } from '#application/audit';
import type { ObjectStore } from '#application/registry';
import { isDomainError } from '#domain/errors';

const SEQUENCE_DIGITS = 12;

/** The batches of a chain as objects in the bucket: `<prefix><sequence><suffix>`. */
export class ObjectStoreBatches implements BatchStore {
  readonly prefix: string;
  readonly #suffix: string;
  readonly #open: () => Promise<ObjectStore>;

  /** @param open called for each use; answers the same store. */
  constructor(open: () => Promise<ObjectStore>, prefix: string, suffix: string) {
    this.#open = open;
    this.prefix = prefix;
    this.#suffix = suffix;
  }

  keyOf(sequence: number): string {
    return `${this.prefix}${String(sequence).padStart(SEQUENCE_DIGITS, '0')}${this.#suffix}`;
  }

  async read(sequence: number): Promise<Uint8Array | undefined> {
    return (await (await this.#open()).get(this.keyOf(sequence)))?.bytes;
  }

  async has(sequence: number): Promise<boolean> {
    return (await (await this.#open()).head(this.keyOf(sequence))) !== undefined;
  }

  async create(sequence: number, bytes: Uint8Array): Promise<boolean> {
    const store = await this.#open();
    try {
      await store.put(this.keyOf(sequence), bytes, { kind: 'absent' });
      return true;
    } catch (error) {
      if (isDomainError(error, 'PRECONDITION_FAILED')) return false;
      throw error;
    }
  }

  async *list(): AsyncIterable<{ readonly key: string; readonly sequence: number | undefined }> {
    for await (const { key } of (await this.#open()).list(this.prefix)) yield { key, sequence: this.#sequenceOf(key) };
  }

  #sequenceOf(key: string): number | undefined {
    const sequence = Number(key.slice(this.prefix.length, -this.#suffix.length));
    return Number.isSafeInteger(sequence) && sequence > 0 && this.keyOf(sequence) === key ? sequence : undefined;
  }
}

/** Where the programs write their entries. */
export function auditBatches(open: () => Promise<ObjectStore>): BatchStore {
  return new ObjectStoreBatches(open, 'audit/', '.jsonl');
}
