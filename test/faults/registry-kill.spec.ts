import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { type ObjectStore, objectKeys, recordPlaceOf } from '#application/registry';
import type { Digest, ModelName, Namespace } from '#domain/registry';
import { digestOfBytes, openTestRegistry, type TestRegistry } from '#testing';
import { startMinio } from '../servers/minio.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { type Acknowledged, type LoadPlan, registerUnderFaults } from './registration-load.ts';

const MODELS = 50;
/** Under less load than this a fault proves little. */
const MIN_REGISTRATIONS_PER_SECOND = 50;
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const directory = (name: string) => {
  const path = mkdtempSync(join(tmpdir(), `slipway-${name}-`));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** Kills a random process every so often, and starts it again, until told to stop. @returns how many were killed. */
async function killAtRandom(processes: readonly RegistryProcess[], everyMs: number, isDone: () => boolean) {
  let kills = 0;
  while (!isDone()) {
    await sleep(everyMs * (0.5 + Math.random()));
    const victim = processes[Math.floor(Math.random() * processes.length)] as RegistryProcess;
    await victim.end('SIGKILL');
    kills += 1;
    await victim.start();
  }
  return kills;
}

async function loadUnderKills(processes: readonly RegistryProcess[], versions: number, clients: number) {
  const acknowledged: Acknowledged[] = [];
  const plan: LoadPlan = {
    urls: processes.map(({ url }) => url),
    clients,
    versions,
    models: MODELS,
    patienceMs: 60_000,
  };
  const startedMs = performance.now();
  let isDone = false;
  const load = registerUnderFaults(plan, acknowledged).finally(() => {
    isDone = true;
  });
  const killing = killAtRandom(processes, 1500, () => isDone);
  await load;
  const perSecond = versions / ((performance.now() - startedMs) / 1000);
  const kills = await killing;
  const retried = acknowledged.filter(({ attempts }) => attempts > 1).length;
  console.info(`${versions} versions at ${perSecond.toFixed(0)}/s, ${kills} kills, ${retried} registrations repeated`);
  expect(perSecond).toBeGreaterThan(MIN_REGISTRATIONS_PER_SECOND);
  expect(kills).toBeGreaterThan(1);
  expect(retried).toBeGreaterThan(0);
  return acknowledged;
}

/** What a registry that sees the bucket for the first time finds in it. */
async function expectIntact(store: ObjectStore, acknowledged: readonly Acknowledged[]) {
  const fresh = await openTestRegistry(store);
  const unlogged = await fresh.sweeper.sweep();
  expect(unlogged, 'every acknowledged version was in the log, so the sweep finds none').toBe(0);
  for (let model = 0; model < MODELS; model += 1) expectDense(fresh, `model-${model}`, acknowledged);
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

describe('no acknowledged registration is lost, none is doubled, and nothing else appears', () => {
  it('4 registries on one MinIO bucket, 64 clients, 5,000 versions, killed at random', async () => {
    const minio = await startMinio();
    cleanups.push(() => minio.stop());
    const state = directory('registry-kill');
    const environment = {
      SLIPWAY_STORE: 's3',
      SLIPWAY_S3_ENDPOINT: minio.endpoint,
      SLIPWAY_S3_TLS: 'false',
      SLIPWAY_S3_ACCESS_KEY: minio.accessKey,
      SLIPWAY_S3_SECRET_KEY: minio.secretKey,
    };
    const processes: RegistryProcess[] = [];
    for (let replica = 0; replica < 4; replica += 1) {
      const index = join(state, `index-${replica}.db`);
      const started = await RegistryProcess.start({ ...environment, SLIPWAY_REGISTRY_INDEX: index });
      cleanups.push(() => started.end('SIGKILL'));
      processes.push(started);
    }
    const acknowledged = await loadUnderKills(processes, 5000, 64);
    const store = await S3ObjectStore.open({
      s3Endpoint: minio.endpoint,
      s3UseTls: false,
      s3Bucket: 'slipway',
      s3Region: 'us-east-1',
      s3AccessKey: minio.accessKey,
      s3SecretKey: minio.secretKey,
    });
    await expectIntact(store, acknowledged);
  });

  it('one registry on a folder, 64 clients, 5,000 versions, killed at random', async () => {
    const state = directory('registry-kill');
    const folder = join(state, 'store');
    const registry = await RegistryProcess.start({
      SLIPWAY_STORE: 'fs',
      SLIPWAY_STORE_DIR: folder,
      SLIPWAY_REGISTRY_INDEX: join(state, 'index.db'),
    });
    cleanups.push(() => registry.end('SIGKILL'));
    const acknowledged = await loadUnderKills([registry], 5000, 64);
    await registry.end('SIGTERM');
    await expectIntact(await FsObjectStore.open(folder), acknowledged);
  });
});
