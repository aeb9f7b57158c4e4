import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import type { ControllerProcess } from '../servers/controller-process.ts';
import { ControllerPair, STEPS } from './controller-pair.ts';
import { jsonBody } from './rest-caller.ts';
import { outcomesOf, rateOf, SteadyLoad } from './steady-load.ts';

const TTL_SECONDS = 2;
/** The time to live, a look at the lease, and what a busy machine adds. */
const MAX_TAKEOVER_MS = TTL_SECONDS * 1000 + 1500;
const MIN_REQUESTS_PER_SECOND = 100;
/** Much ink: version 3 fails with it. */
const BODY = jsonBody([{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: Array(64).fill(16) }]);

let pair: ControllerPair;
let load: SteadyLoad | undefined;

beforeEach(async () => {
  pair = await ControllerPair.start(TTL_SECONDS);
  const { leader } = await pair.roles();
  pair.commit(1, STEPS);
  await untilPhase(leader, 'Healthy');
});

afterEach(async () => {
  await load?.stop();
  load = undefined;
  await pair.stop();
});

const startLoad = () => {
  load = new SteadyLoad(pair.gateway.url, 'digits', BODY, 2, 5);
  return load;
};
const untilPhase = (controller: ControllerProcess, phase: string, withinMs = 15_000) =>
  eventually(
    `the deployment is ${phase}`,
    () => controller.status('digits'),
    (status) => status?.phase === phase,
    withinMs,
  );
const untilCounted = (controller: ControllerProcess, requests: number) =>
  eventually(
    `the candidate has ${requests} requests`,
    async () => (await controller.status('digits'))?.candidate,
    (candidate) => (candidate?.requests ?? 0) >= requests,
  );
/** As the gateway has it. */
const untilWeight = (weightPercent: number) =>
  eventually(
    `the candidate has ${weightPercent} %`,
    async () => pair.routes().deployments[0],
    (route) => route?.candidate !== undefined && route.candidateWeightPercent === weightPercent,
  );

it('a leader that is killed in a rollout is followed by the other one; the rollout goes on, and no request fails', async () => {
  const { leader, follower } = await pair.roles();
  const steady = startLoad();
  pair.commit(2, STEPS);
  const before = await untilCounted(leader, 200);
  await leader.end('SIGKILL');
  const takeoverMs = await pair.untilLeading(follower, MAX_TAKEOVER_MS);
  const attachedMs = performance.now();
  const after = await untilCounted(follower, before?.requests ?? 0);
  const reattachMs = performance.now() - attachedMs;
  expect(after?.rolloutId).toBe(before?.rolloutId);
  await untilPhase(follower, 'Healthy', 60_000);
  const answers = await steady.stop();
  console.info(
    `takeover ${takeoverMs.toFixed(0)} ms after SIGKILL (ttl ${TTL_SECONDS} s), its counts ${reattachMs.toFixed(0)} ms later; ` +
      `${answers.length} requests at ${rateOf(answers).toFixed(0)}/s: ${JSON.stringify(outcomesOf(answers))}`,
  );
  expect(rateOf(answers)).toBeGreaterThan(MIN_REQUESTS_PER_SECOND);
  expect(outcomesOf(answers)).toEqual({ 200: answers.length });
  expect((await follower.status('digits'))?.stable?.version).toBe(2);
});

it('a leader that was stopped and goes on after a takeover writes nothing: no journal, no commit, no route', async () => {
  const { leader, follower } = await pair.roles();
  pair.commit(3, STEPS);
  await untilWeight(50);
  leader.signal('SIGSTOP');
  // What the gateway reports now lies in the stopped leader's socket, and waits there for its judgement.
  const steady = startLoad();
  const takeoverMs = await pair.untilLeading(follower, MAX_TAKEOVER_MS);
  await eventually(
    'the rollback is in Git',
    async () => (await follower.status('digits'))?.lastRollout?.writeBack?.state,
    (state) => state === 'committed',
  );
  await untilPhase(follower, 'Healthy');
  await sleep(500);
  const [journal, commits, routes] = [await pair.journal(), pair.commits(), pair.routes()];
  leader.signal('SIGCONT');
  await eventually(
    'the old leader follows',
    () => leader.health(),
    (health) => health?.leader === false && health.leaderAddress === follower.url,
  );
  await sleep(TTL_SECONDS * 1000);
  const answers = await steady.stop();
  console.info(
    `takeover ${takeoverMs.toFixed(0)} ms after SIGSTOP (ttl ${TTL_SECONDS} s); ${JSON.stringify(outcomesOf(answers))}`,
  );
  expect(await pair.journal()).toBe(journal);
  expect(pair.commits()).toEqual(commits);
  expect(commits.filter((subject) => subject.startsWith('revert(default/digits)'))).toHaveLength(1);
  expect(pair.routes()).toEqual(routes);
  expect(Number(routes.epoch)).toBe(await follower.metric('slipway_controller_lease_epoch'));
  expect([
    await leader.metric('slipway_controller_is_leader'),
    await follower.metric('slipway_controller_is_leader'),
  ]).toEqual([0, 1]);
  expect(outcomesOf(answers)).toEqual({ 200: answers.length });
  const refused = await fetch(`${leader.url}/v1/deployments/default/digits/promote`, { method: 'POST' });
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ code: 'NOT_LEADER', error: expect.stringContaining(follower.url) });
});

it('with bucket and Git out of everybody’s reach a bad candidate loses its traffic, and nothing else happens until they are back', async () => {
  const { leader, follower } = await pair.roles();
  pair.commit(3, STEPS);
  await untilWeight(50);
  pair.takeAway(true);
  await eventually(
    'the lease has lapsed',
    () => leader.health(),
    (health) => health?.leader === false,
  );
  await sleep(TTL_SECONDS * 1000);
  expect(await follower.health()).toMatchObject({ leader: false });
  const steady = startLoad();
  const startedMs = performance.now();
  await untilWeight(0);
  const withheldMs = performance.now() - startedMs;
  await sleep(500);
  pair.takeAway(false);
  await eventually(
    'the rollback is in Git',
    async () => pair.commits().filter((subject) => subject.startsWith('revert(default/digits)')),
    (reverts) => reverts.length === 1,
  );
  const { leader: last } = await pair.roles();
  await untilPhase(last, 'Healthy');
  const answers = await steady.stop();
  console.info(
    `weight 0 after ${withheldMs.toFixed(0)} ms of load without bucket and Git; ${JSON.stringify(outcomesOf(answers))}`,
  );
  expect(outcomesOf(answers)).toEqual({ 200: answers.length });
  expect((await last.status('digits'))?.lastRollout).toMatchObject({ version: 3, outcome: 'rolledBack' });
});

it('a leader that is told to end is followed within a look; one that is killed and started again takes its own lease', async () => {
  const { leader, follower } = await pair.roles();
  const epoch = await leader.metric('slipway_controller_lease_epoch');
  const ended = leader.end('SIGTERM');
  const handoverMs = await pair.untilLeading(follower, 1500);
  await ended;
  expect(await follower.metric('slipway_controller_lease_epoch')).toBe(epoch + 1);
  await follower.end('SIGKILL');
  const startedMs = performance.now();
  await follower.start();
  const restartMs = performance.now() - startedMs;
  expect(await follower.health()).toMatchObject({ leader: true });
  expect(await follower.metric('slipway_controller_lease_epoch')).toBe(epoch + 2);
  // It leads before it has read the journal.
  await untilPhase(follower, 'Healthy');
  console.info(
    `handover ${handoverMs.toFixed(0)} ms after SIGTERM; leading ${restartMs.toFixed(0)} ms after a restart`,
  );
});
