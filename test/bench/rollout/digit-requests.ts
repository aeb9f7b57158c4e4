import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { seededNumbers } from '#testing';

export const DIGITS_DIRECTORY = join(import.meta.dirname, '../../models/digits');
/** Classifies every digit. */
export const STABLE_FILE = join(DIGITS_DIRECTORY, 'digits-2.onnx');
/** Fails for digits with much ink: it looks up a row of a table that is not there. */
export const CANDIDATE_FILE = join(DIGITS_DIRECTORY, 'digits-3.onnx');

const PIXELS = 64;
const SILENT = 4;

/** Held-out digits as bodies of requests, by what the candidate makes of them. */
export interface DigitRequests {
  readonly answered: readonly Buffer[];
  readonly failed: readonly Buffer[];
}

/** Tries every held-out digit with the candidate's file and the runtime that gateways have. */
export async function readDigitRequests(): Promise<DigitRequests> {
  const heldOut = JSON.parse(readFileSync(join(DIGITS_DIRECTORY, 'heldout.json'), 'utf8')) as { pixels: number[][] };
  const session = await InferenceSession.create(CANDIDATE_FILE, { logSeverityLevel: SILENT });
  const [answered, failed] = [[] as Buffer[], [] as Buffer[]];
  for (const pixels of heldOut.pixels) {
    const feed = { pixels: new Tensor('float32', Float32Array.from(pixels), [1, PIXELS]) };
    const isAnswered = await session.run(feed).then(
      () => true,
      () => false,
    );
    (isAnswered ? answered : failed).push(bodyOf(pixels));
  }
  await session.release();
  return { answered, failed };
}

function bodyOf(pixels: readonly number[]): Buffer {
  const inputs = [{ name: 'pixels', datatype: 'FP32', shape: [1, PIXELS], data: pixels }];
  return Buffer.from(JSON.stringify({ inputs, outputs: [{ name: 'label' }] }));
}

/** The requests of one run, without end: each would fail on the candidate with the same chance, and the seed says which do. */
export class SeededRequests {
  readonly #requests: DigitRequests;
  readonly #errorRate: number;
  readonly #random: () => number;

  constructor(requests: DigitRequests, errorRate: number, seed: number) {
    this.#requests = requests;
    this.#errorRate = errorRate;
    this.#random = seededNumbers(seed);
  }

  next(): { readonly fails: boolean; readonly body: Buffer } {
    const fails = this.#random() < this.#errorRate;
    const bodies = fails ? this.#requests.failed : this.#requests.answered;
    return { fails, body: bodies[Math.floor(this.#random() * bodies.length)] as Buffer };
  }
}
