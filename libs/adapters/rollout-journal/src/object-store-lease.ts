import type { ObjectStore } from '#application/registry';
import type { Lease, LeaseStore, TaggedLease } from '#application/rollout';
import { DomainError } from '#domain/errors';

const KEY = 'controllers/lease.json';
const SCHEMA = 'slipway.dev/v1/ControllerLease';

/** The controllers' lease as one JSON object in the bucket. */
export class ObjectStoreLease implements LeaseStore {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  async read(): Promise<TaggedLease | undefined> {
    const found = await this.#store.get(KEY);
    return found && { lease: decode(found.bytes), etag: found.etag };
  }

  async write(lease: Lease, etag: string | undefined): Promise<string> {
    const text = JSON.stringify({ schema: SCHEMA, ...lease }, undefined, 2);
    const condition = etag === undefined ? ({ kind: 'absent' } as const) : ({ kind: 'matches', etag } as const);
    return this.#store.put(KEY, new TextEncoder().encode(`${text}\n`), condition);
  }
}

function decode(bytes: Uint8Array): Lease {
  try {
    const { schema, ...lease } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as {
      schema: string;
    } & Lease;
    if (schema === SCHEMA && Number.isSafeInteger(lease.epoch) && lease.ttlMs >= 0) return lease;
  } catch (error) {
    throw invalid({ cause: error });
  }
  throw invalid();
}

function invalid(options?: ErrorOptions): DomainError {
  const advice = 'stop every controller and remove it';
  return new DomainError('RECORD_INVALID', `${KEY} is not a lease that this program reads: ${advice}`, {}, options);
}
