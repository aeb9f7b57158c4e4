/**
 * Uniform numbers in [0, 1) that are the same in every run: `sfc32`, with 128 bits of state. Generators with 32 bits would repeat
 * themselves within the thousand million numbers that a measurement takes.
 *
 * @param seed any whole number; neighbouring ones give streams that have nothing to do with each other.
 * @see Chris Doty-Humphrey, PractRand, "sfc32"
 */
export function seededNumbers(seed: number): () => number {
  let [a, b, c, counter] = [seed | 0, Math.floor(seed / 2 ** 32) | 0, 0x9e3779b9 | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // Until every bit of the seed has reached every bit of the state.
  for (let round = 0; round < 16; round += 1) next();
  return next;
}
