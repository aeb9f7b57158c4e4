import { expect } from 'vitest';
import { type ObjectStore, objectKeys, recordPlaceOf } from '#application/registry';
import type { Digest, ModelName, Namespace } from '#domain/registry';
import { digestOfBytes, openTestRegistry, type TestRegistry } from '#testing';
import type { Acknowledged } from './registration-load.ts';

/**
 * Checks, as a registry that sees the bucket for the first time, that it holds exactly the acknowledged versions: each intact, in
 * the log, numbered without gaps, with the bytes that were sent.
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
  for (const digest of new Set(acknowledged.map((entry) => entry.digest as Digest))) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await fresh.blobs.stream(digest)) ?? []) chunks.push(chunk);
    expect(digestOfBytes(Buffer.concat(chunks))).toBe(digest);
  }
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
