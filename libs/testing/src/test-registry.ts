import { createHash, randomUUID } from 'node:crypto';
import { JsonRecordCodec } from '#adapters/json-schema';
import { FormatInspector } from '#adapters/model-format-onnx';
import { SqliteRegistryIndex } from '#adapters/registry-index-sqlite';
import {
  composeRegistry,
  type GracePeriods,
  type NewDigest,
  type ObjectStore,
  openBucket,
  type Registry,
  RegistryRecords,
  type VersionUsage,
} from '#application/registry';
import type { Digest } from '#domain/registry';

/** A registry as one process has it, over a store that others may share. */
export interface TestRegistry extends Registry {
  readonly records: RegistryRecords;
}

export const sha256: NewDigest = () => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => `sha256:${hash.digest('hex')}` as Digest };
};

export function digestOfBytes(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

const hourMs = 3_600_000;
const defaultGrace: GracePeriods = { blobMs: hourMs, draftMs: 24 * hourMs, tombstoneMs: 24 * hourMs };

const unused: VersionUsage = { usersOf: async () => [] };

/** Opens a registry with an index of its own, brings it up to date, and makes sure of the default namespace. */
export async function openTestRegistry(
  store: ObjectStore,
  { indexPath = ':memory:', usage = unused, now = () => new Date().toISOString(), grace = defaultGrace } = {},
): Promise<TestRegistry> {
  const records = new RegistryRecords(store, new JsonRecordCodec());
  const { id } = await openBucket(records, randomUUID, now);
  const index = SqliteRegistryIndex.open(indexPath, id);
  const inspector = new FormatInspector();
  const registry = composeRegistry({
    store,
    records,
    index,
    inspector,
    usage,
    newDigest: sha256,
    grace,
    now,
    randomId: randomUUID,
  });
  await registry.log.catchUp();
  await registry.namespaces.ensureDefault();
  return { ...registry, records };
}
