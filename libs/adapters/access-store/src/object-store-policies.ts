import type { PolicyPublisher, PublishedPolicies } from '#application/access';
import type { ObjectStore } from '#application/registry';
import { DomainError } from '#domain/errors';
import { decodePolicies, encodePolicies } from './access-records.ts';

export const POLICIES_KEY = 'access/policies.json';

/** Publishes policies as one JSON object in the bucket. */
export class ObjectStorePolicies implements PolicyPublisher {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async publish(policies: PublishedPolicies, epoch: number): Promise<void> {
    const found = await this.#store.get(POLICIES_KEY);
    const before = found && decodePolicies(found.bytes);
    if (before !== undefined && before.epoch > epoch) {
      throw new DomainError('PRECONDITION_FAILED', `a controller of epoch ${before.epoch} has published policies`);
    }
    const next = encodePolicies({ ...policies, epoch });
    if (found !== undefined && Buffer.from(found.bytes).equals(next)) return;
    const condition =
      found === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'matches', etag: found.etag } as const);
    await this.#store.put(POLICIES_KEY, next, condition);
  }
}
