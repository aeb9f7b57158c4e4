import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { ObjectStore } from '#application/registry';
import type { RoutedVersion } from '#application/rollout';
import { digestOfBytes } from '#testing';
import { eventually } from '../e2e/eventually.ts';
import { FleetServer } from '../servers/fleet-server.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { EXTERNAL_BODY, externalModel } from './external-model.ts';
import { textBody } from './rest-caller.ts';
import { rateOf, SteadyLoad } from './steady-load.ts';
import {
  blobOf,
  DIGITS_BODY,
  digitsFile,
  digitsKey,
  digitsRoute,
  type StoredFile,
  storeVersion,
} from './stored-model.ts';

const MIN_REQUESTS_PER_SECOND = 200;
const state = mkdtempSync(join(tmpdir(), 'slipway-damage-'));
const cacheDir = join(state, 'gateway/artifacts');
let store: ObjectStore;
let server: FleetServer;
let gateway: GatewayProcess;
let load: SteadyLoad;
let first: RoutedVersion;
let versions = 1;

beforeAll(async () => {
  store = await FsObjectStore.open(join(state, 'store'));
  server = await FleetServer.start();
  gateway = await GatewayProcess.start({
    stateDir: join(state, 'gateway'),
    environment: {
      SLIPWAY_STORE_DIR: join(state, 'store'),
      SLIPWAY_CONTROLLER_GRPC: server.address,
    },
  });
  first = await storeVersion(store, 1, [digitsFile(1, 'the first')]);
  server.publish(digitsRoute(first));
  await eventually(
    'version 1 serves',
    () => gateway.isReady(),
    (isReady) => isReady,
  );
  load = new SteadyLoad(gateway.url, 'digits', textBody(DIGITS_BODY), 4);
});

afterAll(async () => {
  await load?.stop();
  await gateway?.end('SIGKILL');
  server?.close();
  rmSync(state, { recursive: true, force: true });
});

const readinessOf = (version: number) => server.fleet.readinessOf(digitsKey(version));
const untilReady = (version: number) =>
  eventually(
    `version ${version} is ready`,
    async () => readinessOf(version),
    ({ kind }) => kind === 'ready',
  );
const flipped = (bytes: Uint8Array) => {
  const copy = Uint8Array.from(bytes);
  const middle = copy.byteLength >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
};
const ask = async (version: number, body = DIGITS_BODY) => {
  const response = await fetch(`${gateway.url}/v2/models/digits/versions/${version}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const answer = (await response.json()) as { outputs: { name: string; data: number[] }[] };
  return { status: response.status, data: answer.outputs?.find(({ name }) => name === 'y')?.data };
};

/** Puts another file in the place of every link to bytes, as somebody does who edits the folder. */
function replaceLinks(bytes: Uint8Array, swapped: Uint8Array): void {
  const targets = readdirSync(join(cacheDir, 'variants'))
    .map((folder) => join(cacheDir, 'variants', folder, 'weights.bin'))
    .filter((target) => readFileSync(target).equals(bytes));
  expect(targets).toHaveLength(1);
  for (const target of targets) {
    writeFileSync(`${target}.swapped`, swapped);
    renameSync(`${target}.swapped`, target);
  }
}

/** Kills every runner but that of the first version, so that files are used once more; waits for the new one. */
async function loseRunners(): Promise<void> {
  const [kept, ...lost] = gateway.runners;
  for (const pid of lost) process.kill(pid, 'SIGKILL');
  await eventually(
    'there is a new runner',
    async () => gateway.runners.filter((pid) => pid !== kept && !lost.includes(pid)),
    (runners) => runners.length > 0,
  );
}

describe('bytes that are not those of their digest are never loaded, and what served serves on', () => {
  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['one bit flipped', flipped],
    ['its end cut off', (bytes) => bytes.subarray(0, bytes.byteLength - 100)],
    ['nothing in it', () => new Uint8Array(0)],
    ['more in it than there should be', (bytes) => Buffer.concat([bytes, bytes])],
    ['another model, which could be loaded', () => digitsFile(3, 'another').bytes],
  ])('a blob with %s', async (remark, damage) => {
    versions += 1;
    const version = versions;
    const file = digitsFile(2, remark);
    const next = await storeVersion(store, version, [file]);
    await store.put(blobOf(file.bytes), damage(file.bytes));
    server.publish(digitsRoute(first, { candidate: next, candidateWeightPercent: 50, rolloutId: `r${version}` }));
    const failed = await eventually(
      'the candidate has failed',
      async () => readinessOf(version),
      ({ kind }) => kind === 'failed',
    );
    expect(failed).toMatchObject({ error: expect.stringContaining('ARTIFACT_CORRUPT') });
    expect((await ask(version)).status).toBe(503);
    // It is tried again by itself: a blob that was put right is found.
    await store.put(blobOf(file.bytes), file.bytes);
    await untilReady(version);
    expect((await ask(version)).status).toBe(200);
    server.publish(digitsRoute(first));
    await eventually(
      'its runner has ended',
      async () => gateway.runners.length,
      (count) => count === 1,
    );
  });

  it.each(['in the store', 'in the cache', 'beside the model, where the runtime reads it'])(
    'external data that was swapped %s',
    async (place) => {
      versions += 1;
      const version = versions;
      const weights = [version, 2, 3, 4];
      const files: readonly [StoredFile, StoredFile] = externalModel(weights);
      const swapped = externalModel([9, 9, 9, 9])[1].bytes;
      const data = files[1].bytes;
      const next = await storeVersion(store, version, files);
      if (place === 'in the store') await store.put(blobOf(data), swapped);
      server.publish(digitsRoute(first, { pinned: [next] }));
      if (place === 'in the store') {
        const failed = await eventually(
          'the version has failed',
          async () => server.fleet.pinnedReadinessOf(digitsKey(version)),
          ({ kind }) => kind === 'failed',
        );
        expect(failed).toMatchObject({ error: expect.stringContaining('ARTIFACT_CORRUPT') });
        await store.put(blobOf(data), data);
      }
      const served = () => ask(version, EXTERNAL_BODY);
      await eventually('it answers', served, ({ status }) => status === 200);
      if (place === 'in the cache') writeFileSync(join(cacheDir, 'sha256', digestOfBytes(data).slice(7)), swapped);
      if (place.startsWith('beside')) replaceLinks(data, swapped);
      await loseRunners();
      const again = await eventually('it answers again', served, ({ status }) => status === 200);
      expect(again.data).toEqual(weights);
      server.publish(digitsRoute(first));
      await eventually(
        'its runner has ended',
        async () => gateway.runners.length,
        (count) => count === 1,
      );
    },
  );

  it('the deployment answered every request meanwhile', async () => {
    const answers = await load.stop();
    const wrong = answers.filter(({ status }) => status !== 200);
    console.info(`${rateOf(answers).toFixed(0)} requests/s, ${wrong.length} failed`);
    expect(rateOf(answers)).toBeGreaterThan(MIN_REQUESTS_PER_SECOND);
    expect(wrong).toEqual([]);
    expect(await gateway.metric('slipway_artifact_cache_events_total', 'event="quarantined"')).toBeGreaterThan(6);
  });
});
