import { LANE_SPAN_BYTES, type Lane } from './shared-memory.ts';

/** Tensors begin at multiples of it, in bytes, so that every datatype can be viewed where it lies. */
export const ALIGNMENT = 64;

/**
 * The part of a lane that a run leaves free: a runtime that knows how large an output is going to be has it written there, where the gateway
 * reads it. It is for one run; views of it are not to be used after the answer was written.
 */
export class AnswerRoom {
  readonly #lane: Lane;
  readonly #taken: { readonly data: Uint8Array; readonly offset: number }[] = [];
  #endBytes: number;

  /** @param startBytes behind what the run and the head of its answer need. */
  constructor(lane: Lane, startBytes: number) {
    this.#lane = lane;
    this.#endBytes = aligned(startBytes);
  }

  /** Where what was taken ends, in bytes from the lane's beginning. */
  get endBytes(): number {
    return this.#endBytes;
  }

  /**
   * Memory for an output. What it holds is in the answer when the output's `data` is what this returns, the same object.
   *
   * @returns `undefined` when the lane cannot hold so much; the output is copied into the lane then, which may fail.
   */
  take(sizeBytes: number): Uint8Array | undefined {
    const offset = this.#endBytes;
    const end = aligned(offset + sizeBytes);
    if (end > LANE_SPAN_BYTES) return undefined;
    const data = this.#lane.bytes(end).subarray(offset, offset + sizeBytes);
    this.#taken.push({ data, offset });
    this.#endBytes = end;
    return data;
  }

  /** Where in the lane data that was taken here lies; `undefined` for other data. */
  offsetOf(data: Uint8Array): number | undefined {
    return this.#taken.find((taken) => taken.data === data)?.offset;
  }
}

/** The next multiple of {@link ALIGNMENT}. */
export function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
