import type { AccessDocuments, AccessSource } from '#application/access';
import type { ObjectStore } from '#application/registry';
import { decodeKeys, decodePolicies } from './access-records.ts';
import { KEYS_KEY } from './object-store-keys.ts';
import { POLICIES_KEY } from './object-store-policies.ts';

/** Reads what decides over access from the bucket. */
export class ObjectStoreAccessSource implements AccessSource {
  readonly #open: () => Promise<ObjectStore>;

  /** @param open for programs that start without the bucket. */
  constructor(open: () => Promise<ObjectStore>) {
    this.#open = open;
  }

  async read(tag: string | undefined): Promise<{ documents: AccessDocuments; tag: string } | undefined> {
    const store = await this.#open();
    const [policies, keys] = await Promise.all([store.get(POLICIES_KEY), store.get(KEYS_KEY)]);
    const found = JSON.stringify([policies?.etag ?? null, keys?.etag ?? null]);
    if (found === tag) return undefined;
    const documents = {
      policies: policies === undefined ? undefined : decodePolicies(policies.bytes),
      keys: keys === undefined ? [] : decodeKeys(keys.bytes),
    };
    return { documents, tag: found };
  }
}
