import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VersionStatus_State } from '#generated/slipway/control/v1/control';
import { eventually } from '../e2e/eventually.ts';
import { ExitWatch } from './exit-watch.ts';
import { type Answered, binaryBody } from './rest-caller.ts';
import { type ServingFixture, startServing } from './serving-fixture.ts';
import { outcomesOf, SteadyLoad } from './steady-load.ts';

const CALLERS = 8;
/** A run waits for company, so that whoever is on the way shares the run of the request that ends it. */
const together = { instances: 1, batching: { maxBatchSize: 2 * CALLERS, maxDelayMs: 20 } };
const BACK_WITHIN_MS = 1000;
/** Of the load before and after a crash: many times what a call takes. */
const SETTLED_MS = 1000;
/** What the model dies of, in native code of ONNX Runtime. */
const DEADLY = -(2 ** 31);

const given = (number: number) =>
  binaryBody([{ name: 'given', datatype: 'INT32', shape: [1, 1], data: new Uint8Array(Int32Array.of(number).buffer) }]);
const harmless = given(7);
let serving: ServingFixture;

beforeAll(async () => {
  serving = await startServing();
});
afterAll(async () => {
  await serving?.stop();
});

/** Sends a model, under load, one request that its runner dies of, beside another model's load; answers what everybody saw. */
async function crash(model: string, other: string) {
  const { gateway, caller } = serving;
  const { pid } = gateway;
  const load = new SteadyLoad(gateway.url, model, harmless, CALLERS);
  const beside = new SteadyLoad(gateway.url, other, harmless, CALLERS, 5);
  await sleep(SETTLED_MS);
  const watch = new ExitWatch(gateway);
  const culprit = await caller.infer(model, given(DEADLY));
  await sleep(BACK_WITHIN_MS + SETTLED_MS);
  await watch.stop();
  const answers = await load.stop();
  await beside.stop();
  expect(outcomesOf(beside.answers)).toEqual({ 200: beside.answers.length });
  expect(beside.since(culprit.atMs).length).toBeGreaterThan(CALLERS);
  expect([gateway.isAlive, gateway.pid]).toEqual([true, pid]);
  return { culprit, answers, exitsAtMs: watch.exitsAtMs };
}

/** Calls that were on their way with another one. */
function besideCall({ atMs: fromMs, tookMs: lastedMs }: Answered, answers: readonly Answered[]): Answered[] {
  return answers.filter(({ atMs, tookMs }) => atMs < fromMs + lastedMs && atMs + tookMs > fromMs);
}

/** From a moment to the first answer to a call that was sent after it, in milliseconds. */
function answeredAfterMs(momentMs: number, answers: readonly Answered[]): number {
  const sentLater = answers.filter(({ atMs }) => atMs > momentMs);
  return Math.min(...sentLater.map(({ atMs, tookMs }) => atMs + tookMs)) - momentMs;
}

describe('a model that crashes in native code', () => {
  it('with stable alone: its request fails with the reason, those in flight are answered, and it is back within 1 s', async () => {
    const alone = await serving.deployment('deadly', { as: 'alone', serving: together });
    await serving.controller.serve([alone, await serving.deployment('identity-int32')]);
    const { culprit, answers, exitsAtMs } = await crash('alone', 'identity-int32');
    const { error } = JSON.parse(culprit.body.toString()) as { error: string };
    expect([culprit.status, culprit.code, error]).toEqual([
      503,
      'RUNNER_LOST',
      expect.stringContaining("the model's runner ended (signal SIGFPE"),
    ]);
    // Once with others in the same run, and once with an instance to itself, which tells who it was.
    expect(exitsAtMs).toHaveLength(2);
    const [firstMs = 0, lastMs = 0] = exitsAtMs;
    expect(besideCall(culprit, answers).length).toBeGreaterThanOrEqual(CALLERS);
    expect(outcomesOf(answers)).toEqual({ 200: answers.length });
    const backMs = [lastMs - firstMs, answeredAfterMs(lastMs, answers)];
    console.info(`back ${backMs.map(Math.round).join(' and ')} ms after the exits`);
    expect(Math.max(...backMs)).toBeLessThan(BACK_WITHIN_MS);
  });

  it('as a candidate: stable answers its request and those in flight, and it is back within 1 s', async () => {
    const { stable } = await serving.deployment('identity-int32');
    const { stable: next } = await serving.deployment('deadly');
    if (stable === undefined || next === undefined) throw new Error('a deployment of the fixture has no version');
    const candidate = { ...next, version: 2, build: 'model@2' };
    const rollout = { candidate, candidateWeightPercent: 100, rolloutId: 'deadly', serving: together };
    await serving.controller.serve([
      await serving.deployment('identity-int32', { as: 'canary', ...rollout }),
      await serving.deployment('identity-int32'),
    ]);
    await eventually(
      'the candidate is ready',
      async () => serving.controller.statusOf('canary', candidate.build),
      (status) => status?.state === VersionStatus_State.READY,
    );
    const { culprit, answers, exitsAtMs } = await crash('canary', 'identity-int32');
    expect(culprit).toMatchObject({ status: 200, servedBy: '1', isFallback: true });
    expect(exitsAtMs).toHaveLength(1);
    const [exitMs = 0] = exitsAtMs;
    expect(outcomesOf(answers)).toEqual({ 200: answers.length });
    expect(answers.filter(({ isFallback }) => isFallback).length).toBeGreaterThan(CALLERS / 2);
    const byCandidate = answers.filter(({ servedBy }) => servedBy === '2');
    const backMs = answeredAfterMs(exitMs, byCandidate);
    console.info(`back ${Math.round(backMs)} ms after the exit`);
    expect(backMs).toBeLessThan(BACK_WITHIN_MS);
  });
});
