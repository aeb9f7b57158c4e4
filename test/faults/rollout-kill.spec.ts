import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { BalancedLoad } from './balanced-load.ts';
import {
  BROKEN_VERSION,
  digitsManifest,
  HEALTHY_VERSIONS,
  RolloutPrograms,
  THICK_WRITING,
} from './rollout-programs.ts';
import { seededRandom } from './seeded-random.ts';
import { quantileMs, rateOf } from './steady-load.ts';

/** How many rollouts lose a program on their way. */
const KILLS = Number(process.env['SLIPWAY_ROLLOUT_KILLS'] ?? 12);
const SEED = Number(process.env['SLIPWAY_ROLLOUT_SEED'] ?? 1);
const VICTIMS = ['controller', 'first gateway', 'second gateway', 'Git server'] as const;
/** Later than this after its commit a rollout is over. */
const ROLLOUT_MS = 1200;
/** From the victim's restart until everything is as Git says. */
const CONVERGENCE_MS = 15_000;
/** Under less load than this a kill proves little. */
const MIN_REQUESTS_PER_SECOND = 100;
const ROLLOUT =
  'strategy: canary, steps: [{setWeight: 30}, {analyse: {minRequests: 40}}, {setWeight: 70}, {analyse: {minRequests: 40}}], ' +
  'gates: [{metric: error-rate, max: 0.01, minRequests: 20}]';

type Victim = (typeof VICTIMS)[number];

/** Ends a program as a power cut does; answers how it comes back. */
async function kill(victim: Victim, programs: RolloutPrograms, load: BalancedLoad): Promise<() => Promise<void>> {
  const { controller, git } = programs;
  switch (victim) {
    case 'controller':
      await controller.end('SIGKILL');
      return () => controller.start();
    case 'Git server':
      await git.kill();
      return () => git.start();
    default: {
      const index = victim === 'first gateway' ? 0 : 1;
      await load.kill(index);
      return () => load.restart(index);
    }
  }
}

it(
  `${KILLS} kills in the middle of rollouts: what Git says comes about, and no request fails`,
  async () => {
    const random = seededRandom(SEED);
    const programs = await RolloutPrograms.start({ gateways: 2 });
    let load: BalancedLoad | undefined;
    try {
      const { repository, controller } = programs;
      let stable = 1;
      const first = repository.commit({ 'digits.yaml': digitsManifest(stable, ROLLOUT) });
      await programs.convergesTo(stable, first);
      load = new BalancedLoad(programs.gateways, 'digits', THICK_WRITING, 8, 20);
      const moments: Record<string, number> = {};
      const convergedAfterMs: number[] = [];
      for (let round = 1; round <= KILLS; round += 1) {
        const isBroken = random.count(2) === 0;
        const wanted = isBroken
          ? BROKEN_VERSION
          : random.pick(HEALTHY_VERSIONS.filter((version) => version !== stable));
        const victim = random.pick(VICTIMS);
        const startedMs = performance.now();
        const manifest = digitsManifest(wanted, `${ROLLOUT}, retryToken: "${round}"`);
        const commit = repository.commit({ 'digits.yaml': manifest });
        void controller.tellOfPush();
        await sleep(random.count(ROLLOUT_MS));
        const before = await controller.status('digits');
        const moment = `${victim} at ${before?.candidate?.step ?? before?.phase}`;
        moments[moment] = (moments[moment] ?? 0) + 1;
        const restart = await kill(victim, programs, load);
        await sleep(random.count(500));
        await restart();
        const restartedMs = performance.now();

        const what = `round ${round}, seed ${SEED}: version ${stable} → ${wanted}, ${moment}`;
        if (isBroken) {
          await eventually(
            `${what}: the rollback is in Git`,
            async () => repository.since(commit).length,
            (count) => count > 0,
            CONVERGENCE_MS,
          );
        }
        const target = isBroken ? stable : wanted;
        await programs.convergesTo(target, repository.head, CONVERGENCE_MS);
        const convergedMs = performance.now();
        convergedAfterMs.push(convergedMs - restartedMs);
        await eventually(
          'both gateways were asked since',
          async () => new Set(load?.since(convergedMs).map(({ gateway }) => gateway)).size,
          (count) => count === 2,
        );

        const answers = load.since(startedMs);
        expect(
          answers.filter(({ status }) => status !== 200),
          what,
        ).toEqual([]);
        const servedBy = new Set(answers.map((answer) => answer.servedBy));
        expect([`${stable}`, `${wanted}`], what).toEqual(expect.arrayContaining([...servedBy]));
        expect(new Set(load.since(convergedMs).map((answer) => answer.servedBy)), what).toEqual(new Set([`${target}`]));
        const reverts = repository.since(commit).map(({ author, message }) => ({ author, message }));
        const revert = {
          author: 'Slipway',
          message: expect.stringMatching(`^revert\\(default/digits\\).*[^]*Slipway-Revert-Of: ${commit}`),
        };
        expect(reverts, what).toEqual(isBroken ? [revert] : []);
        stable = target;
      }

      const answers = await load.stop();
      console.info(
        `${KILLS} kills under ${rateOf(answers).toFixed(0)} requests/s, ${load.lost} requests lost with their gateway; ` +
          `as Git says ${(
            quantileMs(
              convergedAfterMs.map((tookMs) => ({ tookMs }) as never),
              0.95,
            ) / 1000
          ).toFixed(1)} s ` +
          `after the restart (p95)\n${JSON.stringify(moments, undefined, 1)}`,
      );
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      expect(rateOf(answers)).toBeGreaterThan(MIN_REQUESTS_PER_SECOND);
    } finally {
      await load?.stop();
      await programs.stop();
    }
  },
  60_000 + KILLS * 20_000,
);
