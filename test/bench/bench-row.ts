/** One measured comparison. */
export interface BenchRow {
  /** `<subject>/<peer or floor>`; kept for good, because goals name it. */
  readonly id: string;
  /** The unit of `ours` and `against`. */
  readonly unit: string;
  /** Medians over the runs. */
  readonly ours: number;
  readonly against: number;
  /** How many times better than the peer, or the share of the floor that is reached: larger is better. */
  readonly ratio: number;
  /** The ratio to reach. */
  readonly goal: number;
  readonly runs: number;
  /** What others reach, by their names; `against` is then the most that `ours` may be, NaN where there is no such goal. */
  readonly peers?: Readonly<Record<string, number>>;
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/**
 * Measures two things in alternation, so that a noisy machine disturbs both alike, and answers the medians.
 *
 * @param runs how often each is measured.
 */
export async function alternate(
  runs: number,
  ours: () => Promise<number>,
  against: () => Promise<number>,
): Promise<{ ours: number; against: number }> {
  const samples = { ours: [] as number[], against: [] as number[] };
  for (let run = 0; run < runs; run += 1) {
    samples.ours.push(await ours());
    samples.against.push(await against());
  }
  return { ours: median(samples.ours), against: median(samples.against) };
}
