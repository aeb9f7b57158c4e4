import { setFlagsFromString } from 'node:v8';

/** Smaller ones are gone with the next young collection. */
const WORTH_RELEASING_BYTES = 32 * 1024;

/**
 * Lets bodies lie beside V8's heap in proportion to it. Otherwise there is a full collection for every 64 MiB of them, which takes tens
 * of milliseconds: with images of 600 KB, twice a second and a sixth of a core.
 */
export function allowForBodies(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}

/**
 * Gives memory back at once, without a collection. Views over the bytes are empty from then on: whoever keeps a part for longer has
 * copied it.
 */
export function release(bytes: Uint8Array): void {
  if (bytes.byteLength < WORTH_RELEASING_BYTES) return;
  const { buffer } = bytes;
  if (bytes.byteLength !== buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
