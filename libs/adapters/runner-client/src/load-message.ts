import type { LoadProfile, OperatorLibrary, ServedVariant } from '#application/serving';
import { DomainError } from '#domain/errors';
import type { ModelSignature } from '#domain/inference';
import { readAnswer } from './lane-codec.ts';
import type { Lane } from './shared-memory.ts';

/** The doorbell of a load; it lies in lane 0. Lanes have smaller numbers. */
export const LOAD_BELL = 255;

/** A plugin that a runner has instead of a runtime of Slipway's own. */
export interface RuntimePlugin {
  readonly name: string;
  readonly version: string;
  /** With the bytes that were verified, which nobody else writes. */
  readonly folder: string;
  /** The module in it. */
  readonly entry: string;
  readonly config: unknown;
  /** Parts of Node.js that it may have. */
  readonly grants: readonly string[];
}

/** What a runner is told to load. */
export interface ModelToLoad {
  readonly modelPath: string;
  /** From which it may take operators; absent: none. */
  readonly operatorLibraries?: readonly OperatorLibrary[];
  readonly signature: ModelSignature;
  /** What runs it, and what its files are; absent: a runtime of Slipway's own runs it, and looks itself. */
  readonly runBy?: { readonly plugin: RuntimePlugin; readonly variant: ServedVariant } | undefined;
  /** What of the runner's runtime it runs on, such as `cpu`; a runtime that has only one does not look at it. */
  readonly provider: string;
  /** Where a runtime may keep the model as it wants it, for all runners of the variant; absent: each keeps what it makes of it to itself. */
  readonly preparedFolder?: string | undefined;
  /** Absent: the runner measures and chooses. */
  readonly intraOpThreads?: number | undefined;
  readonly maxThreads: number;
  /** Beside what an empty runner takes; absent: as much as there is. */
  readonly maxMemoryBytes?: number | undefined;
}

/** What a runner has loaded. */
export type LoadedModel = LoadProfile;

const HEAD_BYTES = 16;
/** Stands where an answer has its milliseconds and a failure has -1. */
const MESSAGE = -2;

/** Writes a message; messages are rare and small, and JSON. */
export function writeMessage(lane: Lane, message: ModelToLoad | LoadedModel): void {
  const text = Buffer.from(JSON.stringify(message));
  const words = lane.words(HEAD_BYTES + text.byteLength);
  words[0] = HEAD_BYTES + text.byteLength;
  words[1] = MESSAGE;
  lane.bytes().set(text, HEAD_BYTES);
}

/** Reads what to load, in the runner. The gateway is trusted. */
export function readModelToLoad(lane: Lane): ModelToLoad {
  return JSON.parse(textIn(lane)) as ModelToLoad;
}

/**
 * Reads what was loaded.
 *
 * @throws what the runner failed with; RUNNER_LOST when it wrote nothing of the kind.
 */
export function readLoadedModel(lane: Lane): LoadedModel {
  if (lane.words()[1] !== MESSAGE) {
    readAnswer(lane, []);
    throw garbled();
  }
  try {
    const { intraOpThreads, runMs, isRowIndependent } = JSON.parse(textIn(lane)) as Record<string, unknown>;
    const isWhole = Number.isSafeInteger(intraOpThreads) && (intraOpThreads as number) > 0;
    if (!isWhole || typeof runMs !== 'number' || !(runMs >= 0) || typeof isRowIndependent !== 'boolean')
      throw garbled();
    return { intraOpThreads: intraOpThreads as number, runMs, isRowIndependent };
  } catch {
    throw garbled();
  }
}

function textIn(lane: Lane): string {
  const used = lane.words()[0] ?? 0;
  return new TextDecoder().decode(lane.bytes(used).slice(HEAD_BYTES, used));
}

function garbled(): DomainError {
  return new DomainError('RUNNER_LOST', "the model's runner sent no message");
}
