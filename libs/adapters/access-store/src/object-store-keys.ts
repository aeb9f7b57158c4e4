import type { ApiKeyRecord, ApiKeyStore } from '#application/access';
import type { ObjectStore } from '#application/registry';
import { decodeKeys, encodeKeys } from './access-records.ts';

export const KEYS_KEY = 'access/keys.json';

/** The API keys as one JSON object in the bucket. */
export class ObjectStoreKeys implements ApiKeyStore {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async read(): Promise<{ readonly keys: readonly ApiKeyRecord[]; readonly etag: string | undefined }> {
    const found = await this.#store.get(KEYS_KEY);
    return found === undefined ? { keys: [], etag: undefined } : { keys: decodeKeys(found.bytes), etag: found.etag };
  }

  async write(keys: readonly ApiKeyRecord[], etag: string | undefined): Promise<void> {
    const condition = etag === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'matches', etag } as const);
    await this.#store.put(KEYS_KEY, encodeKeys(keys), condition);
  }
}
