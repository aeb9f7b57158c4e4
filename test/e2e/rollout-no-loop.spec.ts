import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BROKEN_VERSION, digitsManifest, RolloutPrograms, THICK_WRITING } from '../faults/rollout-programs.ts';
import { SteadyLoad } from '../faults/steady-load.ts';
import { eventually } from './eventually.ts';

/** From a commit to what comes of it, on a machine that is busy with a load of its own. */
const MAX_MS = 60_000;
const GATES = 'gates: [{metric: error-rate, max: 0.01, minRequests: 20}]';
const canaryOf = (requests: number) =>
  `strategy: canary, steps: [{setWeight: 50}, {analyse: {minRequests: ${requests}}}], ${GATES}`;
const SHORT = canaryOf(40);
/** No load of a test brings so many requests. */
const ENDLESS = canaryOf(1_000_000);

describe('rollouts end, whatever is committed', () => {
  let programs: RolloutPrograms;
  let load: SteadyLoad;

  beforeAll(async () => {
    programs = await RolloutPrograms.start({ gateways: 1 });
    await deploy(1, SHORT);
    load = new SteadyLoad(programs.gateways[0]?.url ?? '', 'digits', THICK_WRITING, 4, 5);
  });

  afterAll(async () => {
    await load?.stop();
    await programs?.stop();
  });

  const status = () => programs.controller.status('digits');
  const push = (version: number, rollout: string) => {
    const commit = programs.repository.commit({ 'digits.yaml': digitsManifest(version, rollout) });
    void programs.controller.tellOfPush();
    return commit;
  };
  async function deploy(version: number, rollout: string) {
    const commit = push(version, rollout);
    await programs.convergesTo(version, commit, MAX_MS);
  }
  const eventsOf = async (code: string) => (await status())?.events.filter((event) => event.code === code) ?? [];
  const startsOf = async (version: number) =>
    (await eventsOf('RolloutStarted')).filter((event) => event.version === version).length;
  const revertsSince = (commit: string) =>
    programs.repository.since(commit).filter(({ author }) => author === 'Slipway').length;
  /** Until the controller has acted on a commit, or refused to. */
  const untilTaken = (commit: string) =>
    eventually(
      `${commit} is taken`,
      async () => (await status())?.desired?.commit,
      (desired) => desired === commit,
      MAX_MS,
    );

  describe('a pipeline that commits a rejected version again and again', () => {
    let first: string;

    beforeEach(async () => {
      expect((await load.stop()).filter(({ status: code }) => code !== 200)).toEqual([]);
      load = new SteadyLoad(programs.gateways[0]?.url ?? '', 'digits', THICK_WRITING, 4, 5);
    });

    it('has it rolled back and reverted once', async () => {
      first = push(BROKEN_VERSION, SHORT);
      await eventually(
        'the rollback is in Git',
        async () => revertsSince(first),
        (count) => count === 1,
        MAX_MS,
      );
      await programs.convergesTo(1, programs.repository.head, MAX_MS);
      expect(await startsOf(BROKEN_VERSION)).toBe(1);
    });

    it('has it refused from then on, without a rollout and without a revert, across a restart too', async () => {
      for (let again = 1; again <= 4; again += 1) {
        const commit = push(BROKEN_VERSION, SHORT);
        await untilTaken(commit);
        const refusals = await eventually(
          'it is told',
          () => eventsOf('SPEC_REJECTED'),
          (events) => events.some((event) => event.commit === commit),
        );
        expect(refusals.at(-1)).toMatchObject({ severity: 'error', message: expect.stringContaining('retryToken') });
        if (again === 2) {
          await programs.controller.end('SIGKILL');
          await programs.controller.start();
        }
        // Longer than a rollout and its revert take.
        await sleep(1500);
        expect(await status()).toMatchObject({ phase: 'RolledBack', stable: { version: 1 } });
        // Somebody sets it back, and the pipeline does it again.
        await deploy(1, SHORT);
      }
      expect(await startsOf(BROKEN_VERSION)).toBe(1);
      expect(revertsSince(first)).toBe(1);
      expect(new Set(load.answers.map(({ servedBy }) => servedBy))).toEqual(new Set(['1']));
    });

    it('has it tried once more when retryToken changes', async () => {
      const commit = push(BROKEN_VERSION, `${SHORT}, retryToken: once-more`);
      await eventually(
        'the second rollback is in Git',
        async () => revertsSince(commit),
        (count) => count === 1,
        MAX_MS,
      );
      await programs.convergesTo(1, programs.repository.head, MAX_MS);
      expect(await startsOf(BROKEN_VERSION)).toBe(2);
      expect(revertsSince(first)).toBe(2);
    });

    it('gets the next version out as usual', async () => {
      await deploy(2, SHORT);
      expect(await eventsOf('Promoted')).toEqual(expect.arrayContaining([expect.objectContaining({ version: 2 })]));
    });
  });

  describe('commits in the middle of a rollout', () => {
    /** Until a rollout of a commit has counted requests. */
    const untilAnalysing = (commit: string, requests: number) =>
      eventually(
        `${requests} requests are counted for ${commit}`,
        async () => (await status())?.candidate,
        (candidate) => candidate?.commit === commit && candidate.requests >= requests,
      );

    it('another version supersedes the one under way, and is analysed anew', async () => {
      const older = push(3, ENDLESS);
      await untilAnalysing(older, 60);
      const newer = push(4, ENDLESS);
      const candidate = await untilAnalysing(newer, 1);
      expect(candidate).toMatchObject({ version: 4 });
      expect(candidate?.requests).toBeLessThan(60);
      expect((await eventsOf('Superseded')).at(-1)).toMatchObject({ version: 3, commit: older, severity: 'warning' });
      expect(revertsSince(older)).toBe(0);
    });

    it('other settings of the same version do so too', async () => {
      const before = await eventually(
        'requests are counted',
        async () => (await status())?.candidate,
        (candidate) => (candidate?.requests ?? 0) >= 60,
      );
      const commit = push(4, `${ENDLESS}, progressDeadline: 30m`);
      const after = await untilAnalysing(commit, 1);
      expect(after?.rolloutId).not.toBe(before?.rolloutId);
      expect(after?.requests).toBeLessThan(60);
      await deploy(4, SHORT);
    });

    it('many at once supersede each other in their order, and the last one stays', async () => {
      const start = programs.repository.head;
      const versions = [5, 6, 1, 2, 3, 5, 6, 1, 2, 3];
      for (const [index, version] of versions.entries()) {
        // Each asks for something else: one that asks for what is there already would not be news.
        push(version, `${SHORT}, retryToken: "${index}"`);
        await sleep((version * 97) % 150);
      }
      const order = programs.repository.since(start).map(({ hash }) => hash);
      expect(order.length).toBe(versions.length);
      await programs.convergesTo(3, order.at(-1) ?? '', MAX_MS);
      const started = (await eventsOf('RolloutStarted'))
        .map(({ commit }) => order.indexOf(commit ?? ''))
        .filter((place) => place !== -1);
      expect(started).toEqual(started.toSorted((left, right) => left - right));
      expect(new Set(started).size).toBe(started.length);
      expect(started.at(-1)).toBe(order.length - 1);
      expect(load.answers.filter(({ status: code }) => code !== 200)).toEqual([]);
    });
  });
});
