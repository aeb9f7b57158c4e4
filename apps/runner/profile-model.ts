import type { LoadedModel } from '#adapters/runner-client';
import { DATATYPE_SIZE_BYTES, type ModelSignature, type Sample, sampleInputs, type Tensor } from '#domain/inference';

/** A model that runs; closed by `release`. */
export interface Session {
  /**
   * @param limitMs past it a runtime that can ends the run, with DEADLINE_EXCEEDED.
   * @param take memory for outputs, in which a runtime that can has them written.
   */
  run(
    inputs: readonly Tensor[],
    outputNames: readonly string[],
    limitMs?: number,
    take?: (sizeBytes: number) => Uint8Array | undefined,
  ): Promise<Tensor[]>;
  release(): Promise<void>;
  /** The process ends; absent: there is nothing to do before. */
  shutDown?(): Promise<void>;
}

const MEASURED_RUNS = 5;
const MEASURE_AT_MOST_MS = 1000;
/** Below it another thread costs more than it brings. */
const WORTH_THREADS_MS = 2;
/** By how much more threads must be faster to be taken from other models. */
const WORTH_FACTOR = 1.25;
/** Sizes tried for free axes; a model may need more than one element, or be unable to take many. */
const FREE_AXIS_SIZES = [16, 1];
/** Kernels round differently for other numbers of rows. */
const RELATIVE_TOLERANCE = 1e-2;

/**
 * Loads a model with the number of threads that suits it, and finds out what the gateway must know to schedule it.
 *
 * @param wantedThreads `undefined` tries one thread, and as many as are allowed when one is slow.
 * @throws MODEL_LOAD_FAILED
 */
export async function profileModel<S extends Session>(
  load: (intraOpThreads: number) => Promise<S>,
  signature: ModelSignature,
  wantedThreads: number | undefined,
  maxThreads: number,
): Promise<{ session: S; profile: LoadedModel }> {
  let session = await load(wantedThreads ?? 1);
  let intraOpThreads = wantedThreads ?? 1;
  const freeAxis = await workingFreeAxis(session, signature);
  // A model that cannot run made-up inputs is left to its warm-up, and to its first requests.
  if (freeAxis === undefined) return { session, profile: { intraOpThreads, runMs: 0, isRowIndependent: false } };
  let runMs = await medianRunMs(session, signature, freeAxis);
  if (wantedThreads === undefined && maxThreads > 1 && runMs >= WORTH_THREADS_MS) {
    const wider = await load(maxThreads);
    const widerMs = await medianRunMs(wider, signature, freeAxis);
    const isWorthIt = widerMs * WORTH_FACTOR < runMs;
    await (isWorthIt ? session : wider).release();
    if (isWorthIt) [session, runMs, intraOpThreads] = [wider, widerMs, maxThreads];
  }
  const isRowIndependent = await hasIndependentRows(session, signature, freeAxis);
  return { session, profile: { intraOpThreads, runMs, isRowIndependent } };
}

async function workingFreeAxis(session: Session, signature: ModelSignature): Promise<number | undefined> {
  for (const freeAxis of FREE_AXIS_SIZES) {
    try {
      await runSample(session, signature, { rows: 1, freeAxis, isZero: true });
      return freeAxis;
    } catch {
      // The next size may do.
    }
  }
  return undefined;
}

async function medianRunMs(session: Session, signature: ModelSignature, freeAxis: number): Promise<number> {
  const times: number[] = [];
  const startedMs = performance.now();
  // The first run allocates.
  for (let run = 0; run <= MEASURED_RUNS && performance.now() - startedMs < MEASURE_AT_MOST_MS; run += 1) {
    const beganMs = performance.now();
    await runSample(session, signature, { rows: 1, freeAxis, isZero: true });
    times.push(performance.now() - beganMs);
  }
  const measured = times.length > 1 ? times.slice(1) : times;
  return measured.toSorted((left, right) => left - right)[Math.floor(measured.length / 2)] ?? 0;
}

/**
 * Whether two different rows computed together are what they are alone. Only models whose every input and output has a free first axis
 * are asked: in others the first axis is no batch.
 */
async function hasIndependentRows(session: Session, signature: ModelSignature, freeAxis: number): Promise<boolean> {
  const { inputs, outputs } = signature;
  if (inputs.length === 0 || [...inputs, ...outputs].some(({ shape }) => shape[0] !== -1)) return false;
  try {
    const sample = (isZero: boolean) => sampleInputs(signature, { rows: 1, freeAxis, isZero });
    const [zeros, ones] = [sample(true), sample(false)];
    const both = zeros.map((tensor, index) => joined(tensor, ones[index] ?? tensor));
    const names = outputs.map(({ name }) => name);
    const alone = [await session.run(zeros, names).then(copied), await session.run(ones, names).then(copied)];
    const together = await session.run(both, names);
    return together.every((output, index) => {
      const rows = alone.map((results) => results[index]);
      return output.shape[0] === 2 && rows.every((row, place) => row !== undefined && isRowOf(output, row, place));
    });
  } catch {
    return false;
  }
}

function joined(first: Tensor, second: Tensor): Tensor {
  const [, ...rest] = first.shape;
  return { ...first, shape: [2, ...rest], data: Buffer.concat([first.data, second.data]) };
}

function copied(tensors: readonly Tensor[]): Tensor[] {
  return tensors.map((tensor) => ({ ...tensor, data: Uint8Array.from(tensor.data) }));
}

function isRowOf(whole: Tensor, row: Tensor, place: number): boolean {
  if (DATATYPE_SIZE_BYTES[whole.datatype] === undefined) return true;
  const bytes = whole.data.subarray(place * row.data.byteLength, (place + 1) * row.data.byteLength);
  if (bytes.byteLength !== row.data.byteLength || whole.data.byteLength !== 2 * row.data.byteLength) return false;
  const [left, right] = [numbersOf(whole.datatype, bytes), numbersOf(whole.datatype, row.data)];
  return left.every((value, index) => isClose(value, right[index] ?? Number.NaN));
}

function isClose(left: number, right: number): boolean {
  if (Number.isNaN(left) && Number.isNaN(right)) return true;
  return (
    left === right || Math.abs(left - right) <= RELATIVE_TOLERANCE * Math.max(1e-3, Math.abs(left), Math.abs(right))
  );
}

function numbersOf(datatype: Tensor['datatype'], data: Uint8Array): number[] {
  const bytes = Uint8Array.from(data);
  if (datatype === 'FP32') return [...new Float32Array(bytes.buffer)];
  if (datatype === 'FP64') return [...new Float64Array(bytes.buffer)];
  if (datatype === 'FP16') return [...new Float16Array(bytes.buffer)];
  return [...bytes];
}

async function runSample(session: Session, signature: ModelSignature, sample: Sample): Promise<void> {
  await session.run(
    sampleInputs(signature, sample),
    signature.outputs.map(({ name }) => name),
  );
}
