import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { type MinioServer, startMinio } from '../servers/minio.ts';
import { type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';
import { BalancedLoad } from './balanced-load.ts';
import { BROKEN_VERSION, digitsManifest, RolloutPrograms, THICK_WRITING, THIN_WRITING } from './rollout-programs.ts';
import { rateOf } from './steady-load.ts';

const STABLE = 1;
/** From the first answer that the candidate failed on until the last request that it gets. */
const MAX_EXPOSURE_MS = 1000;
/** From Git's return, or the controller's where that is later, until the revert is there: of 95 in 100. */
const MAX_WRITE_BACK_MS = 5000;
/** Under less load than this a rollback proves little. */
const MIN_REQUESTS_PER_SECOND = 100;
/** Waits for a person, so that everything can go down before the candidate gets its first request that it fails. */
const ROLLOUT =
  'strategy: canary, steps: [{setWeight: 30}, {pause: {}}], ' +
  'gates: [{metric: error-rate, max: 0.01, minRequests: 20}, ' +
  '{metric: prometheus, query: "vector(1)", max: 5, interval: 1s, onNoData: hold}]';

/** What happens between the rollback and its commit. */
const OUTAGES = [
  { title: 'Git is back soon', downMs: 500, kill: 'nobody' },
  { title: 'Git is back after a while', downMs: 4000, kill: 'nobody' },
  { title: 'Git is back late', downMs: 9000, kill: 'nobody' },
  { title: 'the controller was killed, and came back before Git', downMs: 3000, kill: 'before Git' },
  { title: 'the controller was killed, and came back after Git', downMs: 1000, kill: 'after Git' },
  { title: 'the controller was killed, and Git is back late', downMs: 7000, kill: 'before Git' },
] as const;

describe('a broken candidate while Git, the object store and Prometheus are down', () => {
  const writeBackMs: number[] = [];
  let minio: MinioServer;
  let prometheus: PrometheusServer;
  let programs: RolloutPrograms;
  let load: BalancedLoad;

  beforeAll(async () => {
    minio = await startMinio();
    prometheus = await startPrometheus({});
    // Git is looked at as seldom as it is by default.
    const controller = { SLIPWAY_GIT_POLL_SECONDS: '10', SLIPWAY_PROMETHEUS_URL: prometheus.url };
    programs = await RolloutPrograms.start({ gateways: 2, store: minio.environment(), controller });
    const commit = programs.repository.commit({ 'digits.yaml': digitsManifest(STABLE, ROLLOUT) });
    await programs.controller.tellOfPush();
    await programs.convergesTo(STABLE, commit);
    load = new BalancedLoad(programs.gateways, 'digits', THIN_WRITING, 8, 20);
  });

  afterAll(async () => {
    await load?.stop();
    await programs?.stop();
    await prometheus?.stop();
    await minio?.stop();
  });

  /** Has the candidate take its share, of requests that it can answer. @returns its commit. */
  const loadBroken = async (retryToken: string) => {
    const { repository, controller } = programs;
    load.body = THIN_WRITING;
    const manifest = digitsManifest(BROKEN_VERSION, `${ROLLOUT}, retryToken: ${retryToken}`);
    const commit = repository.commit({ 'digits.yaml': manifest });
    await controller.tellOfPush();
    await eventually(
      'the candidate is ready and waits',
      async () => (await controller.status('digits'))?.candidate,
      (candidate) => candidate?.commit === commit && candidate.isReady && candidate.step.startsWith('paused'),
    );
    return commit;
  };

  /** Asks what the candidate fails on, and watches what becomes of it. @returns when it was over. */
  const expectRolledBack = async () => {
    const startedMs = performance.now();
    load.body = THICK_WRITING;
    await eventually(
      'it is rolled back',
      async () => (await programs.controller.status('digits'))?.phase,
      (phase) => phase === 'RolledBack',
    );
    await sleep(2 * MAX_EXPOSURE_MS);
    const answers = load.since(startedMs);
    expect(answers.filter(({ status, servedBy }) => status !== 200 || servedBy !== `${STABLE}`)).toEqual([]);
    expect(rateOf(answers)).toBeGreaterThan(MIN_REQUESTS_PER_SECOND);
    const failed = answers.filter(({ isFallback }) => isFallback);
    expect(failed.length).toBeGreaterThan(0);
    const firstKnownMs = Math.min(...failed.map(({ atMs, tookMs }) => atMs + tookMs));
    const lastAskedMs = Math.max(...failed.map(({ atMs }) => atMs));
    expect(lastAskedMs - firstKnownMs).toBeLessThan(MAX_EXPOSURE_MS);
    return performance.now();
  };

  it.each(OUTAGES)('$title', { timeout: 90_000 }, async ({ title, downMs, kill }) => {
    const { git, controller, repository } = programs;
    const broken = await loadBroken(title.replaceAll(/\W/g, '-'));
    // Prometheus stays away from the first outage on.
    await Promise.all([git.kill(), minio.kill(), prometheus.stop()]);
    const rolledBackMs = await expectRolledBack();

    if (kill !== 'nobody') await controller.end('SIGKILL');
    const stopped = performance.now();
    if (kill === 'before Git') {
      await minio.resume();
      await controller.start();
    }
    await sleep(Math.max(0, downMs - (performance.now() - stopped)));
    expect(repository.head).toBe(broken);
    if (kill === 'nobody') await minio.resume();
    await git.start();
    if (kill === 'after Git') {
      await minio.resume();
      await controller.start();
    }
    const backMs = performance.now();
    await eventually(
      'the rollback is in Git',
      async () => repository.since(broken).length,
      (count) => count > 0,
      60_000,
    );
    writeBackMs.push(performance.now() - backMs);

    await programs.convergesTo(STABLE, repository.head);
    await sleep(500);
    expect(repository.since(broken)).toEqual([
      { hash: repository.head, author: 'Slipway', message: expect.stringContaining(`Slipway-Revert-Of: ${broken}`) },
    ]);
    // Nothing of what happened since let the candidate have another request.
    expect(load.since(rolledBackMs).filter(({ status, isFallback }) => status !== 200 || isFallback)).toEqual([]);
  });

  it('the revert was there in time', () => {
    const sorted = writeBackMs.toSorted((left, right) => left - right);
    console.info(`the revert was in Git after ${sorted.map((ms) => `${(ms / 1000).toFixed(2)} s`).join(', ')}`);
    expect(sorted.length).toBe(OUTAGES.length);
    expect(sorted[Math.floor(sorted.length * 0.95)]).toBeLessThan(MAX_WRITE_BACK_MS);
  });
});
