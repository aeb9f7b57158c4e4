/**
 * The native runtime against onnxruntime-node: the same ONNX Runtime library, the same model, one thread for a run, each in a process of its
 * own, in alternation on the same core. Ratios are how many times better the native runtime is.
 *
 * It needs the addon: `npm run build:native`.
 */
import { join } from 'node:path';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { type BenchOptions, byEffort, isTouched, isWanted } from './bench-options.ts';
import { type BenchRow, median } from './bench-row.ts';
import { type BenchModelName, installBenchModels } from './gateway/bench-models.ts';
import { runPinned } from './gateway/run-pinned.ts';
import type { Contest } from './native/contestant.ts';
import { measureSessions, SHARED_FACTOR } from './native/measure-sessions.ts';
import type { SessionsMemory } from './native/sessions.ts';
import { progress, short } from './progress.ts';

const MODELS = ['mlp-4', 'mlp-784', 'resnet50'] as const satisfies readonly BenchModelName[];
const ROWS = [1, 8, 32] as const;
const SHARED_MODELS = ['mlp-784', 'resnet50'] as const satisfies readonly BenchModelName[];
const SESSIONS = 20;
/** Of a tiny model most of the time is the way to it. */
const TINY_GOAL = 1.3;
/** Never slower, as far as a shared machine can tell. */
const GOAL = 1;
/** Long enough to read any of the models. */
const LOAD_SECONDS = 120;
const program = join(import.meta.dirname, 'native/contestant.ts');

export async function measure(options: BenchOptions): Promise<BenchRow[]> {
  const directory = await installBenchModels();
  const rows: BenchRow[] = [];
  for (const model of MODELS)
    for (const count of ROWS) {
      const subject = `native/${model}/${count}`;
      if (!isTouched(options, subject)) continue;
      progress(`${subject} …`);
      rows.push(...(await contest(options, subject, join(directory, `${model}.onnx`), count)));
    }
  for (const model of SHARED_MODELS) {
    const subject = `native/${model}/sessions`;
    if (!isTouched(options, subject)) continue;
    progress(`${subject} …`);
    rows.push(await sessionsRow(options, subject, join(directory, `${model}.onnx`)));
  }
  return rows.filter(({ id }) => isWanted(options, id));
}

async function contest(options: BenchOptions, subject: string, file: string, count: number): Promise<BenchRow[]> {
  const runs = byEffort(options, 1, 5, 9);
  const seconds = byEffort(options, 0.5, 3, 6);
  const samples: Record<string, Contest[]> = {};
  for (let run = 0; run < runs; run += 1)
    for (const runtime of ['native', 'native-aside', 'onnxruntime-node']) {
      const command = [
        pinnedNode,
        '--conditions=slipway-source',
        program,
        runtime,
        file,
        String(count),
        String(seconds),
      ];
      const limitSeconds = 3 * seconds + LOAD_SECONDS;
      const output = await runPinned({ cores: options.serverCores, limitSeconds, command });
      const result = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Contest;
      progress(`  ${runtime}: ${short(result.runsPerCpuSecond)} runs/CPU s`);
      samples[runtime] = [...(samples[runtime] ?? []), result];
    }
  const middle = (runtime: string, of: keyof Contest) => median((samples[runtime] ?? []).map((sample) => sample[of]));
  const row = (what: string, unit: string, of: keyof Contest, ours: string, goal: number): BenchRow => {
    const [left, right] = [middle(ours, of), middle('onnxruntime-node', of)];
    const ratio = of === 'runsPerCpuSecond' ? left / right : right / left;
    return { id: `${subject}/${what}`, unit, ours: left, against: right, ratio, goal, runs };
  };
  const isTiny = subject.includes('mlp-4');
  return [
    row('throughput', 'runs/CPU s', 'runsPerCpuSecond', 'native', isTiny ? TINY_GOAL : GOAL),
    row('p99', 'ms', 'p99Ms', 'native', GOAL),
    row('aside-throughput', 'runs/CPU s', 'runsPerCpuSecond', 'native-aside', 0),
    row('aside-loop-delay', 'ms', 'loopDelayP99Ms', 'native-aside', GOAL),
    row('memory', 'MiB', 'memoryMib', 'native', GOAL),
    noMoreThan(`${subject}/copies`, 'outputs/run', runs, middle('native', 'copies'), 0, {
      'onnxruntime-node': middle('onnxruntime-node', 'copies'),
    }),
  ];
}

/** Memory of many sessions of one model, against what it may be: little more than that of one, and their activations. */
async function sessionsRow(options: BenchOptions, subject: string, file: string): Promise<BenchRow> {
  const runs = byEffort(options, 1, 3);
  const samples: SessionsMemory[] = [];
  for (let run = 0; run < runs; run += 1) samples.push(await measureSessions(file, SESSIONS));
  const middle = (of: keyof SessionsMemory) => median(samples.map((sample) => sample[of]));
  const most = SHARED_FACTOR * middle('oneMib') + middle('activationsMib');
  return noMoreThan(`${subject}/memory`, 'MiB', runs, middle('allMib'), most, { 'one session': middle('oneMib') });
}

function noMoreThan(
  id: string,
  unit: string,
  runs: number,
  ours: number,
  most: number,
  peers: Record<string, number>,
): BenchRow {
  return { id, unit, ours, against: most, ratio: ours === most ? 1 : most / ours, goal: GOAL, runs, peers };
}
