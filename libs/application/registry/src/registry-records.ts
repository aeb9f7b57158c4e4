import { isDomainError } from '#domain/errors';
import type { ObjectStore, WriteCondition } from './object-store.ts';
import type { RecordCodec, RecordKind, RecordTypes } from './record-codec.ts';

/** A record with the tag that a compare-and-swap of it must name. */
export interface Tagged<T> {
  readonly record: T;
  readonly etag: string;
  /** As they are stored. */
  readonly bytes: Uint8Array;
}

/** The registry's records in their bucket. It adds types to keys and bytes, and no rules. */
export class RegistryRecords {
  readonly #store: ObjectStore;
  readonly #codec: RecordCodec;

  constructor(store: ObjectStore, codec: RecordCodec) {
    this.#store = store;
    this.#codec = codec;
  }

  async read<Kind extends RecordKind>(kind: Kind, key: string): Promise<Tagged<RecordTypes[Kind]> | undefined> {
    const found = await this.#store.get(key);
    return found && { ...found, record: this.#codec.decode(kind, found.bytes) };
  }

  /** Creates a record unless its key is taken; answers whether it did. */
  async create<Kind extends RecordKind>(kind: Kind, key: string, record: RecordTypes[Kind]): Promise<boolean> {
    return (await this.createBytes(kind, key, record)) !== undefined;
  }

  /** Creates a record unless its key is taken. @returns its bytes as they are stored; `undefined` when the key was taken. */
  async createBytes<Kind extends RecordKind>(
    kind: Kind,
    key: string,
    record: RecordTypes[Kind],
  ): Promise<Uint8Array | undefined> {
    const bytes = this.#codec.encode(kind, record);
    return (await this.#put(key, bytes, { kind: 'absent' })) ? bytes : undefined;
  }

  /** Writes a record under a condition; answers whether the condition held. */
  async write<Kind extends RecordKind>(
    kind: Kind,
    key: string,
    record: RecordTypes[Kind],
    condition: WriteCondition,
  ): Promise<boolean> {
    return this.#put(key, this.#codec.encode(kind, record), condition);
  }

  async remove(key: string): Promise<void> {
    await this.#store.delete(key);
  }

  async #put(key: string, bytes: Uint8Array, condition: WriteCondition): Promise<boolean> {
    try {
      await this.#store.put(key, bytes, condition);
      return true;
    } catch (error) {
      if (isDomainError(error, 'PRECONDITION_FAILED')) return false;
      throw error;
    }
  }
}
