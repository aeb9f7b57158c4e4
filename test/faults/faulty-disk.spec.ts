import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { ObjectStore } from '#application/registry';
import type { RoutedVersion } from '#application/rollout';
import { eventually } from '../e2e/eventually.ts';
import { FleetServer } from '../servers/fleet-server.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { textBody } from './rest-caller.ts';
import { quantileMs, rateOf, SteadyLoad } from './steady-load.ts';
import { DIGITS_BODY, digitsFile, digitsKey, digitsRoute, type StoredFile, storeVersion } from './stored-model.ts';

const MIB = 1024 * 1024;
const CACHE_MIB = 64;
const MIN_REQUESTS_PER_SECOND = 200;
const preload = join(import.meta.dirname, 'faulty-disk.ts');
const state = mkdtempSync(join(tmpdir(), 'slipway-disk-'));
const modeFile = join(state, 'mode');
let store: ObjectStore;
let server: FleetServer;
let gateway: GatewayProcess;
let load: SteadyLoad;
let stable: RoutedVersion;
let versions = 0;

const disk = (mode: 'slow' | 'full' | 'unreadable' | 'failing' | 'read-only' | '') => writeFileSync(modeFile, mode);
const untilReady = () =>
  eventually(
    'the gateway is ready',
    () => gateway.isReady(),
    (isReady) => isReady,
  );
const newVersion = (padding: readonly StoredFile[] = []) => {
  versions += 1;
  return storeVersion(store, versions, [digitsFile(2, `version ${versions}`), ...padding]);
};
/** So many bytes that no other version has. */
const padding = (mib: number): StoredFile => ({
  path: `assets/${versions}.bin`,
  bytes: Buffer.alloc(mib * MIB, `padding of ${versions}`),
});
const readiness = (version = versions) => server.fleet.readinessOf(digitsKey(version));
const untilLoaded = (version = versions) =>
  eventually(
    `version ${version} is ready`,
    async () => readiness(version),
    ({ kind }) => kind === 'ready',
    30_000,
  );
const serve = async (next: RoutedVersion) => {
  server.publish(digitsRoute(stable, { candidate: next }));
  await untilLoaded(next.servable.version);
  server.publish(digitsRoute(next));
  stable = next;
};
const eventsOf = (kind: string) => gateway.metric('slipway_artifact_cache_events_total', `event="${kind}"`);
const untilEvent = (kind: string, moreThan: number) =>
  eventually(
    `the cache reports ${kind}`,
    () => eventsOf(kind),
    (count) => count > moreThan,
  );

beforeAll(async () => {
  disk('');
  store = await FsObjectStore.open(join(state, 'store'));
  server = await FleetServer.start();
  gateway = await GatewayProcess.start({
    stateDir: join(state, 'gateway'),
    nodeArguments: ['--import', preload],
    environment: {
      SLIPWAY_STORE_DIR: join(state, 'store'),
      SLIPWAY_CONTROLLER_GRPC: server.address,
      SLIPWAY_GATEWAY_CACHE_MIB: String(CACHE_MIB),
      FAULTY_FOLDER: join(state, 'gateway/artifacts'),
      FAULTY_MODE_FILE: modeFile,
    },
  });
  stable = await newVersion();
  server.publish(digitsRoute(stable));
  await untilReady();
  load = new SteadyLoad(gateway.url, 'digits', textBody(DIGITS_BODY), 4);
});

afterAll(async () => {
  await load?.stop();
  await gateway?.end('SIGKILL');
  server?.close();
  rmSync(state, { recursive: true, force: true });
});

describe("a gateway whose artifacts' disk fails", () => {
  it('that is slow: versions come later, requests do not', async () => {
    const sinceMs = performance.now();
    disk('slow');
    await serve(await newVersion([padding(8)]));
    disk('');
    const answers = load.since(sinceMs);
    console.info(`slow disk: p99 ${quantileMs(answers, 0.99).toFixed(1)} ms over ${answers.length} requests`);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(quantileMs(answers, 0.99)).toBeLessThan(100);
  });

  it('that is full: what nobody needs makes room, then the version waits and says so, then it comes by itself', async () => {
    const evicted = await eventsOf('evicted');
    const unwritable = await eventsOf('unwritable');
    // The first version's file is there still, and of no use to anybody.
    disk('full');
    const next = await newVersion();
    server.publish(digitsRoute(stable, { candidate: next }));
    await untilEvent('evicted', evicted);
    await untilEvent('unwritable', unwritable);
    expect(readiness().kind).toBe('loading');
    disk('');
    await serve(next);
  });

  it('that cannot write: the version waits, and comes when it can', async () => {
    const unwritable = await eventsOf('unwritable');
    disk('failing');
    const next = await newVersion();
    server.publish(digitsRoute(stable, { candidate: next }));
    await untilEvent('unwritable', unwritable);
    disk('');
    await serve(next);
  });

  it('that cannot read a file back: the file is brought again, and nothing wrong is loaded', async () => {
    const quarantined = await eventsOf('quarantined');
    const extra = await newVersion();
    server.publish(digitsRoute(stable, { pinned: [extra] }));
    const pinnedReady = () =>
      eventually(
        'it is served by name',
        async () => server.fleet.pinnedReadinessOf(digitsKey(versions)),
        ({ kind }) => kind === 'ready',
      );
    await pinnedReady();
    disk('unreadable');
    const [, lost] = gateway.runners;
    process.kill(lost ?? 0, 'SIGKILL');
    await untilEvent('quarantined', quarantined);
    disk('');
    await pinnedReady();
    server.publish(digitsRoute(stable));
  });

  it('the deployment answered every request meanwhile', async () => {
    const answers = await load.stop();
    const wrong = answers.filter(({ status }) => status !== 200);
    console.info(`${rateOf(answers).toFixed(0)} requests/s, ${wrong.length} failed`);
    expect(rateOf(answers)).toBeGreaterThan(MIN_REQUESTS_PER_SECOND);
    expect(wrong).toEqual([]);
  });

  it('that is read-only: a restart serves what is there, and refuses no request', async () => {
    await gateway.end('SIGTERM');
    disk('read-only');
    await gateway.start();
    await untilReady();
    const unwritable = await eventsOf('unwritable');
    const next = await newVersion();
    server.publish(digitsRoute(stable, { candidate: next }));
    await untilEvent('unwritable', unwritable);
    const url = `${gateway.url}/v2/models/digits/infer`;
    const response = await fetch(url, { method: 'POST', body: DIGITS_BODY });
    expect(response.headers.get('slipway-served-by')).toBe(String(stable.servable.version));
    disk('');
    await serve(next);
  });
});

describe('a gateway that is killed while it pulls', () => {
  it('goes on where it was when it is started again', async () => {
    const before = await gateway.metric('slipway_artifact_cache_bytes');
    disk('slow');
    const next = await newVersion([padding(24)]);
    server.publish(digitsRoute(stable, { candidate: next }));
    await eventually(
      'a part has come',
      () => gateway.metric('slipway_artifact_cache_bytes'),
      (bytes) => bytes > before + 4 * MIB,
    );
    await gateway.end('SIGKILL');
    disk('');
    await gateway.start();
    await untilReady();
    await untilLoaded();
    const pulls = [...gateway.log.matchAll(/"sizeBytes":25165824,"keptBytes":(\d+)/g)].map(([, kept]) => Number(kept));
    console.info(`resumed after ${(pulls[0] ?? 0) / MIB} of 24 MiB`);
    expect(pulls).toHaveLength(1);
    expect(pulls[0]).toBeGreaterThanOrEqual(4 * MIB);
  });
});
