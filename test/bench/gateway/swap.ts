import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '#testing';
import { type BenchOptions, byEffort, isTouched, isWanted } from '../bench-options.ts';
import type { BenchRow } from '../bench-row.ts';
import { progress, short } from '../progress.ts';
import { installBenchModels } from './bench-models.ts';
import type { Call } from './call.ts';
import { GatewayProbe } from './gateway-probe.ts';
import { requireLoadPrograms } from './load.ts';
import { offerLoad } from './open-loop.ts';
import type { LoggedRequest } from './request-log.ts';
import { SlipwayGateway } from './slipway-gateway.ts';
import { makeWorkload } from './workload.ts';

/** Of the model beside: a fraction of what it can do, so that its latency is its own and no queue's. */
const REQUESTS_PER_SECOND = 200;
const CONNECTIONS = 20;
/** Of the model that is swapped: it must answer all the time, too. */
const PROBES_PER_SECOND = 4;
/** At most 1.2 times as slow as before. */
const GOAL = 0.83;
const SWAP_DEADLINE_MS = 60_000;

/**
 * What a small model's clients notice while a model of 100 MB beside it is loaded, warmed and swapped for another version, again and
 * again. Here the server may use the load's cores, too: on one core alone nothing can be loaded without taking time from the rest.
 */
export async function measureSwap(options: BenchOptions): Promise<BenchRow[]> {
  if (!isTouched(options, 'swap/')) return [];
  await requireLoadPrograms();
  const directory = await installBenchModels();
  const beside = await makeWorkload(directory, 'mlp-784', 1);
  const swapped = await makeWorkload(directory, 'resnet50', 1);
  progress('swap: starting slipway …');
  const gateway = await SlipwayGateway.start(`${options.serverCores},${options.loadCores}`);
  try {
    await gateway.serve([beside, swapped], directory);
    await gateway.push('resnet50', join(directory, 'resnet50-next.onnx'));
    const probe = new GatewayProbe(gateway.call(swapped, 'binary'), PROBES_PER_SECOND);
    const swaps = new Swaps(gateway, gateway.call(beside, 'json'), probe, options.loadCores);
    // How long one takes decides how long the load must last; the first one has more to do.
    await swaps.swapOnce();
    const before = await swaps.loadFor(byEffort(options, 2, 20));
    progress(`swap: p99 ${short(p99Of(before))} ms before`);
    const during = await swaps.swapUnderLoad(options.swaps);
    await probe.stop();
    return toRows(before, during, probe, options.swaps).filter(({ id }) => isWanted(options, id));
  } catch (error) {
    progress(gateway.describe());
    throw error;
  } finally {
    await gateway.stop();
  }
}

class Swaps {
  readonly #gateway: SlipwayGateway;
  readonly #beside: Call;
  /** Of the model that is swapped: asking more often to see the swap would take time from the model beside. */
  readonly #probe: GatewayProbe;
  readonly #loadCores: string;
  #version = 1;
  #longestMs = 0;

  constructor(gateway: SlipwayGateway, beside: Call, probe: GatewayProbe, loadCores: string) {
    this.#gateway = gateway;
    this.#beside = beside;
    this.#probe = probe;
    this.#loadCores = loadCores;
  }

  loadFor(seconds: number): Promise<LoggedRequest[]> {
    const pace = { perSecond: REQUESTS_PER_SECOND, seconds, connections: CONNECTIONS };
    return offerLoad(this.#beside, { ...pace, cores: this.#loadCores });
  }

  /** Changes the version in Git and waits until the other one answers. */
  async swapOnce(): Promise<void> {
    const startedMs = performance.now();
    this.#version = this.#version === 1 ? 2 : 1;
    this.#gateway.deploy({ resnet50: this.#version });
    while (this.#probe.servedVersion !== this.#version) {
      if (performance.now() > startedMs + SWAP_DEADLINE_MS) throw new Error('the other version was not served in time');
      await sleep(50);
    }
    this.#longestMs = Math.max(this.#longestMs, performance.now() - startedMs);
  }

  /** @returns what the model beside answered from the beginning of each swap to its end. */
  async swapUnderLoad(count: number): Promise<LoggedRequest[]> {
    const seen: LoggedRequest[] = [];
    for (let swap = 1; swap <= count; swap += 1) {
      const load = this.loadFor(Math.ceil((this.#longestMs * 1.2) / 1000) + 1);
      // Its connections first.
      await sleep(300);
      const startedMs = Date.now();
      await this.swapOnce();
      const endedMs = Date.now();
      const requests = await load;
      seen.push(...requests.filter((request) => request.startedMs >= startedMs && request.startedMs <= endedMs));
      progress(`swap ${swap}/${count}: ${short((endedMs - startedMs) / 1000)} s, p99 ${short(p99Of(seen))} ms so far`);
    }
    return seen;
  }
}

function p99Of(requests: readonly LoggedRequest[]): number {
  return quantile(
    requests.map(({ tookMs }) => tookMs),
    0.99,
  );
}

function toRows(
  before: readonly LoggedRequest[],
  during: readonly LoggedRequest[],
  probe: GatewayProbe,
  swaps: number,
): BenchRow[] {
  const failed =
    during.filter(({ status }) => status !== 200).length +
    probe.requests.filter(({ isAnswered }) => !isAnswered).length;
  const all = during.length + probe.requests.length;
  progress(`swap: ${failed} of ${all} requests failed over ${swaps} swaps`);
  const [ours, against] = [p99Of(during), p99Of(before)];
  const answered = (all - failed) / all;
  return [
    { id: 'swap/p99', unit: 'ms', ours, against, ratio: against / ours, goal: GOAL, runs: swaps },
    { id: 'swap/answered', unit: 'of requests', ours: answered, against: 1, ratio: answered, goal: 1, runs: swaps },
  ];
}
