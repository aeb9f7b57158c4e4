import type { Tensor } from '#domain/inference';

/** Bytes of a tensor that are looked at: all of a small one, and of a large one some, evenly spread. */
const MAX_SAMPLED_BYTES = 4096;

/**
 * A number of 32 bits that is most probably another one for other tensors. It is for telling whether two answers in a row are the same,
 * and costs microseconds; what differs in few bytes of a large tensor alone may be missed.
 *
 * @see FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function sampledHash(tensors: readonly Tensor[]): number {
  let hash = 0x811c9dc5;
  const take = (value: number) => {
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  for (const { shape, data } of tensors) {
    for (const size of shape) take(size);
    // An odd step meets every byte of an element in turn.
    const step = data.byteLength <= MAX_SAMPLED_BYTES ? 1 : Math.ceil(data.byteLength / MAX_SAMPLED_BYTES) | 1;
    for (let at = 0; at < data.byteLength; at += step) take(data[at] as number);
  }
  return hash >>> 0;
}
