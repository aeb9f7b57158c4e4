import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { RegistryClient } from '#adapters/registry-client';
import { eventually } from '../e2e/eventually.ts';
import { startMinio } from '../servers/minio.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { expectIntact } from './intact-bucket.ts';
import { outageSeconds, outageTestTimeoutMs } from './outage-seconds.ts';
import { type Acknowledged, type LoadPlan, registerUnderFaults } from './registration-load.ts';

const MODELS = 10;
/** Before the outage, and after it. */
const ENOUGH_VERSIONS = 200;
const OUTAGE_MS = outageSeconds * 1000;
/** A client is told this soon that the bucket is gone. */
const MAX_ERROR_MS = 15_000;

const title = `a bucket that is gone for ${outageSeconds} s: clear errors that may be retried, nothing lost, and no help needed afterwards`;

it(title, { timeout: outageTestTimeoutMs }, async () => {
  const minio = await startMinio();
  const state = mkdtempSync(join(tmpdir(), 'slipway-outage-'));
  const start = (replica: number) =>
    RegistryProcess.start({ ...minio.environment(), SLIPWAY_REGISTRY_INDEX: join(state, `index-${replica}.db`) });
  const replicas = [await start(0), await start(1)];
  try {
    const acknowledged: Acknowledged[] = [];
    const failures: { code: string; tookMs: number; atMs: number }[] = [];
    let isEnding = false;
    const plan: LoadPlan = {
      urls: replicas.map(({ url }) => url),
      clients: 16,
      versions: 100_000,
      models: MODELS,
      patienceMs: 2 * OUTAGE_MS,
      goesOn: () => !isEnding,
      onFailure: ({ code }, tookMs) => failures.push({ code, tookMs, atMs: performance.now() }),
    };
    const load = registerUnderFaults(plan, acknowledged);
    const hasMoreThan = (count: number) =>
      eventually(
        'versions are acknowledged',
        async () => acknowledged.length,
        (length) => length > count,
        120_000,
      );
    await hasMoreThan(ENOUGH_VERSIONS);
    const before = acknowledged.length;
    const downAtMs = performance.now();
    await minio.kill();
    await sleep(OUTAGE_MS / 2);
    // What is registered can be looked up meanwhile: it comes from the index.
    const [known] = acknowledged;
    const client = new RegistryClient(replicas[0]?.url ?? '');
    const found = await client.version('default', known?.model ?? '', { version: known?.version ?? 0 });
    expect(found?.labels).toEqual([{ name: 'key', value: known?.key }]);
    expect(await replicas[0]?.isReady()).toBe(false);
    await sleep(OUTAGE_MS / 2);
    const during = acknowledged.length;
    await minio.resume();
    const upAtMs = performance.now();
    while (acknowledged.length === during) await sleep(20);
    const recoveredMs = performance.now() - upAtMs;
    await hasMoreThan(during + ENOUGH_VERSIONS);
    isEnding = true;
    await load;

    const after = acknowledged.length - during;
    const slowestMs = Math.max(...failures.map(({ tookMs }) => tookMs));
    console.info(
      `${before} versions before, ${after} after; ${failures.length} retryable errors, the slowest after ${slowestMs.toFixed(0)} ms; ` +
        `first version ${recoveredMs.toFixed(0)} ms after the bucket came back`,
    );
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['STORE_UNAVAILABLE']));
    expect(failures.every(({ atMs }) => atMs > downAtMs)).toBe(true);
    expect(slowestMs).toBeLessThan(MAX_ERROR_MS);
    expect(recoveredMs).toBeLessThan(10_000);
    await expectIntact(await S3ObjectStore.open(minio.settings('slipway')), acknowledged, MODELS);
  } finally {
    for (const replica of replicas) await replica.end('SIGKILL');
    await minio.stop();
    rmSync(state, { recursive: true, force: true });
  }
});
