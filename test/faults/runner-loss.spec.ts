import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VersionStatus_State } from '#generated/slipway/control/v1/control';
import { eventually } from '../e2e/eventually.ts';
import { type Answered, binaryBody, RestCaller } from './rest-caller.ts';
import { type ServingFixture, startServing } from './serving-fixture.ts';
import { outcomesOf, quantileMs, SteadyLoad } from './steady-load.ts';

const CALLERS = 16;
const SLOW_MODEL = 'work';
/** Of every caller between two calls: the machine shall have room for a runner that starts. */
const PAUSE_MS = 20;
const MIN_PER_SECOND = 200;
const BACK_WITHIN_MS = 2000;
const MAX_HEALTH_MS = 100;
const STOP_MS = Number(process.env['SLIPWAY_STOP_SECONDS'] ?? 3) * 1000;
const RESTARTS = 100;
const RESTARTS_AT_ONCE = 10;

const echo = binaryBody([{ name: 'given', datatype: 'FP32', shape: [1, 64], data: new Uint8Array(256) }]);
let serving: ServingFixture;

beforeAll(async () => {
  serving = await startServing();
});
afterAll(async () => {
  await serving?.stop();
});

/** Looks at the health endpoint all the time. */
class HealthWatch {
  readonly answers: Answered[] = [];
  readonly #caller: RestCaller;
  #isEnding = false;
  readonly #watching: Promise<void>;

  constructor(url: string) {
    this.#caller = new RestCaller(url, 1);
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    await this.#watching;
    this.#caller.close();
  }

  async #watch(): Promise<void> {
    while (!this.#isEnding) {
      const { body: _, ...answer } = await this.#caller.get('/health/live');
      this.answers.push(answer);
      await sleep(10);
    }
  }
}

/** Puts a load on a model, has something happen to it, and answers what clients and the health endpoint saw. */
async function underLoad(model: string, happening: () => Promise<void>) {
  const { gateway } = serving;
  const load = new SteadyLoad(gateway.url, model, echo, CALLERS, PAUSE_MS);
  const health = new HealthWatch(gateway.url);
  await sleep(1500);
  const fromMs = performance.now();
  const before = load.between(fromMs - 1000, fromMs).length;
  await happening();
  await load.stop();
  await health.stop();
  const answers = load.since(fromMs);
  const slowestHealthMs = quantileMs(health.answers, 1);
  console.info(
    `${model}: ${before} calls/s before, then ${JSON.stringify(outcomesOf(answers))}, the slowest ${quantileMs(answers, 1).toFixed(0)} ms; ` +
      `health within ${slowestHealthMs.toFixed(0)} ms`,
  );
  expect(before).toBeGreaterThan(MIN_PER_SECOND);
  expect(outcomesOf(health.answers)).toEqual({ 200: health.answers.length });
  expect(slowestHealthMs).toBeLessThan(MAX_HEALTH_MS);
  expect(gateway.isAlive).toBe(true);
  return { answers, fromMs };
}

/** Ends a runner, and answers the one that takes its place. */
async function replaced(victim: number, signal: NodeJS.Signals): Promise<number> {
  const before = serving.gateway.runners;
  process.kill(victim, signal);
  const isNew = (runner: number) => !before.includes(runner);
  const runners = await eventually(
    'another runner starts',
    async () => serving.gateway.runners,
    (now) => now.some(isNew),
  );
  return runners.find(isNew) ?? 0;
}

describe('a runner that ends under load', () => {
  it('with two instances: no call fails, and the other is back within 2 s', async () => {
    await serving.controller.serve([
      await serving.deployment('identity-fp32', { serving: { instances: 2, intraOpThreads: 1 } }),
    ]);
    const [first = 0, second = 0] = await eventually(
      'two runners',
      async () => serving.gateway.runners,
      ({ length }) => length === 2,
    );
    const { answers } = await underLoad('identity-fp32', async () => {
      await replaced(first, 'SIGKILL');
      await sleep(BACK_WITHIN_MS);
      // Were the first not back, this would be the only one.
      const lastAtMs = performance.now();
      await replaced(second, 'SIGSEGV');
      await sleep(BACK_WITHIN_MS);
      expect(performance.now() - lastAtMs).toBeGreaterThan(BACK_WITHIN_MS);
    });
    expect(outcomesOf(answers)).toEqual({ 200: answers.length });
    expect(quantileMs(answers, 1)).toBeLessThan(BACK_WITHIN_MS / 2);
    expect(serving.gateway.runners).toHaveLength(2);
  });

  it('with one instance: calls wait for the next one, and no longer than 2 s', async () => {
    await serving.controller.serve([
      await serving.deployment('identity-fp32', { as: 'alone', serving: { instances: 1 } }),
    ]);
    const [only = 0] = await eventually(
      'one runner',
      async () => serving.gateway.runners,
      ({ length }) => length === 1,
    );
    const { answers } = await underLoad('alone', async () => {
      await replaced(only, 'SIGKILL');
      await sleep(BACK_WITHIN_MS + 1000);
    });
    expect(outcomesOf(answers)).toEqual({ 200: answers.length });
    expect(quantileMs(answers, 1)).toBeLessThan(BACK_WITHIN_MS);
  });

  it('while it is loaded: the version goes on with the other, and has two again soon', async () => {
    await serving.controller.serve([
      await serving.deployment('identity-fp32', { as: 'twice', serving: { instances: 2, intraOpThreads: 1 } }),
    ]);
    const [first = 0] = await eventually(
      'two runners',
      async () => serving.gateway.runners,
      ({ length }) => length === 2,
    );
    const { answers } = await underLoad('twice', async () => {
      const next = await replaced(first, 'SIGKILL');
      await replaced(next, 'SIGKILL');
      await sleep(BACK_WITHIN_MS);
    });
    expect(outcomesOf(answers)).toEqual({ 200: answers.length });
    expect(serving.controller.reports.flatMap(({ versions }) => versions).map(({ state }) => state)).not.toContain(
      VersionStatus_State.FAILED,
    );
    expect(serving.gateway.runners).toHaveLength(2);
  });
});

describe('a runner that stands still', () => {
  it(`for ${STOP_MS / 1000} s, with two instances: the other one serves, and those that wait for it are answered`, async () => {
    const settings = { serving: { instances: 2, intraOpThreads: 1 }, deadlineMs: STOP_MS * 3 };
    await serving.controller.serve([await serving.deployment('identity-fp32', { as: 'stopped', ...settings })]);
    const [first = 0] = await eventually(
      'two runners',
      async () => serving.gateway.runners,
      ({ length }) => length === 2,
    );
    const { answers } = await underLoad('stopped', async () => {
      process.kill(first, 'SIGSTOP');
      await sleep(STOP_MS);
      process.kill(first, 'SIGCONT');
      await sleep(500);
    });
    expect(outcomesOf(answers)).toEqual({ 200: answers.length });
    expect(answers.length / ((STOP_MS + 500) / 1000)).toBeGreaterThan(MIN_PER_SECOND / 4);
    expect(serving.gateway.runners).toContain(first);
  });

  it('past the deadline: only its own calls fail, at their deadline, and it is replaced', async () => {
    const settings = { serving: { instances: 2, intraOpThreads: 1 }, deadlineMs: 1000 };
    await serving.controller.serve([await serving.deployment('identity-fp32', { as: 'stuck', ...settings })]);
    const [first = 0] = await eventually(
      'two runners',
      async () => serving.gateway.runners,
      ({ length }) => length === 2,
    );
    const { answers } = await underLoad('stuck', async () => {
      process.kill(first, 'SIGSTOP');
      await sleep(1000 + BACK_WITHIN_MS);
    });
    const failed = answers.filter(({ status }) => status !== 200);
    expect(outcomesOf(failed)).toEqual({ '504 DEADLINE_EXCEEDED': failed.length });
    expect(failed.length).toBeLessThanOrEqual(CALLERS);
    expect(quantileMs(answers, 1)).toBeLessThan(1500);
    expect(serving.gateway.runners).toHaveLength(2);
    expect(serving.gateway.runners).not.toContain(first);
  });
});

describe('a gateway over time', () => {
  it(`leaves nothing of ${RESTARTS} runners behind: no file, no mapping, no process`, async () => {
    const { gateway, controller } = serving;
    const round = async (number: number) => {
      const settings = { serving: { instances: 1, intraOpThreads: number % 2 === 0 ? 1 : 2 } };
      const names = Array.from({ length: RESTARTS_AT_ONCE }, (_, index) => `model-${index}`);
      await controller.serve(
        await Promise.all(names.map((as) => serving.deployment('identity-fp32', { as, ...settings }))),
      );
      // Requests map the lanes.
      for (const name of names) expect((await serving.caller.infer(name, echo)).status).toBe(200);
    };
    const settled = () =>
      eventually(
        'the old runners are gone',
        async () => gateway.runners.length,
        (count) => count === RESTARTS_AT_ONCE,
      );
    await round(0);
    await settled();
    const before = { openFiles: gateway.openFiles, sharedMappings: gateway.sharedMappings };
    for (let number = 1; number <= RESTARTS / RESTARTS_AT_ONCE; number += 1) await round(number);
    await settled();
    const after = { openFiles: gateway.openFiles, sharedMappings: gateway.sharedMappings };
    console.info(`before: ${JSON.stringify(before)}, after: ${JSON.stringify(after)}`);
    expect(after.openFiles).toBeLessThanOrEqual(before.openFiles + 2);
    expect(after.sharedMappings).toBe(before.sharedMappings);
  });

  it('is not troubled by clients that hang up in the middle of their calls', async () => {
    const { gateway, controller, caller } = serving;
    await controller.serve([await serving.deployment(SLOW_MODEL)]);
    const seed = binaryBody([{ name: 'seed', datatype: 'FP32', shape: [1, 64, 1, 1], data: new Uint8Array(256) }]);
    const { hostname, port } = new URL(gateway.url);
    const hangUp = (afterMs: number) =>
      new Promise<void>((resolve) => {
        const headers = { ...seed.headers, 'content-length': seed.bytes.byteLength };
        const request = http.request({
          hostname,
          port,
          method: 'POST',
          path: `/v2/models/${SLOW_MODEL}/infer`,
          headers,
        });
        request.on('error', () => resolve());
        request.on('response', (response) => response.resume().once('end', resolve));
        request.end(seed.bytes);
        setTimeout(() => request.destroy(), afterMs);
      });
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 20 }, (_, index) => hangUp(index)));
    const inFlight = async () =>
      new RegExp(`in_flight\\{model="${SLOW_MODEL}"\\} (\\d+)`).exec(
        (await caller.get('/metrics')).body.toString(),
      )?.[1];
    await eventually('no call is left', inFlight, (count) => count === '0');
    expect((await caller.infer(SLOW_MODEL, seed)).status).toBe(200);
    expect(gateway.runners.length).toBeGreaterThan(0);
  });
});
