import type { LoadProfile } from '#application/serving';
import { DomainError } from '#domain/errors';
import type { ModelSignature } from '#domain/inference';
import { readAnswer } from './lane-codec.ts';
import type { Lane } from './shared-memory.ts';

/** The doorbell of a load; it lies in lane 0. Lanes have smaller numbers. */
export const LOAD_BELL = 255;

/** What a runner is told to load. */
export interface ModelToLoad {
  readonly modelPath: string;
  readonly signature: ModelSignature;
  /** Absent: the runner measures and chooses. */
  readonly intraOpThreads?: number | undefined;
  readonly maxThreads: number;
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

/** @throws what the other side failed with */
export function readMessage<T extends ModelToLoad | LoadedModel>(lane: Lane): T {
  const words = lane.words();
  if (words[1] !== MESSAGE) {
    readAnswer(lane, []);
    throw new DomainError('RUNNER_LOST', "the model's runner sent no message");
  }
  const used = words[0] ?? 0;
  return JSON.parse(new TextDecoder().decode(lane.bytes(used).slice(HEAD_BYTES, used))) as T;
}
