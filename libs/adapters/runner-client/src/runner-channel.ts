import { readSync, writeSync } from 'node:fs';
import { isDomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import { type ReceivedRun, readRun, writeAnswer, writeFailure } from './lane-codec.ts';
import { LOAD_BELL, type LoadedModel, type ModelToLoad, readModelToLoad, writeMessage } from './load-message.ts';
import { endWithParent, goFirst, limitMemory } from './runner-limits.ts';
import { SharedMemory } from './shared-memory.ts';

/** File descriptors that a runner inherits. */
const BELLS_FD = 3;
const MEMORY_FD = 4;
/** Answers wait no longer than this for others to share their bell. */
const BELL_DELAY_MS = 0.2;

/** What a runner does. */
export interface RunnerModel {
  load(model: ModelToLoad): Promise<LoadedModel>;
  run(run: ReceivedRun): Promise<Tensor[]>;
  /** The gateway wants nothing any more, or is gone. */
  close(): Promise<void>;
}

/**
 * Serves a gateway for as long as it lives: the runner's side of {@link RunnerProcess}. The thread sleeps in a blocking read, which wakes
 * sooner than an event loop does, and nothing else has to be answered here.
 */
export async function serveGateway(model: RunnerModel): Promise<never> {
  endWithParent();
  goFirst();
  const memory = SharedMemory.open(MEMORY_FD);
  const received = Buffer.alloc(256);
  let names: ModelToLoad['signature'] = { inputs: [], outputs: [] };
  for (;;) {
    const count = readBells(received);
    if (count === 0) {
      await model.close();
      process.exit(0);
    }
    let answered: number[] = [];
    let rungAtMs = performance.now();
    for (const bell of received.subarray(0, count)) {
      if (bell === LOAD_BELL) names = await load(memory, model);
      else await run(memory, bell, model, names);
      answered.push(bell);
      if (performance.now() - rungAtMs < BELL_DELAY_MS) continue;
      ring(answered);
      answered = [];
      rungAtMs = performance.now();
    }
    ring(answered);
  }
}

async function load(memory: SharedMemory, model: RunnerModel): Promise<ModelToLoad['signature']> {
  const lane = memory.lane(0);
  const wanted = readModelToLoad(lane);
  try {
    if (wanted.maxMemoryBytes !== undefined) limitMemory(wanted.maxMemoryBytes);
    writeMessage(lane, await model.load(wanted));
  } catch (error) {
    writeFailure(lane, codeOf(error, 'MODEL_LOAD_FAILED'), (error as Error).message);
  }
  return wanted.signature;
}

async function run(
  memory: SharedMemory,
  index: number,
  model: RunnerModel,
  { inputs, outputs }: ModelToLoad['signature'],
): Promise<void> {
  const lane = memory.lane(index);
  const received = readRun(
    lane,
    inputs.map((spec) => spec.name),
    outputs.map((spec) => spec.name),
  );
  const startedMs = performance.now();
  try {
    const tensors = await model.run(received);
    writeAnswer(lane, tensors, performance.now() - startedMs, received.room);
  } catch (error) {
    writeFailure(lane, codeOf(error, 'MODEL_RUN_FAILED'), (error as Error).message);
  }
}

/** How many bells there are, for which it waits; 0 when there will be no more. */
function readBells(into: Buffer): number {
  try {
    return readSync(BELLS_FD, into);
  } catch {
    return 0;
  }
}

function ring(bells: readonly number[]): void {
  if (bells.length === 0) return;
  try {
    writeSync(BELLS_FD, Uint8Array.from(bells));
  } catch {
    process.exit(0);
  }
}

function codeOf(error: unknown, otherwise: string): string {
  return isDomainError(error) ? error.code : otherwise;
}
