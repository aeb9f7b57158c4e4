/**
 * Evidence against a hypothesis that may be looked at after every observation.
 *
 * An e-process is a product of likelihood ratios whose expectation never exceeds 1 while the hypothesis holds. By Ville's
 * inequality the chance that it ever reaches 1/α is then at most α, however often it is looked at. A mixture over alternatives
 * finds large differences fast and small ones eventually.
 *
 * All values are natural logarithms: the products leave the range of doubles within a few hundred observations.
 *
 * @see Lindon, Sanden, Shirikian, "Rapid Regression Detection in Software Deployments through Sequential Testing", KDD 2022
 * @see Wald, "Sequential Tests of Statistical Hypotheses", 1945; Ville, "Étude critique de la notion de collectif", 1939
 */

/**
 * Multiples of the tolerated rate that the mixture is made of, and what each of them weighs. Those that are found in hundreds of requests
 * gain most by weight: a candidate that fails five times too often is out after 178 requests instead of 188 (medians of 10,000 simulated
 * ones, limit 1 %), and what fails more often needs as many whole errors as before.
 */
const RATE_MULTIPLES = [
  { multiple: 2, weight: 1 },
  { multiple: 3, weight: 1 },
  { multiple: 5, weight: 3 },
  { multiple: 10, weight: 1 },
  { multiple: 20, weight: 1 },
  { multiple: 50, weight: 1 },
] as const;
/** Rates of a broken candidate, of weight 1. */
const BROKEN_RATES = [0.5, 0.9];
/** Ratios of the candidate's error rate to stable's. */
const RATE_RATIOS = [1.5, 2, 3, 5, 10, 20, 50, 200];

/**
 * log E against "the error rate is at most `tolerated`":
 * E(n, b) = Σ_q w_q (q/p₀)^b ((1-q)/(1-p₀))^(n-b), with p₀ = `tolerated`, weights w_q that sum to 1 and every alternative q > p₀.
 *
 * A supermartingale for every true rate p ≤ p₀, because each factor grows with the number of errors.
 *
 * @param requests n ≥ 0
 * @param errors b, 0 to n
 * @param tolerated p₀, between 0 and 1
 */
export function logEvidenceAgainstRate(requests: number, errors: number, tolerated: number): number {
  const alternatives = alternativesAbove(tolerated);
  const logs = alternatives.map(
    ({ rate }) => errors * Math.log(rate / tolerated) + (requests - errors) * Math.log((1 - rate) / (1 - tolerated)),
  );
  return logMeanExp(
    logs,
    alternatives.map(({ weight }) => weight),
  );
}

function alternativesAbove(tolerated: number): readonly { readonly rate: number; readonly weight: number }[] {
  const multiples = RATE_MULTIPLES.map(({ multiple, weight }) => ({ rate: multiple * tolerated, weight }));
  const broken = BROKEN_RATES.filter((rate) => multiples.every((other) => other.rate !== rate));
  const alternatives = [...multiples, ...broken.map((rate) => ({ rate, weight: 1 }))].filter(
    ({ rate }) => rate > tolerated && rate < 1,
  );
  return alternatives.length === 0 ? [{ rate: (1 + tolerated) / 2, weight: 1 }] : alternatives;
}

/** Shares of the tolerated rate that a good candidate may have. */
const GOOD_SHARES = [0, 0.1, 0.25, 0.5];

/**
 * log E against "the error rate is above `tolerated`": the same ratio with alternatives q < p₀. Each factor falls with an error, so that it
 * is a supermartingale for every true rate p ≥ p₀: at 1/(1 - c) the rate is known to be within the limit with confidence c.
 *
 * @param requests n ≥ 0
 * @param errors b, 0 to n
 * @param tolerated p₀, between 0 and 1
 */
export function logEvidenceForRate(requests: number, errors: number, tolerated: number): number {
  return logMeanExp(
    GOOD_SHARES.map((share) => {
      const ofErrors = errors === 0 ? 0 : errors * Math.log(share);
      return ofErrors + (requests - errors) * Math.log((1 - share * tolerated) / (1 - tolerated));
    }),
  );
}

/** Errors that fell while the candidate had a constant share of the randomly split traffic. */
export interface ErrorSegment {
  /** The candidate's share, 0 to 1. */
  readonly share: number;
  readonly candidateErrors: number;
  readonly stableErrors: number;
}

/**
 * log E against "the candidate fails no more often than stable", from the errors alone: at equal rates each error is the
 * candidate's with a probability of its share s of the traffic, at a rate r times stable's with probability s·r / (s·r + 1 - s).
 * What the common rate is does not matter, so an incident that hits both versions is no evidence.
 *
 * Segments in which one version had all the traffic cannot tell the two apart and are left out.
 */
export function logEvidenceAgainstStable(segments: readonly ErrorSegment[]): number {
  const telling = segments.filter(({ share }) => share > 0 && share < 1);
  return logMeanExp(RATE_RATIOS.map((ratio) => sum(telling.map((segment) => logRatioOf(segment, ratio)))));
}

function logRatioOf({ share, candidateErrors, stableErrors }: ErrorSegment, ratio: number): number {
  const ofCandidate = (share * ratio) / (share * ratio + 1 - share);
  return candidateErrors * Math.log(ofCandidate / share) + stableErrors * Math.log((1 - ofCandidate) / (1 - share));
}

/** The logarithm of a weighted mean, all weights equal where none are given. */
function logMeanExp(logs: readonly number[], weights: readonly number[] = logs.map(() => 1)): number {
  const largest = Math.max(...logs);
  return (
    largest + Math.log(sum(logs.map((log, index) => (weights[index] ?? 0) * Math.exp(log - largest))) / sum(weights))
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
