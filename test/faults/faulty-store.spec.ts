import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { RegistryClient } from '#adapters/registry-client';
import type { DomainError } from '#domain/errors';
import { eventually } from '../e2e/eventually.ts';
import { type MinioServer, startMinio } from '../servers/minio.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { FaultyStoreProxy, type StoreFault } from './faulty-store-proxy.ts';
import { expectIntact } from './intact-bucket.ts';
import { type Acknowledged, namespace, registerUnderFaults } from './registration-load.ts';
import { declareVersion, sendBytesOf, type WriteAnswer } from './timed-writes.ts';

const MODELS = 10;
const SEED = 4;
const ERROR_SHARE = 0.01;
const DELAY_MS = 5000;
/** Requests to the store, beside as many as it takes without errors: tries of ours, and clients that begin anew. */
const MAX_REQUEST_GROWTH = 1.1;
/** Of registrations, so many may fail for a client. */
const MAX_SEEN_SHARE = 0.01;
const MAX_TRIES = 3;
const LOOKUPS = 200;
const SILENT_SECONDS = 16;
/** A client is told this soon that the store says nothing: not much sooner, or it would take a slow one for gone. */
const MAX_SILENT_CALL_MS = 12_000;
/** And this soon once that is known. */
const MAX_REFUSED_MS = 2000;
const MAX_RECOVERY_MS = 10_000;
const MAX_HEALTH_MS = 3000;
/** Beyond its seconds, for a fault to show itself. */
const MAX_PERIOD_MS = 60_000;

const state = mkdtempSync(join(tmpdir(), 'slipway-faulty-store-'));
const acknowledged: Acknowledged[] = [];
const failures: { readonly error: DomainError; readonly tookMs: number }[] = [];
let minio: MinioServer;
let proxy: FaultyStoreProxy;
let replicas: RegistryProcess[] = [];
let load: Promise<unknown>;
let isEnding = false;

beforeAll(async () => {
  minio = await startMinio();
  proxy = await FaultyStoreProxy.start(minio.endpoint, SEED);
  const environment = { ...minio.environment(), SLIPWAY_S3_ENDPOINT: proxy.endpoint };
  const start = (replica: number) =>
    RegistryProcess.start({ ...environment, SLIPWAY_REGISTRY_INDEX: join(state, `index-${replica}.db`) });
  replicas = [await start(0), await start(1)];
  const plan = {
    urls: replicas.map(({ url }) => url),
    clients: 16,
    versions: 100_000,
    models: MODELS,
    patienceMs: 120_000,
    goesOn: () => !isEnding,
    onFailure: (error: DomainError, tookMs: number) => void failures.push({ error, tookMs }),
  };
  load = registerUnderFaults(plan, acknowledged).then(
    () => undefined,
    (error: unknown) => error,
  );
});

afterAll(async () => {
  for (const replica of replicas) await replica.end('SIGKILL');
  await proxy?.stop();
  await minio?.stop();
  rmSync(state, { recursive: true, force: true });
});

/** How long a fault is there: for some seconds, and longer on a slow machine, until it has shown itself in so many ways. */
interface FaultPeriod {
  readonly seconds: number;
  readonly versions?: number;
  readonly errors?: number;
}

/** What happened to the load in a time with a fault. */
async function during(fault: StoreFault, { seconds, versions: minVersions = 0, errors: minErrors = 0 }: FaultPeriod) {
  const before = { versions: acknowledged.length, failures: failures.length, requests: proxy.seen.length };
  const failedBefore = proxy.failed;
  proxy.fault = fault;
  await sleep(seconds * 1000);
  const hasShown = () => acknowledged.length - before.versions > minVersions && proxy.failed - failedBefore > minErrors;
  for (const endMs = performance.now() + MAX_PERIOD_MS; !hasShown() && performance.now() < endMs; ) await sleep(100);
  const versions = acknowledged.length - before.versions;
  // What follows the log asks all the time, whatever is registered.
  const requests = proxy.seen.slice(before.requests).filter(({ path }) => !path.includes('/log/')).length;
  return { versions, requests, failures: failures.slice(before.failures) };
}

/** How long it takes until a version is acknowledged again. */
async function recovery(): Promise<number> {
  const before = acknowledged.length;
  const startedMs = performance.now();
  proxy.fault = {};
  while (acknowledged.length === before && performance.now() < startedMs + 2 * MAX_RECOVERY_MS) await sleep(20);
  return performance.now() - startedMs;
}

const codesOf = (failed: typeof failures) => [...new Set(failed.map(({ error }) => error.code))];

describe('a registry whose store fails in part', () => {
  it('that answers one request in a hundred with 500, 503 or 409: clients hardly see it, and tries are few', async () => {
    await during({}, { seconds: 2 });
    const calm = await during({}, { seconds: 5, versions: 50 });
    const failedBefore = proxy.failed;
    const rough = await during({ errorShare: ERROR_SHARE }, { seconds: 10, versions: 200, errors: 20 });
    const errors = proxy.failed - failedBefore;
    proxy.fault = {};
    const growth = rough.requests / rough.versions / (calm.requests / calm.versions);
    console.info(
      `${(calm.requests / calm.versions).toFixed(1)} requests for a version, with ${errors} errors ${growth.toFixed(2)} times as many; ` +
        `${rough.versions} versions, ${rough.failures.length} failed calls: ${codesOf(rough.failures)}`,
    );
    expect(calm.failures).toEqual([]);
    expect(rough.versions).toBeGreaterThan(200);
    expect(errors).toBeGreaterThan(20);
    expect(rough.failures.length).toBeLessThan(MAX_SEEN_SHARE * rough.versions);
    expect(growth).toBeLessThan(MAX_REQUEST_GROWTH);
    expect(rough.failures.filter(({ error }) => !error.isRetryable)).toEqual([]);
  });

  it('that answers nothing but errors: no request is tried more than three times, and hardly any twice', async () => {
    const store = await S3ObjectStore.open({ ...minio.settings('slipway'), s3Endpoint: proxy.endpoint });
    const calls = 200;
    const triesOf = (name: string) => proxy.seen.filter(({ path }) => path.endsWith(name)).length;
    proxy.fault = { errorShare: 1 };
    for (let call = 0; call < calls; call += 1) await expect(store.head(`probes/${call}`)).rejects.toThrow();
    proxy.fault = {};
    const tries = Array.from({ length: calls }, (_, call) => triesOf(`/probes/${call}`));
    const total = tries.reduce((sum, count) => sum + count, 0);
    console.info(`${calls} calls, ${total} requests, ${Math.max(...tries)} for one at most`);
    expect(Math.max(...tries)).toBeLessThanOrEqual(MAX_TRIES);
    expect(Math.max(...tries)).toBeGreaterThan(1);
    expect(total).toBeLessThan(calls * 1.2);
    expect(await recovery()).toBeLessThan(MAX_RECOVERY_MS);
  });

  it('that breaks off or has a bit wrong in one answer of ten: no wrong record is believed', async () => {
    const bad = await during({ cutShare: 0.05, flipShare: 0.05 }, { seconds: 8, versions: 100 });
    proxy.fault = {};
    console.info(`${bad.versions} versions, ${bad.failures.length} failed calls: ${codesOf(bad.failures)}`);
    expect(bad.versions).toBeGreaterThan(100);
    expect(bad.failures.filter(({ error }) => !error.isRetryable)).toEqual([]);
    for (const { url } of replicas) await expectKnown(url, acknowledged.slice(-LOOKUPS));
  });

  it(`that takes ${DELAY_MS / 1000} s for every answer: versions come late, and all the same`, async () => {
    const slow = await during({ delayMs: DELAY_MS }, { seconds: 25 });
    const tookMs = await recovery();
    console.info(
      `${slow.versions} versions, ${slow.failures.length} failed calls: ${codesOf(slow.failures)}; ` +
        `the next version ${tookMs.toFixed(0)} ms after it was quick again`,
    );
    expect(slow.versions).toBeGreaterThan(0);
    expect(slow.failures.filter(({ error }) => !error.isRetryable)).toEqual([]);
    expect(tookMs).toBeLessThan(MAX_RECOVERY_MS);
  });

  it('that takes connections and says nothing: each call ends, health is told, and it goes on by itself', async () => {
    const [registry] = replicas;
    const url = registry?.url ?? '';
    proxy.fault = { isSilent: true };
    const startedMs = performance.now();
    const secondOf = () => (performance.now() - startedMs) / 1000;
    const calls: { readonly askedAt: number; readonly answer: Promise<WriteAnswer> }[] = [];
    const health: Promise<HealthAnswer>[] = [];
    while (secondOf() < SILENT_SECONDS) {
      const answers = [declareVersion(url, 'model-0'), sendBytesOf(url, 'model-0', 'draft')];
      calls.push(...answers.map((answer) => ({ askedAt: secondOf(), answer })));
      for (const path of ['/health/live', '/health/ready']) health.push(healthOf(url, path));
      await sleep(500);
    }
    const all = await Promise.all(calls.map(({ answer }) => answer));
    const later = all.filter((_, call) => (calls[call]?.askedAt ?? 0) > MAX_SILENT_CALL_MS / 1000);
    const told = await Promise.all(health);
    const tookMs = await recovery();
    console.info(
      `calls ended within ${slowest(all)} ms, later ones within ${slowest(later)} ms; health within ${slowest(told)} ms; ` +
        `the next version after ${tookMs.toFixed(0)} ms`,
    );
    for (const answer of all)
      expect(answer).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE', retryAfterSeconds: 1 });
    expect(slowest(all)).toBeLessThan(MAX_SILENT_CALL_MS);
    expect(later.length).toBeGreaterThan(4);
    expect(slowest(later)).toBeLessThan(MAX_REFUSED_MS);
    expect(slowest(told)).toBeLessThan(MAX_HEALTH_MS);
    for (const { path, status } of told) expect(status).toBe(path.endsWith('live') ? 200 : 503);
    expect(tookMs).toBeLessThan(MAX_RECOVERY_MS);
    // A look at the store that began while it was silent is answered to all who ask meanwhile.
    await eventually('the registry is ready', async () => registry?.isReady(), Boolean, MAX_RECOVERY_MS - tookMs);
  });

  it('lost nothing that it acknowledged', async () => {
    await during({}, { seconds: 3 });
    isEnding = true;
    expect(await load).toBeUndefined();
    console.info(`${acknowledged.length} versions`);
    await expectIntact(await S3ObjectStore.open(minio.settings('slipway')), acknowledged, MODELS);
  });
});

/** Asserts that a replica's index has versions as they were registered, those among them that others registered, too. */
async function expectKnown(url: string, versions: readonly Acknowledged[]): Promise<void> {
  const client = new RegistryClient(url);
  for (const { model, version, key, digest } of versions) {
    const found = await client.version(namespace, model, { version });
    expect(found?.labels).toEqual([{ name: 'key', value: key }]);
    expect(found?.variants[0]?.files[0]?.digest).toBe(digest);
  }
}

interface HealthAnswer {
  readonly path: string;
  readonly status: number;
  readonly tookMs: number;
}

async function healthOf(url: string, path: string): Promise<HealthAnswer> {
  const startedMs = performance.now();
  const { status } = await fetch(`${url}${path}`);
  return { path, status, tookMs: performance.now() - startedMs };
}

function slowest(answers: readonly { readonly tookMs: number }[]): number {
  return Math.round(Math.max(...answers.map(({ tookMs }) => tookMs)));
}
