import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VersionStatus_State } from '#generated/slipway/control/v1/control';
import { eventually } from '../e2e/eventually.ts';
import { binaryBody } from './rest-caller.ts';
import { type ServingFixture, startServing } from './serving-fixture.ts';
import { outcomesOf, quantileMs, SteadyLoad } from './steady-load.ts';

const DEADLINE_MS = 1500;
const RUNNER_MEMORY_MIB = 1024;
const FOR_EVER = 2n ** 62n;
/** Tens of milliseconds. */
const BUSY_TRIPS = 30_000n;
/** Calls that never end, one after the other: as many as a version may lose runners by. */
const ENDLESS_CALLS = 3;
/** The native runtime ends runs by itself, so that runners, and versions, survive them. */
const endsRuns = process.env['SLIPWAY_GATEWAY_RUNTIME'] === 'native';
/** Milliseconds below which a comparison says more about the machine than about us. */
const NOISE_MS = 5;

const echo = binaryBody([{ name: 'given', datatype: 'FP32', shape: [1, 64], data: new Uint8Array(256) }]);
const trips = (count: bigint) => binaryBody([integer('trips', count)]);
const elements = (count: bigint) => binaryBody([integer('elements', count)]);
let serving: ServingFixture;

function integer(name: string, value: bigint) {
  return { name, datatype: 'INT64', shape: [1], data: new Uint8Array(BigInt64Array.from([value]).buffer) };
}

beforeAll(async () => {
  serving = await startServing({ SLIPWAY_GATEWAY_RUNNER_MEMORY_MIB: String(RUNNER_MEMORY_MIB) });
  const bounded = { deadlineMs: DEADLINE_MS, serving: { instances: 1, intraOpThreads: 1 } };
  await serving.controller.serve([
    await serving.deployment('identity-fp32'),
    await serving.deployment('loop', bounded),
    await serving.deployment('balloon', bounded),
    await serving.deployment('tile', bounded),
  ]);
});
afterAll(async () => {
  await serving?.stop();
});

/** The 99th percentile of a small model's latency while something happens beside it, in milliseconds. */
async function p99Beside(happening: () => Promise<void>): Promise<number> {
  const load = new SteadyLoad(serving.gateway.url, 'identity-fp32', echo, 4, 5);
  await happening();
  await load.stop();
  expect(outcomesOf(load.answers)).toEqual({ 200: load.answers.length });
  expect(load.answers.length).toBeGreaterThan(400);
  return quantileMs(load.answers, 0.99);
}

/** Keeps the looping model at work with runs that end. */
async function busyLoops(forMs: number): Promise<void> {
  const load = new SteadyLoad(serving.gateway.url, 'loop', trips(BUSY_TRIPS), 2);
  await sleep(forMs);
  await load.stop();
  expect(outcomesOf(load.answers)).toEqual({ 200: load.answers.length });
}

describe('a model that asks for more memory than there is', () => {
  it.each([
    ['2 GiB, which the limit refuses', 2n ** 29n],
    ['4 TiB, which nobody has', 2n ** 40n],
    ['what no number of bytes can say', 2n ** 62n],
  ])('%s: its call fails, and nothing else', async (_, count) => {
    const { caller, gateway } = serving;
    const runners = gateway.runners;
    expect(await caller.infer('balloon', elements(1000n))).toMatchObject({ status: 200 });
    expect(await caller.infer('balloon', elements(count))).toMatchObject({ status: 500, code: 'MODEL_RUN_FAILED' });
    expect(await caller.infer('balloon', elements(1000n))).toMatchObject({ status: 200 });
    expect(gateway.runners).toEqual(runners);
  });

  it('for an answer of 128 MiB: it is carried, however small the request was', async () => {
    const given = { name: 'given', datatype: 'FP32', shape: [1, 8192], data: new Uint8Array(32_768).fill(1) };
    const { status, body } = await serving.caller.infer('tile', binaryBody([given]));
    expect(status).toBe(200);
    expect(body.byteLength).toBeGreaterThan(2 ** 27);
    expect(body.subarray(-32_768).every((byte) => byte === 1)).toBe(true);
  });
});

/** The version is out of use, and says so at once. */
async function expectGivenUp(): Promise<void> {
  const { caller, controller } = serving;
  await eventually(
    'the version is given up',
    async () => controller.statusOf('loop'),
    (status) => status?.state === VersionStatus_State.FAILED && status.errorCode === 'RUNNER_LOST',
  );
  const refused = await caller.infer('loop', trips(10n));
  expect(refused).toMatchObject({ status: 503, code: 'MODEL_VERSION_NOT_READY' });
  expect(refused.tookMs).toBeLessThan(100);
}

describe('a model that never ends', () => {
  const after = endsRuns ? 'goes on' : 'is replaced, and given up after three times';

  it(`is cut off at its deadline and ${after}; another model is served as beside any busy one`, async () => {
    const { caller, gateway } = serving;
    const runners = gateway.runners;
    const busy = await p99Beside(() => busyLoops(4000));
    const cutOffs: number[] = [];
    const beside = await p99Beside(async () => {
      for (let call = 1; call <= ENDLESS_CALLS; call += 1) {
        const { status, code, tookMs } = await caller.infer('loop', trips(FOR_EVER));
        expect([status, code]).toEqual([504, 'DEADLINE_EXCEEDED']);
        cutOffs.push(tookMs);
        if (endsRuns || call < ENDLESS_CALLS)
          expect(await caller.infer('loop', trips(10n))).toMatchObject({ status: 200 });
      }
    });
    if (!endsRuns) await expectGivenUp();
    console.info(
      `p99 of another model: ${busy.toFixed(1)} ms beside runs that end, ${beside.toFixed(1)} ms beside such that do not; these were cut off after ${cutOffs.map(Math.round)} ms`,
    );
    expect(Math.max(...cutOffs)).toBeLessThan(DEADLINE_MS + 500);
    expect(beside).toBeLessThan(busy * 1.5 + NOISE_MS);
    if (endsRuns) expect(gateway.runners).toEqual(runners);
    else expect(gateway.runners).toHaveLength(runners.length - 1);
  });

  it('not even while it is loaded: the gateway serves on, and taking it back ends it', async () => {
    const { caller, controller, gateway } = serving;
    const others = [await serving.deployment('identity-fp32')];
    await controller.serve(others);
    controller.apply([...others, await serving.deployment('endless')]);
    await eventually(
      'a runner loads it',
      async () => gateway.runners.length,
      (count) => count === 2,
    );
    await sleep(1000);
    expect(controller.statusOf('endless')?.state).toBe(VersionStatus_State.LOADING);
    expect(await caller.infer('endless', trips(1n))).toMatchObject({ status: 404 });
    expect(await caller.infer('identity-fp32', echo)).toMatchObject({ status: 200 });
    controller.apply(others);
    await eventually(
      'its runner is gone',
      async () => gateway.runners.length,
      (count) => count === 1,
      2000,
    );
  });
});
