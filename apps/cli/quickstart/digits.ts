import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Real handwritten digits that no model was trained on. */
export interface HeldOutDigits {
  /** One row of 64 pixels (8 by 8, 0 to 16) per digit. */
  readonly pixels: readonly (readonly number[])[];
  /** What each digit is, 0 to 9. */
  readonly labels: readonly number[];
}

/** @see test/models/digits/README.md */
export function readHeldOutDigits(directory: string): HeldOutDigits {
  return JSON.parse(readFileSync(join(directory, 'heldout.json'), 'utf8')) as HeldOutDigits;
}

/** Rows `from` to `from + count - 1`, wrapping around at the end, in one flat row-major array. */
export function batchOf(digits: HeldOutDigits, from: number, count: number): { pixels: number[]; labels: number[] } {
  const rows = Array.from({ length: count }, (_, offset) => (from + offset) % digits.labels.length);
  return {
    pixels: rows.flatMap((row) => [...(digits.pixels[row] ?? [])]),
    labels: rows.map((row) => digits.labels[row] ?? -1),
  };
}
