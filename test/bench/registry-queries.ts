import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMlflow } from '../servers/mlflow.ts';
import { startPostgres } from '../servers/postgresql.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { alternate, type BenchRow } from './bench-row.ts';
import { fillMlflow, MlflowLoad } from './mlflow-load.ts';
import { rssOf } from './process-memory.ts';
import { RUNS, VERSIONS } from './registry-content.ts';
import { SlipwayLoad } from './slipway-load.ts';

const GOAL = 5;

/** Registrations, look-ups and searches, side by side with MLflow's registry on PostgreSQL, each with 100,000 versions. */
export async function measureQueries(): Promise<BenchRow[]> {
  const state = mkdtempSync(join(tmpdir(), 'bench-registry-'));
  const environment = {
    SLIPWAY_STORE: 'fs',
    SLIPWAY_STORE_DIR: join(state, 'store'),
    SLIPWAY_REGISTRY_INDEX: join(state, 'index.db'),
  };
  const registry = await RegistryProcess.start(environment);
  const postgres = await startPostgres();
  const mlflow = await startMlflow(postgres);
  const ours = new SlipwayLoad(registry.url);
  const theirs = new MlflowLoad(mlflow.url);
  try {
    await ours.prepare();
    await theirs.prepare();
    // Both run their first requests slower than the rest.
    await ours.register(1000);
    await theirs.register(100);
    const register = await alternate(
      RUNS,
      async () => (await ours.register(3000)).perSecond,
      async () => (await theirs.register(300)).perSecond,
    );
    report('filling both registries');
    await ours.register(VERSIONS - ours.registered);
    fillMlflow(postgres, VERSIONS);
    const alias = await alternate(
      RUNS,
      async () => (await ours.byAlias(4000)).p99Ms,
      async () => (await theirs.byAlias(400)).p99Ms,
    );
    const search = await alternate(
      RUNS,
      async () => (await ours.search(1000)).p99Ms,
      async () => (await theirs.search(64)).p99Ms,
    );
    await ours.reportOthers();
    await reportRestart(registry, join(state, 'index.db'));
    return [
      row('register/mlflow', 'registrations/s', register, register.ours / register.against),
      row('alias-p99/mlflow', 'ms', alias, alias.against / alias.ours),
      row('search-p99/mlflow', 'ms', search, search.against / search.ours),
    ];
  } finally {
    ours.close();
    mlflow.stop();
    postgres.stop();
    await registry.end('SIGKILL');
    rmSync(state, { recursive: true, force: true });
  }
}

function row(id: string, unit: string, measured: { ours: number; against: number }, ratio: number): BenchRow {
  return { id, unit, ...measured, ratio, goal: GOAL, runs: RUNS };
}

/** A busy machine takes several times as long for the index as an idle one. */
const RESTART_WITHIN_MS = 300_000;

/** How long a restart takes with the index at hand and without it, and what the process weighs then. */
async function reportRestart(registry: RegistryProcess, index: string): Promise<void> {
  const restart = async () => {
    await registry.end('SIGTERM');
    const startedMs = performance.now();
    await registry.start(RESTART_WITHIN_MS);
    return ((performance.now() - startedMs) / 1000).toFixed(1);
  };
  const warm = await restart();
  await registry.end('SIGTERM');
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${index}${suffix}`, { force: true });
  const cold = await restart();
  report(
    `restart: ${warm} s with the index, ${cold} s when it must be built from the bucket; ${rssOf(registry)} MiB resident`,
  );
}

function report(line: string): void {
  process.stderr.write(`${line}\n`);
}
