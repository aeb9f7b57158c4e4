import { setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '#testing';
import { callAtPace } from '../../faults/paced-load.ts';
import { type BenchOptions, byEffort, isTouched, isWanted } from '../bench-options.ts';
import { type BenchRow, median } from '../bench-row.ts';
import { progress, short } from '../progress.ts';
import { installBenchModels } from './bench-models.ts';
import { type Call, checkCall } from './call.ts';
import { GatewayProbe } from './gateway-probe.ts';
import { applyLoad, requireLoadPrograms } from './load.ts';
import type { LoggedRequest } from './request-log.ts';
import { SlipwayGateway } from './slipway-gateway.ts';
import { makeWorkload } from './workload.ts';

/** Times of what the server can do that are offered to it. */
const OVERLOAD = 3;
/** Texts of 32 words: what a call costs the gateway is nothing beside what it costs the model. */
const MODEL = 'bert-base';
/** So many have all that it can do. */
const PEAK_CLIENTS = 16;
const PROBES_PER_SECOND = 4;
const REFUSED = new Set([429, 503]);
/** Of the goals: 90 % of the peak; refusals within 50 ms; normal again within 5 s; twice the memory. */
const GOODPUT_GOAL = 0.9;
const REFUSAL_LIMIT_MS = 50;
const RECOVERY_LIMIT_SECONDS = 5;
const MEMORY_GOAL = 0.5;
/** Normal is, for a second: everything answered, at most twice as slowly as before. */
const NORMAL_FACTOR = 2;
const WINDOW_MS = 1000;
const LONGEST_RECOVERY_MS = 30_000;
const MEASURABLE_SECONDS = 0.1;

/** What a gateway still does when three times as much is asked of it as it can do, and how it fares afterwards. */
export async function measureOverload(options: BenchOptions): Promise<BenchRow[]> {
  if (!isTouched(options, 'overload/')) return [];
  await requireLoadPrograms();
  const directory = await installBenchModels();
  const workload = await makeWorkload(directory, MODEL, 1);
  progress('overload: starting slipway …');
  const gateway = await SlipwayGateway.start(options.serverCores);
  try {
    await gateway.serve([workload], directory);
    const call = gateway.call(workload, 'json');
    const peak = await measurePeak(options, call);
    const probe = new GatewayProbe(call, PROBES_PER_SECOND);
    const startedMs = performance.now();
    await sleep(byEffort(options, 1, 5) * 1000);
    const normalP99Ms = probe.p99Since(startedMs);
    const memory = new MemorySampler(gateway);
    const perSecond = OVERLOAD * peak;
    const requests = await offer(call, { perSecond, seconds: options.overloadSeconds });
    const recoverySeconds = await untilNormal(probe, normalP99Ms);
    await probe.stop();
    await checkCall(call, workload.expected);
    return toRows(peak, requests, recoverySeconds, memory.stop()).filter(({ id }) => isWanted(options, id));
  } catch (error) {
    progress(gateway.describe());
    throw error;
  } finally {
    await gateway.stop();
  }
}

/** The load comes evenly: bursts would find the queue full, and the model idle after them. */
async function offer(call: Call, pace: { perSecond: number; seconds: number }): Promise<LoggedRequest[]> {
  if (call.kind !== 'http') throw new Error('the constant rate is for HTTP/1.1');
  const { origin } = new URL(call.url);
  const answers = await callAtPace(origin, MODEL, { bytes: Buffer.from(call.body), headers: call.headers }, pace);
  return answers.map(({ atMs, tookMs, status }) => ({ startedMs: atMs, tookMs, status }));
}

async function measurePeak(options: BenchOptions, call: Call): Promise<number> {
  const peaks: number[] = [];
  for (let run = 0; run < byEffort(options, 1, 3); run += 1) {
    const plan = { clients: PEAK_CLIENTS, cores: options.loadCores, seconds: byEffort(options, 2, 4) };
    peaks.push((await applyLoad(call, 0, plan)).perSecond);
  }
  const peak = median(peaks);
  progress(`overload: at most ${short(peak)} requests/s with ${PEAK_CLIENTS} clients`);
  return peak;
}

/** @returns seconds until a second began in which all was as before. */
async function untilNormal(probe: GatewayProbe, normalP99Ms: number): Promise<number> {
  const endedMs = performance.now();
  for (let windowMs = endedMs; windowMs < endedMs + LONGEST_RECOVERY_MS; windowMs += WINDOW_MS / 10) {
    await sleep(Math.max(0, windowMs + WINDOW_MS - performance.now()));
    if (probe.p99Since(windowMs, windowMs + WINDOW_MS) <= NORMAL_FACTOR * normalP99Ms)
      return Math.max(MEASURABLE_SECONDS, (windowMs - endedMs) / 1000);
  }
  return Number.POSITIVE_INFINITY;
}

interface Memory {
  readonly beforeMib: number;
  readonly peakMib: number;
}

class MemorySampler {
  readonly #gateway: SlipwayGateway;
  readonly #beforeMib: number;
  readonly #timer: NodeJS.Timeout;
  #peakMib = 0;

  constructor(gateway: SlipwayGateway) {
    this.#gateway = gateway;
    this.#beforeMib = gateway.tree.memoryMib();
    this.#timer = setInterval(() => this.#sample(), 500);
  }

  #sample(): void {
    this.#peakMib = Math.max(this.#peakMib, this.#gateway.tree.memoryMib());
  }

  stop(): Memory {
    clearInterval(this.#timer);
    this.#sample();
    return { beforeMib: this.#beforeMib, peakMib: this.#peakMib };
  }
}

function toRows(peak: number, requests: readonly LoggedRequest[], recoverySeconds: number, memory: Memory): BenchRow[] {
  const firstMs = requests.reduce((first, { startedMs }) => Math.min(first, startedMs), Number.POSITIVE_INFINITY);
  const lastMs = requests.reduce((last, { startedMs, tookMs }) => Math.max(last, startedMs + tookMs), 0);
  const seconds = (lastMs - firstMs) / 1000;
  const answered = requests.filter(({ status }) => status === 200);
  const refused = requests.filter(({ status }) => REFUSED.has(status));
  const lost = requests.length - answered.length - refused.length;
  const refusalP99Ms = quantile(
    refused.map(({ tookMs }) => tookMs),
    0.99,
  );
  progress(
    `overload: ${short(requests.length / seconds)}/s of ${short(OVERLOAD * peak)}/s offered for ${short(seconds)} s: ${short(answered.length / seconds)}/s answered, ` +
      `${short(refused.length / seconds)}/s refused (p99 ${short(refusalP99Ms)} ms), ${lost} neither; normal after ` +
      `${short(recoverySeconds)} s; memory ${short(memory.beforeMib)} MiB before, at most ${short(memory.peakMib)} MiB`,
  );
  const goodput = answered.length / seconds;
  const limit = (id: string, unit: string, ours: number, most: number): BenchRow => ({
    id,
    unit,
    ours,
    against: most,
    ratio: most / ours,
    goal: 1,
    runs: 1,
  });
  return [
    { ...limit('overload/goodput', 'requests/s', goodput, peak), ratio: goodput / peak, goal: GOODPUT_GOAL },
    limit('overload/refusal-p99', 'ms', refusalP99Ms, REFUSAL_LIMIT_MS),
    limit('overload/recovery', 's', recoverySeconds, RECOVERY_LIMIT_SECONDS),
    { ...limit('overload/memory', 'MiB', memory.peakMib, memory.beforeMib), goal: MEMORY_GOAL },
  ];
}
