import { setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { GatewayProcess } from '../servers/gateway-process.ts';
import { callAtPace } from './paced-load.ts';
import { type Answered, binaryBody } from './rest-caller.ts';
import { type ServingFixture, startServing } from './serving-fixture.ts';
import { meanMs, outcomesOf, quantileMs, SteadyLoad } from './steady-load.ts';

const MODEL = 'work';
/** Of what the model can do. */
const OVERLOAD = 3;
const SECONDS = Number(process.env['SLIPWAY_OVERLOAD_SECONDS'] ?? 60);
/** Enough for the largest batch, and no more than is let in at first. */
const PEAK_CALLERS = 32;
const PEAK_SECONDS = 16;
const MIN_GOODPUT_SHARE = 0.9;
const REFUSED_WITHIN_MS = 50;
const RECOVERY_SECONDS = 5;
/** A call that is late is no good to its client. */
const DEADLINE_MS = 10_000;
/** Of the second half of the overload beside the first. */
const MAX_MEMORY_GROWTH = 1.15;

/** Enough work for a call that making the load takes nothing from the model. */
const ROWS = 8;
const CHANNELS = 64;
const SEED = binaryBody([
  { name: 'seed', datatype: 'FP32', shape: [ROWS, CHANNELS, 1, 1], data: new Uint8Array(ROWS * CHANNELS * 4) },
]);

let serving: ServingFixture;

beforeAll(async () => {
  serving = await startServing();
  await serving.controller.serve([await serving.deployment(MODEL, { deadlineMs: DEADLINE_MS, maxConcurrency: 1000 })]);
});
afterAll(() => serving.stop());

it(`${OVERLOAD} times what a model can do, for ${SECONDS} s: it does what it can, refuses the rest at once, and recovers`, async () => {
  const { gateway, caller } = serving;
  const peak = await loadOf(gateway, PEAK_CALLERS, PEAK_SECONDS);
  const peakBefore = rateOf(peak);
  const alone = await loadOf(gateway, 1, 3);
  expect(new Set(peak.map(({ status }) => status))).toEqual(new Set([200]));
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(gateway.residentMib), 250);
  const answers = await callAtPace(gateway.url, MODEL, SEED, {
    perSecond: OVERLOAD * peakBefore,
    seconds: SECONDS,
  });
  clearInterval(watch);
  const endedMs = performance.now();
  const isNormal = async () =>
    (await caller.infer(MODEL, SEED)).tookMs < 2 * quantileMs(alone, 0.5) + REFUSED_WITHIN_MS;
  while (!(await isNormal()) && performance.now() < endedMs + RECOVERY_SECONDS * 1000) await sleep(50);
  const recoverySeconds = (performance.now() - endedMs) / 1000;
  // Of a machine that others use too, the model has no more than it had at its worst.
  const peakRate = Math.min(peakBefore, rateOf(await loadOf(gateway, PEAK_CALLERS, PEAK_SECONDS)));
  const good = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 429);
  const goodput = good.length / SECONDS;
  const half = Math.floor(memory.length / 2);
  const [early, late] = [Math.max(...memory.slice(0, half)), Math.max(...memory.slice(half))];
  console.info(
    `peak ${peakRate.toFixed(1)}/s, offered ${(answers.length / SECONDS).toFixed(0)}/s, goodput ${goodput.toFixed(1)}/s; ` +
      `refused within ${quantileMs(refused, 0.99).toFixed(1)} ms (p99); normal after ${recoverySeconds.toFixed(1)} s; ` +
      `${early.toFixed(0)} MiB, then ${late.toFixed(0)} MiB; ${JSON.stringify(outcomesOf(answers))}`,
  );
  expect(goodput).toBeGreaterThan(peakRate * MIN_GOODPUT_SHARE);
  expect(refused.length).toBeGreaterThan(answers.length / 2);
  expect(quantileMs(refused, 0.99)).toBeLessThan(REFUSED_WITHIN_MS);
  expect(quantileMs(good, 0.99)).toBeLessThan(DEADLINE_MS);
  expect(recoverySeconds).toBeLessThan(RECOVERY_SECONDS);
  expect(late).toBeLessThan(early * MAX_MEMORY_GROWTH);
  // Each was answered, refused, or given up at its deadline: nothing was lost, and nothing is the server's fault.
  const others = answers.filter(({ status }) => ![200, 429, 504].includes(status));
  expect(outcomesOf(others)).toEqual({});
});

/** Answers come in batches that take seconds: counting them in a window would count one batch too many. */
function rateOf(peak: readonly Answered[]): number {
  return PEAK_CALLERS / (meanMs(peak) / 1000);
}

/** What so many callers get who call again when they were answered. */
async function loadOf({ url }: GatewayProcess, callers: number, seconds: number): Promise<Answered[]> {
  const load = new SteadyLoad(url, MODEL, SEED, callers);
  // The first runs of a size of batch are slower.
  await sleep(1000);
  const fromMs = performance.now();
  await sleep(seconds * 1000);
  const answers = load.between(fromMs, performance.now());
  await load.stop();
  return answers;
}
