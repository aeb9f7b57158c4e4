import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { registryLogChain } from '#adapters/audit-store';
import { JsonRecordCodec } from '#adapters/json-schema';
import { verifyAudit } from '#application/audit';
import { type ObjectStore, objectKeys, recordPlaceOf } from '#application/registry';
import type { Digest, ModelName, Namespace } from '#domain/registry';
import { digestOfBytes, openTestRegistry, type TestRegistry } from '#testing';
import type { Acknowledged } from './registration-load.ts';

/**
 * Checks, as a registry that sees the bucket for the first time, that it holds exactly the acknowledged versions: each intact, in
 * the log, numbered without gaps, with the bytes that were sent. Whoever wrote the log, and died in the middle, it is one chain.
 */
export async function expectIntact(
  store: ObjectStore,
  acknowledged: readonly Acknowledged[],
  models: number,
): Promise<void> {
  const fresh = await openTestRegistry(store);
  const unlogged = await fresh.sweeper.sweep();
  expect(unlogged, 'every acknowledged version was in the log, so the sweep finds none').toBe(0);
  for (let model = 0; model < models; model += 1) expectDense(fresh, `model-${model}`, acknowledged);
  await expectNothingTorn(store, fresh, acknowledged.length);
  await expectOneChain(store);
  for (const digest of new Set(acknowledged.map((entry) => entry.digest as Digest))) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await fresh.blobs.stream(digest)) ?? []) chunks.push(chunk);
    expect(digestOfBytes(Buffer.concat(chunks))).toBe(digest);
  }
}

async function expectOneChain(store: ObjectStore): Promise<void> {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const chain = registryLogChain(async () => store, new JsonRecordCodec());
  const report = await verifyAudit([chain], { sha256, expected: [], onProgress: () => {} });
  expect(report).toMatchObject({ problems: [], chains: [{ chainedFrom: 1 }] });
}

/** The versions of a model are exactly the acknowledged ones, numbered 1, 2, 3 … without a gap. */
function expectDense(registry: TestRegistry, model: string, acknowledged: readonly Acknowledged[]) {
  const expected = acknowledged.filter((entry) => entry.model === model);
  const numbers = expected.map(({ version }) => version).sort((left, right) => left - right);
  expect(numbers).toEqual(expected.map((_, index) => index + 1));
  expect(registry.index.latestNumber('default' as Namespace, model as ModelName)).toBe(expected.length);
  for (const { key, version, digest } of expected) {
    const found = registry.index.version('default' as Namespace, model as ModelName, version);
    expect(found?.version.metadata.labels['key'], `${model}@${version}`).toBe(key);
    expect(found?.version.variants[0]?.files[0].digest).toBe(digest);
  }
}

/** Every record in the bucket can be read, equals what the index has of it, and no version is there that was not acknowledged. */
async function expectNothingTorn(store: ObjectStore, registry: TestRegistry, versions: number) {
  let count = 0;
  for await (const { key } of store.list(objectKeys.registry)) {
    const place = recordPlaceOf(key);
    if (place === undefined) throw new Error(`${key} is no record`);
    const found = await registry.records.read(place.kind, key);
    if (place.kind !== 'version') continue;
    count += 1;
    const { namespace, model, name } = place;
    const indexed = registry.index.version(namespace as Namespace, model as ModelName, Number(name));
    expect(found?.record).toEqual(indexed?.version);
  }
  expect(count).toBe(versions);
}
