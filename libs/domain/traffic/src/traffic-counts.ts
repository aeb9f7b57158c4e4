import { QuantileSketch } from './quantile-sketch.ts';

/** Relative accuracy of latencies. */
export const LATENCY_ACCURACY = 0.01;
/** Relative accuracy of the numbers in outputs. */
export const OUTPUT_ACCURACY = 0.05;
/** Labels that are told apart in one output; the rest share {@link OTHER_LABEL}. */
export const MAX_LABELS = 64;
export const OTHER_LABEL = 'other';

/** What the answers of a version hold in one output. */
export interface OutputCounts {
  /** Answers by the label of their first row: the index of the largest element along the last axis, or an integer or a text itself. */
  readonly labels: ReadonlyMap<string, number>;
  /** The mean of each answer whose values are no labels; {@link OUTPUT_ACCURACY}. */
  readonly values?: QuantileSketch | undefined;
}

/** What became of copies of stable's requests that were put to the candidate. */
export interface MirroredCounts {
  /** Copies that were run, to a good end or not. */
  readonly requests: number;
  /** Those of them that failed for the server's reasons. */
  readonly serverErrors: number;
  /** Answers that were compared with stable's. */
  readonly compared: number;
  /** Those of them that differ, by the output that was watched. */
  readonly disagreements: ReadonlyMap<string, number>;
  /** Copies that were not made because there was no room for them. */
  readonly shed: number;
}

/** Totals of one version over the randomly split traffic of one rollout. */
export interface TrafficCounts {
  readonly requests: number;
  /** Those that failed for the server's reasons, seen by the client or not. */
  readonly serverErrors: number;
  /** Those of them that stable answered instead. */
  readonly fallbacks?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly firstErrorAtMs?: number | undefined;
  readonly lastError?: string | undefined;
  /** Milliseconds from receipt to answer, of answered requests; {@link LATENCY_ACCURACY}. */
  readonly latency?: QuantileSketch | undefined;
  /** Answers that hold NaN or an infinity, counted while a gate asks for it. */
  readonly nonFinite?: number | undefined;
  /** Answers equal to the one before although the inputs differ, counted while a gate asks for it. */
  readonly constant?: number | undefined;
  /** By name of the output, while a gate asks for it. */
  readonly outputs?: ReadonlyMap<string, OutputCounts> | undefined;
  readonly mirrored?: MirroredCounts | undefined;
}

export const NO_TRAFFIC: TrafficCounts = { requests: 0, serverErrors: 0 };

/** The counts of two gateways as those of one. */
export function mergeCounts(left: TrafficCounts, right: TrafficCounts): TrafficCounts {
  return {
    requests: left.requests + right.requests,
    serverErrors: left.serverErrors + right.serverErrors,
    fallbacks: added(left.fallbacks, right.fallbacks),
    firstErrorAtMs: earliest(left.firstErrorAtMs, right.firstErrorAtMs),
    lastError: right.lastError ?? left.lastError,
    latency: mergeSketches(left.latency, right.latency),
    nonFinite: added(left.nonFinite, right.nonFinite),
    constant: added(left.constant, right.constant),
    outputs: mergeMaps(left.outputs, right.outputs, mergeOutputs),
    mirrored: mergeMirrored(left.mirrored, right.mirrored),
  };
}

function mergeOutputs(left: OutputCounts, right: OutputCounts): OutputCounts {
  return {
    labels: mergeMaps(left.labels, right.labels, (one, other) => one + other) ?? new Map(),
    values: mergeSketches(left.values, right.values),
  };
}

function mergeMirrored(left?: MirroredCounts, right?: MirroredCounts): MirroredCounts | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return {
    requests: left.requests + right.requests,
    serverErrors: left.serverErrors + right.serverErrors,
    compared: left.compared + right.compared,
    disagreements: mergeMaps(left.disagreements, right.disagreements, (one, other) => one + other) ?? new Map(),
    shed: left.shed + right.shed,
  };
}

function mergeSketches(left?: QuantileSketch, right?: QuantileSketch): QuantileSketch | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const merged = new QuantileSketch(left.relativeAccuracy);
  merged.merge(left);
  merged.merge(right);
  return merged;
}

function mergeMaps<V>(
  left: ReadonlyMap<string, V> | undefined,
  right: ReadonlyMap<string, V> | undefined,
  merge: (one: V, other: V) => V,
): ReadonlyMap<string, V> | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const merged = new Map(left);
  for (const [key, value] of right) {
    const present = merged.get(key);
    merged.set(key, present === undefined ? value : merge(present, value));
  }
  return merged;
}

function added(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined && right === undefined ? undefined : (left ?? 0) + (right ?? 0);
}

function earliest(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return Math.min(left, right);
}
