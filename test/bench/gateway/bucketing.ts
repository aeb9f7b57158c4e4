import http from 'node:http';
import { setInterval } from 'node:timers';
import { quantile } from '#testing';
import { type BenchOptions, byEffort, isTouched, isWanted } from '../bench-options.ts';
import { alternate, type BenchRow } from '../bench-row.ts';
import { progress, short } from '../progress.ts';
import { installBenchModels } from './bench-models.ts';
import { type Call, checkCall } from './call.ts';
import { startPeer, untilPeerAnswers } from './peers.ts';
import type { ProcessTree } from './process-tree.ts';
import { SlipwayGateway } from './slipway-gateway.ts';
import { realTexts } from './texts.ts';
import { rightAnswers, textInputs, type Workload } from './workload.ts';

/** Enough in work to fill batches of either kind. */
const CLIENTS = 32;
/** What a user would choose for BERT on a core; larger batches would only be padded more. */
const PEER_BATCH_SIZE = 8;
const TIME_GOAL = 1.4;
/** 20 % less than the other's. */
const MEMORY_GOAL = 1 / 0.8;
const CHECKED_TEXTS = 12;
const SAMPLE_MS = 250;

/**
 * BERT with texts of real lengths: Slipway, which puts requests of one shape together and pads none, against LitServe, which pads
 * to the longest text of a batch.
 */
export async function measureBucketing(options: BenchOptions): Promise<BenchRow[]> {
  if (!isTouched(options, 'bucketing/')) return [];
  const directory = await installBenchModels();
  const workloads = await makeWorkloads(directory, byEffort(options, 24, 160));
  const gateway = await SlipwayGateway.startAlone(options.serverCores);
  const settings = { directory, models: ['bert-base'] as const, cores: options.serverCores };
  const peer = await startPeer('litserve', { ...settings, maxBatchSize: PEER_BATCH_SIZE });
  try {
    progress('bucketing: starting slipway and litserve …');
    const [first] = workloads;
    if (first === undefined) throw new Error('there are no texts');
    await gateway.serve([first], directory);
    await gateway.endControlPlane();
    const theirCalls = workloads.map((workload) => required(peer.call(workload, 'json')));
    await untilPeerAnswers(peer, () => checkCall(required(theirCalls[0]), first.expected));
    peer.process.freeze();
    const ours = new TextLoad(
      gateway.tree,
      workloads.map((workload) => gateway.call(workload, 'json')),
      workloads,
    );
    const theirs = new TextLoad(peer.process.tree, theirCalls, workloads);
    const runs = byEffort(options, 1, 3);
    const time = await alternate(
      runs,
      () => ours.run(),
      async () => {
        peer.process.thaw();
        const seconds = await theirs.run();
        peer.process.freeze();
        return seconds;
      },
    );
    const rows = toRows(runs, time, ours, theirs);
    return rows.filter(({ id }) => isWanted(options, id));
  } finally {
    peer.process.stop();
    await gateway.stop();
  }
}

function toRows(
  runs: number,
  time: { readonly ours: number; readonly against: number },
  ours: TextLoad,
  theirs: TextLoad,
): BenchRow[] {
  const row = (id: string, unit: string, left: number, right: number, goal: number): BenchRow => ({
    id,
    unit,
    ours: left,
    against: right,
    ratio: right / left,
    goal,
    runs,
  });
  return [
    row('bucketing/time', 's', time.ours, time.against, TIME_GOAL),
    row('bucketing/memory', 'MiB', ours.peakMib, theirs.peakMib, MEMORY_GOAL),
    row('bucketing/memory-growth', 'MiB', ours.growthMib, theirs.growthMib, MEMORY_GOAL),
  ];
}

async function makeWorkloads(directory: string, count: number): Promise<Workload[]> {
  const texts = realTexts(count);
  const lengths = texts.map(({ length }) => length);
  const [p10, p50, p90, longest] = [0.1, 0.5, 0.9, 1].map((share) => quantile(lengths, share));
  progress(`bucketing: ${texts.length} texts of ${p10} (p10), ${p50} (p50), ${p90} (p90), ${longest} (longest) words`);
  const inputs = texts.map((words) => textInputs(words));
  const answers = await rightAnswers(directory, 'bert-base', inputs.slice(0, CHECKED_TEXTS));
  return inputs.map((tensors, index) => ({
    model: 'bert-base',
    rows: 1,
    inputs: tensors,
    expected: answers[index] ?? [],
  }));
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the server has no such interface');
  return value;
}

/** All texts once, by so many clients, with the memory that the server needs meanwhile. */
class TextLoad {
  peakMib = 0;
  readonly #tree: ProcessTree;
  readonly #calls: readonly Call[];
  readonly #workloads: readonly Workload[];
  #idleMib = 0;

  constructor(tree: ProcessTree, calls: readonly Call[], workloads: readonly Workload[]) {
    this.#tree = tree;
    this.#calls = calls;
    this.#workloads = workloads;
    this.#idleMib = tree.memoryMib();
  }

  /** What the load added to the memory of the loaded server. */
  get growthMib(): number {
    return this.peakMib - this.#idleMib;
  }

  /** @returns how many seconds all texts took. */
  async run(): Promise<number> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
    const sampling = setInterval(() => this.#sample(), SAMPLE_MS);
    const startedMs = performance.now();
    let next = 0;
    const lane = async () => {
      while (next < this.#calls.length) {
        const index = next;
        next += 1;
        // Some answers are compared with the right ones: texts that others were padded for, or that were padded themselves.
        await checkCall(required(this.#calls[index]), this.#workloads[index]?.expected ?? [], agent);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, lane));
    const seconds = (performance.now() - startedMs) / 1000;
    clearInterval(sampling);
    this.#sample();
    agent.destroy();
    progress(`bucketing: ${short(seconds)} s, at most ${short(this.peakMib)} MiB`);
    return seconds;
  }

  #sample(): void {
    this.peakMib = Math.max(this.peakMib, this.#tree.memoryMib());
  }
}
