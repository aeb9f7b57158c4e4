/** A share of requests, and between which shares the true one lies. */
export interface RateInterval {
  /** 0 to 1. */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** The 97.5th percentile of the standard normal distribution: 95 % lie within it on both sides. */
const NORMAL_QUANTILE = 1.959963984540054;

/**
 * An error rate with its 95 % Wilson score interval, which keeps its coverage where errors are few or none at all. `undefined` without
 * requests.
 *
 * It holds for one look at the counts. What is looked at again and again is judged by evidence instead: see the gates.
 *
 * @param requests n ≥ 0
 * @param errors 0 to n
 * @see Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927)
 * @see Brown, Cai, DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 16 (2001), who recommend it
 */
export function errorRateInterval(requests: number, errors: number): RateInterval | undefined {
  if (requests === 0) return undefined;
  const rate = errors / requests;
  const squared = NORMAL_QUANTILE ** 2;
  const scale = 1 + squared / requests;
  const middle = (rate + squared / (2 * requests)) / scale;
  const spread = Math.sqrt((rate * (1 - rate)) / requests + squared / (4 * requests ** 2));
  const half = (NORMAL_QUANTILE / scale) * spread;
  // At no errors, and at nothing but errors, the bound is exact, whatever rounding leaves of it.
  return {
    rate,
    low: errors === 0 ? 0 : Math.max(0, middle - half),
    high: errors === requests ? 1 : Math.min(1, middle + half),
  };
}
