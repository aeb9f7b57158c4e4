import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
import { rateOf } from './steady-load.ts';

/** How many rollouts lose a program on their way. */
const KILLS = Number(process.env['SLIPWAY_ROLLOUT_KILLS'] ?? 10);
const SEED = Number(process.env['SLIPWAY_ROLLOUT_SEED'] ?? 1);
const VICTIMS = ['controller', 'first gateway', 'second gateway', 'Git server'] as const;
/** Later than this after its commit a rollout is over. */
const ROLLOUT_MS = 1200;
const MAX_DOWN_MS = 500;
/** From the victim's restart until everything is as Git says. */
const CONVERGENCE_MS = 30_000;
/** Under less load than this a kill proves little. */
const MIN_REQUESTS_PER_SECOND = 100;
const ROLLOUT =
  'strategy: canary, steps: [{setWeight: 30}, {analyse: {minRequests: 40}}, {setWeight: 70}, {analyse: {minRequests: 40}}], ' +
  'gates: [{metric: error-rate, max: 0.01, minRequests: 20}]';

type Victim = (typeof VICTIMS)[number];

/** One rollout that loses a program. */
interface Round {
  readonly number: number;
  /** The version that answers before. */
  readonly stable: number;
  readonly wanted: number;
  readonly victim: Victim;
  readonly killAfterMs: number;
  readonly downMs: number;
}

const random = seededRandom(SEED);
let programs: RolloutPrograms;
let load: BalancedLoad;

beforeAll(async () => {
  programs = await RolloutPrograms.start({ gateways: 2 });
  const [stable = 1] = HEALTHY_VERSIONS;
  const first = programs.repository.commit({ 'digits.yaml': digitsManifest(stable, ROLLOUT) });
  await programs.convergesTo(stable, first);
  load = new BalancedLoad(programs.gateways, 'digits', THICK_WRITING, 8, 20);
});

afterAll(async () => {
  await load?.stop();
  await programs?.stop();
});

function nextRound(number: number, stable: number): Round {
  const healthy = HEALTHY_VERSIONS.filter((version) => version !== stable);
  return {
    number,
    stable,
    wanted: random.count(2) === 0 ? BROKEN_VERSION : random.pick(healthy),
    victim: random.pick(VICTIMS),
    killAfterMs: random.count(ROLLOUT_MS),
    downMs: random.count(MAX_DOWN_MS),
  };
}

/** Ends a program as a power cut does; answers how it comes back. */
async function kill(victim: Victim): Promise<() => Promise<void>> {
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

/** Plays a round and looks at all that came of it. @returns where the rollout was at the kill, and how long everything took from the restart. */
async function play({ number, stable, wanted, victim, killAfterMs, downMs }: Round) {
  const { repository, controller } = programs;
  const isBroken = wanted === BROKEN_VERSION;
  const target = isBroken ? stable : wanted;
  const startedMs = performance.now();
  const commit = repository.commit({ 'digits.yaml': digitsManifest(wanted, `${ROLLOUT}, retryToken: "${number}"`) });
  void controller.tellOfPush();
  await sleep(killAfterMs);
  const status = await controller.status('digits');
  const moment = `${victim} at ${status?.candidate?.step ?? status?.phase}`;
  const restart = await kill(victim);
  await sleep(downMs);
  await restart();
  const restartedMs = performance.now();

  const what = `round ${number}, seed ${SEED}: version ${stable} → ${wanted}, ${moment}`;
  if (isBroken) {
    await eventually(
      `${what}: the rollback is in Git`,
      async () => repository.since(commit).length,
      (count) => count > 0,
      CONVERGENCE_MS,
    );
  }
  await programs.convergesTo(target, repository.head, CONVERGENCE_MS);
  const convergedMs = performance.now();
  await eventually(
    'both gateways were asked since',
    async () => new Set(load.since(convergedMs).map(({ gateway }) => gateway)).size,
    (count) => count === programs.gateways.length,
  );

  const answers = load.since(startedMs);
  const failures = answers.filter((answer) => answer.status !== 200);
  expect(failures, what).toEqual([]);
  const versions = new Set(answers.map(({ servedBy }) => servedBy));
  expect([`${stable}`, `${wanted}`], what).toEqual(expect.arrayContaining([...versions]));
  expect(new Set(load.since(convergedMs).map(({ servedBy }) => servedBy)), what).toEqual(new Set([`${target}`]));
  const revert = {
    author: 'Slipway',
    message: expect.stringMatching(`^revert\\(default/digits\\)[^]*Slipway-Revert-Of: ${commit}`),
  };
  expect(repository.since(commit), what).toEqual(isBroken ? [expect.objectContaining(revert)] : []);
  return { what, moment, target, tookMs: Math.round(convergedMs - restartedMs) };
}

const title = `${KILLS} kills in the middle of rollouts: what Git says comes about, one revert for each broken version, and no request fails`;

it(title, { timeout: 60_000 + KILLS * 20_000 }, async () => {
  const moments: Record<string, number> = {};
  const rounds: { readonly what: string; readonly tookMs: number }[] = [];
  let [stable = 1] = HEALTHY_VERSIONS;
  for (let number = 1; number <= KILLS; number += 1) {
    const { what, moment, target, tookMs } = await play(nextRound(number, stable)).catch((error: unknown) => {
      console.info(
        `round ${number} of seed ${SEED}; the controller's log ends with\n${programs.controller.log.slice(-4000)}`,
      );
      throw error;
    });
    stable = target;
    moments[moment] = (moments[moment] ?? 0) + 1;
    rounds.push({ what, tookMs });
  }
  const answers = await load.stop();
  const slowest = rounds.toSorted((left, right) => right.tookMs - left.tookMs).slice(0, 3);
  console.info(
    `${KILLS} kills under ${rateOf(answers).toFixed(0)} requests/s, ${load.lost} requests lost with their gateway`,
    { moments, slowest },
  );
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(rateOf(answers)).toBeGreaterThan(MIN_REQUESTS_PER_SECOND);
});
