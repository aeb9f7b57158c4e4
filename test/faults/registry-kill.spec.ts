import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { startMinio } from '../servers/minio.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { expectIntact } from './intact-bucket.ts';
import { type Acknowledged, type LoadPlan, registerUnderFaults } from './registration-load.ts';

const MODELS = 50;
/** Under less load than this, of processes that are up, a fault proves little. */
const MIN_REGISTRATIONS_PER_SECOND = 50;
/** A kill that interrupts less than this proves little, however fast the machine is. */
const MIN_INTERRUPTED_PER_KILL = 10;
const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const directory = (name: string) => {
  const path = mkdtempSync(join(tmpdir(), `slipway-${name}-`));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** Kills a random process every so often, and starts it again, until told to stop. @returns how many were killed, and how long one was away. */
async function killAtRandom(processes: readonly RegistryProcess[], everyMs: number, isDone: () => boolean) {
  let kills = 0;
  let downMs = 0;
  while (!isDone()) {
    await sleep(everyMs * (0.5 + Math.random()));
    const victim = processes[Math.floor(Math.random() * processes.length)] as RegistryProcess;
    const killedMs = performance.now();
    await victim.end('SIGKILL');
    kills += 1;
    await victim.start();
    if (!isDone()) downMs += performance.now() - killedMs;
  }
  return { kills, downMs };
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
  const tookMs = performance.now() - startedMs;
  const { kills, downMs } = await killing;
  // Starting takes as long as the machine likes, and registers nothing.
  const perSecond = versions / ((tookMs - downMs / processes.length) / 1000);
  const interrupted = acknowledged.filter(({ attempts }) => attempts > 1).length;
  console.info(`${versions} versions at ${perSecond.toFixed(0)}/s, ${kills} kills, ${interrupted} interrupted`);
  expect(perSecond).toBeGreaterThan(MIN_REGISTRATIONS_PER_SECOND);
  expect(kills).toBeGreaterThan(1);
  expect(interrupted).toBeGreaterThan(kills * MIN_INTERRUPTED_PER_KILL);
  return acknowledged;
}

describe('no acknowledged registration is lost, none is doubled, and nothing else appears', () => {
  it('4 registries on one MinIO bucket, 64 clients, 5,000 versions, killed at random', async () => {
    const minio = await startMinio();
    cleanups.push(() => minio.stop());
    const state = directory('registry-kill');
    const processes: RegistryProcess[] = [];
    for (let replica = 0; replica < 4; replica += 1) {
      const index = join(state, `index-${replica}.db`);
      const started = await RegistryProcess.start({ ...minio.environment(), SLIPWAY_REGISTRY_INDEX: index });
      cleanups.push(() => started.end('SIGKILL'));
      processes.push(started);
    }
    const acknowledged = await loadUnderKills(processes, 5000, 64);
    await expectIntact(await S3ObjectStore.open(minio.settings('slipway')), acknowledged, MODELS);
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
    await expectIntact(await FsObjectStore.open(folder), acknowledged, MODELS);
  });
});
