import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3ObjectStore } from '#adapters/object-store-s3';
import type { RoutedVersion } from '#application/rollout';
import { eventually } from '../e2e/eventually.ts';
import { FleetServer } from '../servers/fleet-server.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { type MinioServer, startMinio } from '../servers/minio.ts';
import { FaultyStoreProxy, type StoreFault } from './faulty-store-proxy.ts';
import { RestCaller, textBody } from './rest-caller.ts';
import { rateOf, SteadyLoad } from './steady-load.ts';
import { DIGITS_BODY, digitsFile, digitsKey, digitsRoute, storeVersion } from './stored-model.ts';

const MIB = 1024 * 1024;
const PADDING_MIB = 8;
const SEED = 5;
const MIN_REQUESTS_PER_SECOND = 100;
const MAX_RECOVERY_MS = 10_000;
const state = mkdtempSync(join(tmpdir(), 'slipway-faulty-pulls-'));
let minio: MinioServer;
let store: S3ObjectStore;
let proxy: FaultyStoreProxy;
let server: FleetServer;
let gateway: GatewayProcess;
let load: SteadyLoad;
let stable: RoutedVersion;
let expected: string;
let versions = 0;

/** A version with the weights of the first, and bytes beside them that no other version has. */
const newVersion = () => {
  versions += 1;
  const bytes = Buffer.alloc(PADDING_MIB * MIB, `padding of ${versions}`);
  return storeVersion(store, versions, [digitsFile(2, `version ${versions}`), { path: 'assets/padding.bin', bytes }]);
};
const readiness = () => server.fleet.readinessOf(digitsKey(versions));
const untilReady = (withinMs: number) =>
  eventually(
    `version ${versions} is ready`,
    async () => readiness(),
    ({ kind }) => kind === 'ready',
    withinMs,
  );
/** What the deployment answers, without the names that differ from version to version. */
async function answer(): Promise<string> {
  const caller = new RestCaller(gateway.url);
  const { status, body } = await caller.infer('digits', textBody(DIGITS_BODY));
  caller.close();
  expect(status).toBe(200);
  return JSON.stringify((JSON.parse(body.toString()) as { outputs: unknown }).outputs);
}

beforeAll(async () => {
  minio = await startMinio();
  store = await S3ObjectStore.open(minio.settings('slipway'));
  proxy = await FaultyStoreProxy.start(minio.endpoint, SEED);
  server = await FleetServer.start();
  gateway = await GatewayProcess.start({
    stateDir: join(state, 'gateway'),
    environment: {
      ...minio.environment(),
      SLIPWAY_S3_ENDPOINT: proxy.endpoint,
      SLIPWAY_CONTROLLER_GRPC: server.address,
    },
  });
  stable = await newVersion();
  server.publish(digitsRoute(stable));
  await eventually(
    'the first version serves',
    () => gateway.isReady(),
    (isReady) => isReady,
  );
  expected = await answer();
  load = new SteadyLoad(gateway.url, 'digits', textBody(DIGITS_BODY), 4, 5);
});

afterAll(async () => {
  await load?.stop();
  await gateway?.end('SIGKILL');
  server?.close();
  await proxy?.stop();
  await minio?.stop();
  rmSync(state, { recursive: true, force: true });
});

/** Publishes a new version beside the one that serves, for half of the requests. */
async function publishNext(): Promise<RoutedVersion> {
  const next = await newVersion();
  server.publish(digitsRoute(stable, { candidate: next, candidateWeightPercent: 50, rolloutId: `r${versions}` }));
  return next;
}

async function serve(next: RoutedVersion): Promise<void> {
  server.publish(digitsRoute(next));
  stable = next;
  expect(await answer()).toBe(expected);
}

/** Asserts that the version that is wanted comes soon, now that nothing is wrong. */
async function untilRecovered(): Promise<void> {
  const rightAtMs = performance.now();
  await untilReady(MAX_RECOVERY_MS);
  console.info(`ready ${(performance.now() - rightAtMs).toFixed(0)} ms after the store was right`);
}

describe('a gateway that brings a version from a store that fails', () => {
  it.each<[string, StoreFault, 'loading' | 'failed', number]>([
    ['cuts every object off in the middle', { cutShare: 1 }, 'loading', 2],
    ['flips a bit of every object', { flipShare: 1 }, 'failed', 3],
    ['gives half of every object, and is silent then', { stallShare: 1 }, 'loading', 12],
    ['takes connections and says nothing', { isSilent: true }, 'loading', 12],
    ['answers nothing but errors', { errorShare: 1 }, 'loading', 3],
  ])(
    'that %s: it is not loaded, and comes soon when the store is right again',
    async (_what, fault, state, seconds) => {
      proxy.fault = fault;
      const next = await publishNext();
      await sleep(seconds * 1000);
      const meanwhile = await eventually(
        `it is ${state}`,
        async () => readiness(),
        ({ kind }) => kind === state,
      );
      if (meanwhile.kind === 'failed') expect(meanwhile.error).toContain('ARTIFACT_CORRUPT');
      proxy.fault = {};
      await untilRecovered();
      await serve(next);
    },
  );

  it('that takes no connection: likewise', async () => {
    await proxy.refuse();
    const next = await publishNext();
    await sleep(3000);
    expect(readiness().kind).toBe('loading');
    await proxy.accept();
    await untilRecovered();
    await serve(next);
  });

  it('that takes 5 s for each answer, and breaks off or fails in most of them: it comes all the same', async () => {
    proxy.fault = { delayMs: 5000, errorShare: 0.1, cutShare: 0.5 };
    const next = await publishNext();
    await untilReady(90_000);
    proxy.fault = {};
    await serve(next);
  });

  it('goes on where the store broke off', () => {
    const kept = [...gateway.log.matchAll(/"keptBytes":(\d+)/g)].map(([, bytes]) => Number(bytes));
    expect(Math.max(...kept)).toBeGreaterThan((PADDING_MIB * MIB) / 4);
  });

  it('answered every request meanwhile, and keeps no wrong bytes', async () => {
    const answers = await load.stop();
    const wrong = answers.filter(({ status }) => status !== 200);
    console.info(`${rateOf(answers).toFixed(0)} requests/s, ${wrong.length} failed`);
    expect(rateOf(answers)).toBeGreaterThan(MIN_REQUESTS_PER_SECOND);
    expect(wrong).toEqual([]);
    const folder = join(state, 'gateway/artifacts/sha256');
    for (const name of readdirSync(folder).filter((file) => /^[0-9a-f]{64}$/.test(file)))
      expect(
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ).toBe(name);
  });
});
