/** Products like 0.07 × 100 come out a little above what they are. */
const ROUNDING = 1e-9;

/**
 * The smallest of the values that at least the given share of them does not exceed: the nearest-rank definition.
 *
 * @param share between 0 and 1.
 * @returns `NaN` of no values.
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share - ROUNDING) - 1)] ?? Number.NaN;
}
