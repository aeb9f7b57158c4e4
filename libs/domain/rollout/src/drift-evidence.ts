import { logBeta } from './log-gamma.ts';

/** Answers by label while the candidate had a constant share of the randomly split traffic. */
export interface LabelSegment {
  /** The candidate's share, 0 to 1. */
  readonly share: number;
  readonly candidate: ReadonlyMap<string, number>;
  readonly stable: ReadonlyMap<string, number>;
}

/** How closely the alternatives keep to the candidate's share: few for large drifts, many for small ones. */
const CONCENTRATIONS = [4, 40, 400];
/** Added to each count, so that a label that one version never gives has a finite weight. */
const SMOOTHING = 0.5;

/**
 * log E against "both versions answer with the same labels as often".
 *
 * The split is random, so that under this hypothesis an answer is the candidate's with a probability of its share s, whatever its label is.
 * For each label that probability is given a Beta(k·s, k·(1-s)) prior instead; the ratio of the two likelihoods of who gave the c + t
 * answers with a label, B(ks + c, k(1-s) + t) / B(ks, k(1-s)) · s^-c · (1-s)^-t, multiplied over labels and weights and averaged over k,
 * is an e-process: how often which label occurs does not matter, and neither does the order.
 *
 * @see Lindon, Malek, "Anytime-Valid Inference for Multinomial Count Data", NeurIPS 2022
 */
export function logEvidenceOfDrift(segments: readonly LabelSegment[]): number {
  const telling = segments.filter(({ share }) => share > 0 && share < 1);
  const logs = CONCENTRATIONS.map((k) => telling.reduce((sum, segment) => sum + logRatioOf(segment, k), 0));
  const largest = Math.max(...logs);
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / logs.length);
}

function logRatioOf({ share, candidate, stable }: LabelSegment, concentration: number): number {
  const [a, b] = [concentration * share, concentration * (1 - share)];
  const prior = logBeta(a, b);
  let log = 0;
  for (const label of labelsOf(candidate, stable)) {
    const [ofCandidate, ofStable] = [candidate.get(label) ?? 0, stable.get(label) ?? 0];
    log += logBeta(a + ofCandidate, b + ofStable) - prior;
    log -= ofCandidate * Math.log(share) + ofStable * Math.log(1 - share);
  }
  return log;
}

/**
 * Population stability index: Σ (p - q) · ln(p / q) over the labels, p the candidate's shares and q stable's. Below 0.1 is commonly called
 * no change, above 0.25 a large one.
 */
export function stabilityIndex(candidate: ReadonlyMap<string, number>, stable: ReadonlyMap<string, number>): number {
  const labels = labelsOf(candidate, stable);
  const shareIn = (counts: ReadonlyMap<string, number>) => {
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0) + SMOOTHING * labels.size;
    return (label: string) => ((counts.get(label) ?? 0) + SMOOTHING) / total;
  };
  const [ofCandidate, ofStable] = [shareIn(candidate), shareIn(stable)];
  return [...labels].reduce(
    (sum, label) => sum + (ofCandidate(label) - ofStable(label)) * Math.log(ofCandidate(label) / ofStable(label)),
    0,
  );
}

function labelsOf(left: ReadonlyMap<string, number>, right: ReadonlyMap<string, number>): ReadonlySet<string> {
  return new Set([...left.keys(), ...right.keys()]);
}
