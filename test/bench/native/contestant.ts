/**
 * One runtime in a loop, in a process of its own: nothing of another one is in its memory.
 *
 *     node contestant.ts <onnxruntime-node | native | native-aside> <model file> <rows per run> <seconds> → a Contest as JSON
 *
 * `native` computes on the loop's thread, as a runner does; `native-aside` on a thread of the session's own.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { bundledLibrary, NativeModelSession } from '#adapters/runtime-native';
import { OnnxModelSession } from '#adapters/runtime-onnxruntime';
import { sampleInputs, type Tensor } from '#domain/inference';
import { quantile } from '#testing';
import { signatureOf } from './model-signature.ts';

/** What a runtime showed. */
export interface Contest {
  /** Runs in a second of the processor, whichever thread had it: what else the machine does has less of a say in it. */
  readonly runsPerCpuSecond: number;
  readonly p99Ms: number;
  /** 99th percentile of how late the event loop's timers were, in milliseconds; it has a resolution of 1. */
  readonly loopDelayP99Ms: number;
  /** Of the process, in MiB, beyond what it had before it loaded the model. */
  readonly memoryMib: number;
}

type Run = (inputs: readonly Tensor[], outputNames: readonly string[]) => Promise<unknown>;

const [, , runtime = '', file = '', rows = '1', seconds = '1'] = process.argv;
const WARM_UP_SHARE = 0.3;
const MIB = 1024 * 1024;

const signature = await signatureOf(file);
const inputs = sampleInputs(signature, { rows: Number(rows), freeAxis: 1, isZero: false });
const outputNames = signature.outputs.map(({ name }) => name);
const before = process.memoryUsage.rss();
const run = await load(runtime);
await loop(run, Number(seconds) * WARM_UP_SHARE);
const memoryMib = (process.memoryUsage.rss() - before) / MIB;
const cpuBefore = process.cpuUsage();
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const times = await loop(run, Number(seconds));
delay.disable();
const { user, system } = process.cpuUsage(cpuBefore);
const contest: Contest = {
  runsPerCpuSecond: (times.length / (user + system)) * 1e6,
  p99Ms: quantile(times, 0.99),
  loopDelayP99Ms: delay.percentile(99) / 1e6,
  memoryMib,
};
console.log(JSON.stringify(contest));

async function load(name: string): Promise<Run> {
  if (name === 'onnxruntime-node') {
    const session = await OnnxModelSession.load(file, 1);
    return (given, names) => session.run(given, names);
  }
  const session = await NativeModelSession.load(file, 1, { libraryPath: bundledLibrary(), provider: 'cpu' });
  return name === 'native'
    ? (given, names) => session.run(given, names)
    : (given, names) => session.runAside(given, names);
}

/** @returns milliseconds of each run. */
async function loop(one: Run, forSeconds: number): Promise<number[]> {
  const runs: number[] = [];
  const untilMs = performance.now() + forSeconds * 1000;
  for (let nowMs = performance.now(); nowMs < untilMs; ) {
    const beganMs = nowMs;
    await one(inputs, outputNames);
    nowMs = performance.now();
    runs.push(nowMs - beganMs);
  }
  return runs;
}
