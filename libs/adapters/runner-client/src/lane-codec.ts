/**
 * How a run and its answer lie in a lane. All numbers are 64-bit floats, so that every size is exact; tensors begin at multiples
 * of 64 bytes, so that every datatype can be viewed where it lies.
 *
 *     run      [bytes used, inputs, outputs, milliseconds that it may take]
 *              per input   [index in the signature, datatype, offset, bytes, rank, axis sizes …]
 *              per output  [index in the signature]
 *     answer   [bytes used, milliseconds computed, outputs]
 *              per output  [datatype, offset, bytes, rank, axis sizes …]
 *     failure  [bytes used, -1, offset, bytes] of `CODE message` in UTF-8
 *
 * An answer overwrites its run: the runtime has read the inputs by then. Outputs that it writes into the lane while it still reads them lie
 * behind them.
 */
import type { RunAnswer, RunRequest } from '#application/serving';
import { DomainError, ERROR_CATALOGUE, type ErrorCode } from '#domain/errors';
import {
  DATATYPE_SIZE_BYTES,
  type Datatype,
  type ModelSignature,
  type Tensor,
  validateByteLength,
} from '#domain/inference';
import { ALIGNMENT, AnswerRoom, aligned } from './answer-room.ts';
import type { Lane } from './shared-memory.ts';

const DATATYPES = Object.keys(DATATYPE_SIZE_BYTES) as Datatype[];
const DATATYPE_INDEX = Object.fromEntries(DATATYPES.map((datatype, index) => [datatype, index])) as Record<
  Datatype,
  number
>;
const WORD_BYTES = 8;
const RUN_HEAD_WORDS = 4;
const HEAD_WORDS = 3;
const INPUT_WORDS = 5;
const OUTPUT_WORDS = 4;
const FAILED = -1;
const MAX_RANK = 64;

/** A run as the runner finds it; the tensors are views over the lane. */
export interface ReceivedRun {
  readonly inputs: readonly Tensor[];
  readonly outputNames: readonly string[];
  /** How long it may take, from when it begins. */
  readonly limitMs: number;
  /** Where outputs may be written, so that nothing is left to copy. */
  readonly room: AnswerRoom;
}

/** Writes a run: the only copy of the inputs' bytes between a request's body and the runtime. */
export function writeRun(
  lane: Lane,
  signature: ModelSignature,
  { inputs, outputNames }: RunRequest,
  limitMs: number,
): void {
  const headWords = inputs.reduce((total, { shape }) => total + INPUT_WORDS + shape.length, RUN_HEAD_WORDS);
  let offset = aligned((headWords + outputNames.length) * WORD_BYTES);
  let used = offset;
  for (const { pieces } of inputs) for (const { byteLength } of pieces) used += byteLength;
  used += inputs.length * ALIGNMENT;
  const words = lane.words(used);
  const bytes = lane.bytes();
  words[0] = used;
  words[1] = inputs.length;
  words[2] = outputNames.length;
  words[3] = limitMs;
  let at = RUN_HEAD_WORDS;
  for (const { name, datatype, shape, pieces } of inputs) {
    const start = offset;
    for (const piece of pieces) {
      bytes.set(piece, offset);
      offset += piece.byteLength;
    }
    words[at] = signature.inputs.findIndex((spec) => spec.name === name);
    words[at + 1] = DATATYPE_INDEX[datatype];
    words[at + 2] = start;
    words[at + 3] = offset - start;
    at = writeShape(words, at + 4, shape);
    offset = aligned(offset);
  }
  for (const name of outputNames) {
    words[at] = signature.outputs.findIndex((spec) => spec.name === name);
    at += 1;
  }
}

/** Reads a run, in the runner. The gateway is trusted. */
export function readRun(lane: Lane, inputNames: readonly string[], outputNames: readonly string[]): ReceivedRun {
  const words = lane.words(lane.words()[0]);
  const bytes = lane.bytes();
  const word = (index: number) => words[index] ?? 0;
  const inputs: Tensor[] = [];
  let at = RUN_HEAD_WORDS;
  for (let index = word(1); index > 0; index -= 1) {
    const rank = word(at + 4);
    inputs.push({
      name: inputNames[word(at)] ?? '',
      datatype: DATATYPES[word(at + 1)] ?? 'UINT8',
      shape: Array.from(words.subarray(at + INPUT_WORDS, at + INPUT_WORDS + rank)),
      data: bytes.subarray(word(at + 2), word(at + 2) + word(at + 3)),
    });
    at += INPUT_WORDS + rank;
  }
  const wanted = Array.from(words.subarray(at, at + word(2)), (index) => outputNames[index] ?? '');
  const longestHead = (HEAD_WORDS + wanted.length * (OUTPUT_WORDS + MAX_RANK)) * WORD_BYTES;
  const room = new AnswerRoom(lane, Math.max(word(0), longestHead));
  return { inputs, outputNames: wanted, limitMs: word(3), room };
}

/**
 * Writes the answer of a run, in the runner.
 *
 * @param room the run's: outputs that lie in it already are not copied, the others go behind them.
 */
export function writeAnswer(lane: Lane, outputs: readonly Tensor[], runMs: number, room?: AnswerRoom): void {
  const headWords = outputs.reduce((total, { shape }) => total + OUTPUT_WORDS + shape.length, HEAD_WORDS);
  const places = outputs.map(({ data }) => room?.offsetOf(data));
  const isRoomUsed = places.some((place) => place !== undefined);
  let offset = isRoomUsed ? (room?.endBytes ?? 0) : aligned(headWords * WORD_BYTES);
  const toCopy = outputs.filter((_, index) => places[index] === undefined);
  const used = toCopy.reduce((total, { data }) => aligned(total + data.byteLength), offset);
  const words = lane.words(used);
  const bytes = lane.bytes();
  words[0] = used;
  words[1] = runMs;
  words[2] = outputs.length;
  let at = HEAD_WORDS;
  for (const [index, { datatype, shape, data }] of outputs.entries()) {
    const place = places[index];
    if (place === undefined) bytes.set(data, offset);
    words[at] = DATATYPE_INDEX[datatype];
    words[at + 1] = place ?? offset;
    words[at + 2] = data.byteLength;
    at = writeShape(words, at + 3, shape);
    if (place === undefined) offset = aligned(offset + data.byteLength);
  }
}

/** Writes why there is no answer, in the runner. */
export function writeFailure(lane: Lane, code: string, message: string): void {
  const text = new TextEncoder().encode(`${code} ${message}`);
  const offset = aligned(HEAD_WORDS * WORD_BYTES + WORD_BYTES);
  const words = lane.words(offset + text.byteLength);
  words[0] = offset + text.byteLength;
  words[1] = FAILED;
  words[2] = offset;
  words[3] = text.byteLength;
  lane.bytes().set(text, offset);
}

/**
 * Reads an answer and copies the outputs out of the lane, which is free for the next run then. The runner runs foreign models in
 * native code, so nothing that it wrote is taken on trust.
 *
 * @throws what the runner failed with; RUNNER_LOST when it wrote no answer at all.
 */
export function readAnswer(lane: Lane, outputNames: readonly string[]): RunAnswer {
  const used = lane.words()[0] ?? 0;
  if (!isSize(used, 2 ** 32)) throw garbled();
  const words = lane.words(used);
  const bytes = lane.bytes();
  const runMs = words[1] ?? 0;
  if (runMs === FAILED) throw failureIn(bytes, words[2] ?? 0, words[3] ?? 0);
  if (words[2] !== outputNames.length || !(runMs >= 0)) throw garbled();
  let at = HEAD_WORDS;
  const outputs = outputNames.map((name) => {
    const rank = words[at + 3] ?? -1;
    if (!isSize(rank, MAX_RANK)) throw garbled();
    const output = readOutput(bytes, words.subarray(at, at + OUTPUT_WORDS + rank), name);
    at += OUTPUT_WORDS + rank;
    return output;
  });
  return { outputs, runMs };
}

function readOutput(bytes: Uint8Array, words: Float64Array, name: string): Tensor {
  const [index = -1, offset = -1, length = -1] = words;
  const datatype = DATATYPES[index];
  if (datatype === undefined || !isSize(length, bytes.byteLength) || !isSize(offset, bytes.byteLength - length)) {
    throw garbled();
  }
  const shape = Array.from(words.subarray(OUTPUT_WORDS));
  const output = { name, datatype, shape, data: bytes.slice(offset, offset + length) };
  try {
    validateByteLength(output, name);
  } catch {
    throw garbled();
  }
  return output;
}

function failureIn(bytes: Uint8Array, offset: number, length: number): DomainError {
  if (!isSize(length, bytes.byteLength) || !isSize(offset, bytes.byteLength - length)) return garbled();
  const text = new TextDecoder().decode(bytes.slice(offset, offset + length));
  const code = text.slice(0, text.indexOf(' '));
  const isKnown = Object.hasOwn(ERROR_CATALOGUE, code);
  return new DomainError(isKnown ? (code as ErrorCode) : 'MODEL_RUN_FAILED', text.slice(code.length + 1));
}

function writeShape(words: Float64Array, at: number, shape: readonly number[]): number {
  words[at] = shape.length;
  words.set(shape, at + 1);
  return at + 1 + shape.length;
}

function isSize(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function garbled(): DomainError {
  return new DomainError('RUNNER_LOST', "the model's runner wrote no answer");
}
