/**
 * One runtime in a loop, in a process of its own: nothing of another one is in its memory.
 *
 *     node contestant.ts <onnxruntime-node | native | native-aside> <model file> <rows per run> <seconds> → a Contest as JSON
 *
 * `native` computes on the loop's thread, as a runner does; `native-aside` on a thread of the session's own.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
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
  /** Outputs of a run that had to be copied to where the gateway reads them. */
  readonly copies: number;
}

type Run = (inputs: readonly Tensor[], outputNames: readonly string[]) => Promise<Tensor[]>;

const [, , runtime = '', file = '', rows = '1', seconds = '1'] = process.argv;
const WARM_UP_SHARE = 0.3;
const DELAY_SHARE = 0.5;
const MIB = 1024 * 1024;
const ALIGNMENT = 64;
/** What the gateway reads; a runner has a lane of shared memory for it. Large enough for the outputs of any run here. */
const lane = new Uint8Array(MIB);
let laneUsed = 0;

const signature = await signatureOf(file);
const inputs = sampleInputs(signature, { rows: Number(rows), freeAxis: 1, isZero: false });
const outputNames = signature.outputs.map(({ name }) => name);
let copies = 0;
const before = process.memoryUsage.rss();
const run = await load(runtime);
await loop(run, Number(seconds) * WARM_UP_SHARE);
const memoryMib = (process.memoryUsage.rss() - before) / MIB;
copies = 0;
const cpuBefore = process.cpuUsage();
const times = await loop(run, Number(seconds));
const { user, system } = process.cpuUsage(cpuBefore);
const copiesPerRun = copies / times.length;
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
// Runs that are answered on this thread follow each other without a turn of the loop otherwise, and nothing is seen of how long they keep it.
await loop(run, Number(seconds) * DELAY_SHARE, nextTurn);
delay.disable();
const contest: Contest = {
  runsPerCpuSecond: (times.length / (user + system)) * 1e6,
  p99Ms: quantile(times, 0.99),
  loopDelayP99Ms: delay.percentile(99) / 1e6,
  memoryMib,
  copies: copiesPerRun,
};
console.log(JSON.stringify(contest));

async function load(name: string): Promise<Run> {
  if (name === 'onnxruntime-node') {
    const session = await OnnxModelSession.load(file, 1);
    return (given, names) => session.run(given, names);
  }
  const session = await NativeModelSession.load(file, 1, { libraryPath: bundledLibrary(), provider: 'cpu' });
  return name === 'native'
    ? (given, names) => session.run(given, names, undefined, takeLane)
    : (given, names) => session.runAside(given, names);
}

function takeLane(sizeBytes: number): Uint8Array {
  const taken = lane.subarray(laneUsed, laneUsed + sizeBytes);
  laneUsed += Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT;
  return taken;
}

/** Brings what lies elsewhere to where the gateway reads it, as a runner does. */
function bringIntoLane(outputs: readonly Tensor[]): void {
  for (const { data } of outputs) {
    if (data.buffer === lane.buffer) continue;
    takeLane(data.byteLength).set(data);
    copies += 1;
  }
}

/** @returns milliseconds of each run, until its outputs lie in the lane. */
async function loop(one: Run, forSeconds: number, afterEach?: () => Promise<void>): Promise<number[]> {
  const runs: number[] = [];
  const untilMs = performance.now() + forSeconds * 1000;
  for (let nowMs = performance.now(); nowMs < untilMs; ) {
    const beganMs = nowMs;
    laneUsed = 0;
    bringIntoLane(await one(inputs, outputNames));
    nowMs = performance.now();
    runs.push(nowMs - beganMs);
    if (afterEach !== undefined) await afterEach();
  }
  return runs;
}
