import { OUTPUT_ACCURACY, type OutputCounts, type QuantileSketch, type TrafficCounts } from '#domain/traffic';
import { type LabelSegment, logEvidenceOfDrift, stabilityIndex } from './drift-evidence.ts';
import type { GateEvidence, GateVerdict } from './gate-verdict.ts';
import type { OutputDriftGate } from './gates.ts';

/** Labels and their answers, or bins of numbers and theirs. */
export type LabelCounts = ReadonlyMap<string, number>;

/** A shift of numbers that were all the same before has no size; this stands for it. */
const SHIFT_OF_CONSTANT = 1e6;

/** The answers of a version by label, numbers by the bucket that they fall into. */
export function labelCountsOf({ outputs }: TrafficCounts, output: string): LabelCounts {
  const counts = outputs?.get(output);
  return counts === undefined ? new Map() : new Map([...counts.labels, ...bins(counts)]);
}

function bins({ values }: OutputCounts): [string, number][] {
  if (values === undefined) return [];
  const { zeros, positive, negative } = values.toBuckets();
  return [
    ...positive.map(([index, count]): [string, number] => [`+${index}`, count]),
    ...negative.map(([index, count]): [string, number] => [`-${index}`, count]),
    ...(zeros === 0 ? [] : [['0', zeros] satisfies [string, number]]),
  ];
}

/**
 * Judges whether a candidate's answers are distributed as stable's are. It fails when that they are not is both sure (evidence of at least
 * 1/α, at any time) and large (beyond one of the gate's limits): with enough traffic, differences that nobody minds become sure, too.
 */
export function judgeDrift(
  gate: OutputDriftGate,
  alpha: number,
  traffic: { readonly candidate: TrafficCounts; readonly stable: TrafficCounts },
  segments: readonly LabelSegment[],
): GateVerdict {
  const [candidate, stable] = [
    labelCountsOf(traffic.candidate, gate.output),
    labelCountsOf(traffic.stable, gate.output),
  ];
  const [requests, stableRequests] = [totalOf(candidate), totalOf(stable)];
  const log = logEvidenceOfDrift(segments);
  const psi = stabilityIndex(candidate, stable);
  const shift = largestShift(
    traffic.candidate.outputs?.get(gate.output)?.values,
    traffic.stable.outputs?.get(gate.output)?.values,
  );
  const evidence: GateEvidence = {
    gate: gate.metric,
    candidate: { requests, events: 0 },
    stable: { requests: stableRequests, events: 0 },
    max: gate.maxPsi ?? gate.maxShift ?? 0,
    alpha,
    log10Absolute: log / Math.LN10,
    details: { psi, ...(shift === undefined ? {} : { shift }) },
  };
  const sizes = `PSI ${psi.toFixed(3)}${shift === undefined ? '' : `, shift ${shift.toFixed(3)}`}`;
  const told = `output-drift of ${gate.output}: ${sizes} after ${requests} candidate answers`;
  if (requests < gate.minRequests || stableRequests < gate.minRequests) {
    return { kind: 'inconclusive', reason: `${told}, ${gate.minRequests} of each version are needed`, evidence };
  }
  const isLarge =
    (gate.maxPsi !== undefined && psi > gate.maxPsi) ||
    (gate.maxShift !== undefined && shift !== undefined && shift > gate.maxShift);
  const limits = [
    ...(gate.maxPsi === undefined ? [] : [`PSI ${gate.maxPsi}`]),
    ...(gate.maxShift === undefined ? [] : [`shift ${gate.maxShift}`]),
  ].join(', ');
  const odds = `evidence 10^${evidence.log10Absolute.toFixed(1)}`;
  const bar = `needed 10^${(-Math.log10(alpha)).toFixed(1)}`;
  if (isLarge && log >= -Math.log(alpha)) {
    return { kind: 'fail', reason: `${told}, limit ${limits}, ${odds} (${bar})`, evidence };
  }
  return { kind: 'pass', reason: `${told}, limit ${limits}${isLarge ? `, ${odds} (${bar})` : ''}`, evidence };
}

/** Of the mean and of the median, in ranges between stable's quartiles; `undefined` without numbers. */
function largestShift(candidate: QuantileSketch | undefined, stable: QuantileSketch | undefined): number | undefined {
  if (candidate === undefined || stable === undefined || candidate.count === 0 || stable.count === 0) return undefined;
  const range = stable.quantile(0.75) - stable.quantile(0.25);
  const ofMedian = Math.abs(candidate.quantile(0.5) - stable.quantile(0.5));
  // Medians are known to a bucket: next to its edge, two that are alike lie in two of them.
  const blur = 2 * OUTPUT_ACCURACY * Math.abs(stable.quantile(0.5));
  const largest = Math.max(Math.abs(candidate.mean - stable.mean), ofMedian - blur);
  if (range > 0) return largest / range;
  return largest > 0 ? SHIFT_OF_CONSTANT : 0;
}

function totalOf(counts: LabelCounts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
