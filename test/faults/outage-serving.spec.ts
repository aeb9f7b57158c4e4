import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { RegistryClient } from '#adapters/registry-client';
import { eventually } from '../e2e/eventually.ts';
import { FleetServer } from '../servers/fleet-server.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { type MinioServer, startMinio } from '../servers/minio.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { outageSeconds, outageTestTimeoutMs } from './outage-seconds.ts';
import { type Acknowledged, namespace, registerUnderFaults } from './registration-load.ts';
import { type Answered, textBody } from './rest-caller.ts';
import { quantileMs, rateOf, SteadyLoad } from './steady-load.ts';
import { DIGITS_BODY, digitsFile, digitsKey, digitsRoute, storeVersion } from './stored-model.ts';
import { declareVersion, sendBytesOf, type WriteAnswer } from './timed-writes.ts';

const WINDOW_MS = 2000;
const CALM_SECONDS = 12;
/** Of the calls' 99th percentile beside that before the outage; and what a machine with other work may add to it. */
const MAX_SLOWDOWN = 1.2;
const NOISE_MS = 5;
const MIN_REQUESTS_PER_SECOND = 200;
const MAX_REFUSED_MS = 2000;
const MAX_RECOVERY_MS = 10_000;
/** Of the second half of the outage beside the first; and what garbage that waits for its collection may add to it. */
const MAX_MEMORY_GROWTH = 1.15;
const GARBAGE_MIB = 24;

const state = mkdtempSync(join(tmpdir(), 'slipway-outage-serving-'));
let minio: MinioServer;
let registry: RegistryProcess;
let server: FleetServer;
let gateway: GatewayProcess;

beforeAll(async () => {
  minio = await startMinio();
  server = await FleetServer.start();
  registry = await RegistryProcess.start({ ...minio.environment(), SLIPWAY_REGISTRY_INDEX: join(state, 'index.db') });
  gateway = await GatewayProcess.start({
    stateDir: join(state, 'gateway'),
    environment: { ...minio.environment(), SLIPWAY_CONTROLLER_GRPC: server.address },
  });
});

afterAll(async () => {
  await gateway?.end('SIGKILL');
  await registry?.end('SIGKILL');
  server?.close();
  await minio?.stop();
  rmSync(state, { recursive: true, force: true });
});

const title = `a store that is gone for ${outageSeconds} s: models answer as before, writes are refused soon, reads go on, and it recovers by itself`;

it(title, { timeout: outageTestTimeoutMs }, async () => {
  const registered: Acknowledged[] = [];
  const plan = { urls: [registry.url], clients: 2, versions: 10, models: 1, patienceMs: 10_000 };
  await registerUnderFaults(plan, registered);
  const store = await S3ObjectStore.open(minio.settings('slipway'));
  const stable = await storeVersion(store, 1, [digitsFile(1, 'served')]);
  const wanted = await storeVersion(store, 2, [digitsFile(2, 'wanted in the outage')]);
  server.publish(digitsRoute(stable));
  await eventually(
    'the first version serves',
    () => gateway.isReady(),
    (isReady) => isReady,
  );
  const load = new SteadyLoad(gateway.url, 'digits', textBody(DIGITS_BODY), 4, 10);
  await sleep(WINDOW_MS);
  const calmFromMs = performance.now();
  await watch(CALM_SECONDS, registered);
  const calm = load.since(calmFromMs);

  await minio.kill();
  server.publish(digitsRoute(stable, { pinned: [wanted] }));
  const goneAtMs = performance.now();
  const watched = await watch(outageSeconds, registered);
  const gone = load.since(goneAtMs);
  await minio.resume();
  const recovery = await recoveryTimes();
  const answers = await load.stop();

  const [before, during] = [typicalP99(calm), typicalP99(gone)];
  const slowestWriteMs = Math.max(...watched.writes.map(({ tookMs }) => tookMs));
  console.info(
    `${rateOf(gone).toFixed(0)} inferences/s, p99 ${before.toFixed(1)} ms before and ${during.toFixed(1)} ms in the outage; ` +
      `${watched.writes.length} writes refused within ${slowestWriteMs.toFixed(0)} ms; ` +
      `gateway ${watched.gatewayMib.map(whole)} MiB, registry ${watched.registryMib.map(whole)} MiB; ` +
      `a write after ${whole(recovery.writeMs)} ms, the version that was wanted after ${whole(recovery.versionMs)} ms`,
  );
  expect(rateOf(gone)).toBeGreaterThan(MIN_REQUESTS_PER_SECOND);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(during).toBeLessThan(Math.max(before * MAX_SLOWDOWN, before + NOISE_MS));
  for (const write of watched.writes)
    expect(write).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE', retryAfterSeconds: 1 });
  expect(slowestWriteMs).toBeLessThan(MAX_REFUSED_MS);
  expect(watched.readiness).toEqual(new Set([false]));
  for (const [early, late] of [watched.gatewayMib, watched.registryMib])
    expect(late).toBeLessThan(early * MAX_MEMORY_GROWTH + GARBAGE_MIB);
  expect(recovery.writeMs).toBeLessThan(MAX_RECOVERY_MS);
  expect(recovery.versionMs).toBeLessThan(MAX_RECOVERY_MS);
});

/** Tries once a second what needs the store, and what shall be answered whether it is there or not. */
async function watch(seconds: number, registered: readonly Acknowledged[]) {
  const writes: WriteAnswer[] = [];
  const readiness: boolean[] = [];
  const memory: { readonly gateway: number; readonly registry: number }[] = [];
  const client = new RegistryClient(registry.url);
  const endsAtMs = performance.now() + seconds * 1000;
  const [known] = registered;
  const { model, version, key } = known ?? { model: '', version: 0, key: '' };
  while (performance.now() < endsAtMs) {
    writes.push(await declareVersion(registry.url, model), await sendBytesOf(registry.url, model, 'draft'));
    readiness.push(await registry.isReady());
    expect(await gateway.isReady()).toBe(true);
    // What is registered can be looked up: it comes from the index.
    expect((await client.version(namespace, model, { version }))?.labels).toEqual([{ name: 'key', value: key }]);
    expect((await client.newestVersions(namespace, model, 5)).totalCount).toBe(registered.length);
    memory.push({ gateway: gateway.residentMib, registry: registry.residentMib });
    await sleep(Math.min(1000, Math.max(0, endsAtMs - performance.now())));
  }
  return {
    writes,
    readiness: new Set(readiness),
    gatewayMib: halves(memory.map((sample) => sample.gateway)),
    registryMib: halves(memory.map((sample) => sample.registry)),
  };
}

async function recoveryTimes(): Promise<{ readonly writeMs: number; readonly versionMs: number }> {
  const startedMs = performance.now();
  const tookMs = () => performance.now() - startedMs;
  const written = eventually(
    'a write is accepted',
    () => declareVersion(registry.url, 'model-0'),
    ({ status, code }) => status === 200 && code === '',
  ).then(tookMs);
  const loaded = eventually(
    'the version that was wanted is served',
    async () => server.fleet.pinnedReadinessOf(digitsKey(2)),
    ({ kind }) => kind === 'ready',
  ).then(tookMs);
  const [writeMs, versionMs] = await Promise.all([written, loaded]);
  expect(await registry.isReady()).toBe(true);
  return { writeMs, versionMs };
}

/** The 99th percentile of most times: the median over windows, so that a moment of other work on the machine does not count. */
function typicalP99(answers: readonly Answered[]): number {
  const windows = new Map<number, Answered[]>();
  for (const answer of answers) {
    const window = Math.floor(answer.atMs / WINDOW_MS);
    const others = windows.get(window);
    if (others === undefined) windows.set(window, [answer]);
    else others.push(answer);
  }
  const p99s = [...windows.values()].map((window) => quantileMs(window, 0.99)).sort((left, right) => left - right);
  return p99s[p99s.length >> 1] ?? Number.NaN;
}

/** The most in the first half and in the second. */
function halves(samples: readonly number[]): readonly [number, number] {
  const half = samples.length >> 1;
  return [Math.max(...samples.slice(0, half)), Math.max(...samples.slice(half))];
}

function whole(value: number): string {
  return value.toFixed(0);
}
