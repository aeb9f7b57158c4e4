import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { digitsManifest, HEALTHY_VERSIONS, RolloutPrograms, THICK_WRITING } from '../faults/rollout-programs.ts';
import { SteadyLoad } from '../faults/steady-load.ts';
import { eventually } from './eventually.ts';

/** Goals, each with room for a machine that is busy otherwise. */
const MAX_FIRST_REQUEST_MS = 5000;
const MAX_ONE_CHANGE_MS = 5000;
const MAX_ALL_CHANGED_MS = 60_000;
const DEPLOYMENTS = 1000;
const CHANGES = 10;

/** The middle one and the slowest, in words. */
function summaryOf(timesMs: readonly number[]): string {
  const sorted = timesMs.toSorted((left, right) => left - right);
  const inWords = (ms: number | undefined) => `${Math.round(ms ?? Number.NaN)} ms`;
  return `median ${inWords(sorted[Math.floor(sorted.length / 2)])}, slowest ${inWords(sorted.at(-1))} of ${sorted.length}`;
}

describe('from a commit to its canary', () => {
  let programs: RolloutPrograms;

  beforeAll(async () => {
    // So seldom that only the webhook can be the reason.
    programs = await RolloutPrograms.start({ gateways: 1, controller: { SLIPWAY_GIT_POLL_SECONDS: '600' } });
  });
  afterAll(() => programs?.stop());

  it('the first request comes soon after the webhook, for a version that the gateway has in its cache', async () => {
    const { repository, controller, gateways } = programs;
    const rollout =
      'strategy: canary, steps: [{setWeight: 50}, {analyse: {minRequests: 20}}], ' +
      'gates: [{metric: error-rate, max: 0.01, minRequests: 20}]';
    const push = async (version: number) => {
      const commit = repository.commit({ 'digits.yaml': digitsManifest(version, rollout) });
      await controller.tellOfPush();
      return commit;
    };
    await programs.convergesTo(1, await push(1));
    const load = new SteadyLoad(gateways[0]?.url ?? '', 'digits', THICK_WRITING, 4, 10);
    const tookMs: number[] = [];
    const stepsMs: { started: number[]; loaded: number[] } = { started: [], loaded: [] };
    try {
      for (const version of [...HEALTHY_VERSIONS, ...HEALTHY_VERSIONS].slice(1)) {
        const isCached = tookMs.length > 0 || version === 1;
        const committedMs = performance.now();
        const committedAtMs = Date.now();
        const commit = await push(version);
        await programs.convergesTo(version, commit);
        const first = load.since(committedMs).find(({ servedBy }) => servedBy === `${version}`);
        if (!isCached) continue;
        tookMs.push((first?.atMs ?? Number.NaN) - committedMs);
        const events = (await controller.status('digits'))?.events.filter((event) => event.commit === commit) ?? [];
        const afterMs = (code: string) =>
          Date.parse(events.find((event) => event.code === code)?.at ?? '') - committedAtMs;
        stepsMs.started.push(afterMs('RolloutStarted'));
        stepsMs.loaded.push(afterMs('StepEntered'));
      }
    } finally {
      await load.stop();
    }
    console.info(
      `from the commit to the first request of the canary: ${summaryOf(tookMs)}; ` +
        `read and looked up: ${summaryOf(stepsMs.started)}; loaded and warmed too: ${summaryOf(stepsMs.loaded)}`,
    );
    expect(tookMs.length).toBe(HEALTHY_VERSIONS.length);
    expect(Math.max(...tookMs)).toBeLessThan(MAX_FIRST_REQUEST_MS);
    expect(load.answers.filter(({ status }) => status !== 200)).toEqual([]);
  });
});

describe(`${DEPLOYMENTS} deployments in one repository`, () => {
  const names = Array.from({ length: DEPLOYMENTS }, (_, index) => `digits-${index}`);
  let programs: RolloutPrograms;

  beforeAll(async () => {
    programs = await RolloutPrograms.start({ gateways: 0, controller: { SLIPWAY_GIT_POLL_SECONDS: '600' } });
  });
  afterAll(() => programs?.stop());

  /** Commits a version of some deployments; answers how long it took until each has a rollout of that commit. */
  const change = async (version: number, changed: readonly string[]) => {
    const { repository, controller } = programs;
    const manifests = changed.map((name) => [`${name}.yaml`, digitsManifest(version, 'strategy: canary', name)]);
    const commit = repository.commit(Object.fromEntries(manifests));
    const committedMs = performance.now();
    await controller.tellOfPush();
    await eventually(
      `${changed.length} deployments have a rollout of ${commit}`,
      async () => {
        if (changed.length === 1)
          return (await controller.status(changed[0] ?? ''))?.candidate?.commit === commit ? 1 : 0;
        const response = await fetch(`${controller.url}/v1/deployments`);
        const { deployments } = (await response.json()) as { deployments: DeploymentStatus[] };
        return deployments.filter(({ candidate }) => candidate?.commit === commit).length;
      },
      (count) => count === changed.length,
      2 * MAX_ALL_CHANGED_MS,
    );
    return performance.now() - committedMs;
  };

  it('all of them come in one commit', async () => {
    const tookMs = await change(1, names);
    console.info(`${DEPLOYMENTS} new manifests in one commit are acted on after ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(MAX_ALL_CHANGED_MS);
  });

  it('one line of one of them is acted on soon', async () => {
    const tookMs: number[] = [];
    for (let index = 0; index < CHANGES; index += 1) {
      tookMs.push(await change(2, [`digits-${index * 97}`]));
    }
    console.info(`one change among ${DEPLOYMENTS} deployments is acted on: ${summaryOf(tookMs)}`);
    expect(Math.max(...tookMs)).toBeLessThan(MAX_ONE_CHANGE_MS);
  });

  it('all of them change in one commit', async () => {
    const tookMs = await change(3, names);
    console.info(`${DEPLOYMENTS} changed manifests in one commit are acted on after ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(MAX_ALL_CHANGED_MS);
  });
});
