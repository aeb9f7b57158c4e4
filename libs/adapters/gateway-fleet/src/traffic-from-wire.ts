import {
  LATENCY_ACCURACY,
  type MirroredCounts,
  OUTPUT_ACCURACY,
  type OutputCounts,
  QuantileSketch,
  type TrafficCounts,
} from '#domain/traffic';
import type * as wire from '#generated/slipway/control/v1/control';

/** What a gateway counted. */
export function trafficFromWire(totals: wire.TrafficTotals): TrafficCounts {
  return {
    requests: Number(totals.requests),
    serverErrors: Number(totals.serverErrors),
    fallbacks: Number(totals.fallbacks),
    firstErrorAtMs: totals.firstErrorAtMs === 0n ? undefined : Number(totals.firstErrorAtMs),
    lastError: totals.lastError === '' ? undefined : totals.lastError,
    latency: totals.latency && sketchFrom(LATENCY_ACCURACY, totals.latency),
    nonFinite: totals.nonFinite === undefined ? undefined : Number(totals.nonFinite),
    constant: totals.constant === undefined ? undefined : Number(totals.constant),
    outputs: totals.outputs.length === 0 ? undefined : new Map(totals.outputs.map(outputFrom)),
    mirrored: totals.mirrored && mirroredFrom(totals.mirrored),
  };
}

function outputFrom({ name, labels, values }: wire.OutputCounts): [string, OutputCounts] {
  return [name, { labels: countsFrom(labels), values: values && sketchFrom(OUTPUT_ACCURACY, values) }];
}

function mirroredFrom(mirrored: wire.MirroredCounts): MirroredCounts {
  return {
    requests: Number(mirrored.requests),
    serverErrors: Number(mirrored.serverErrors),
    compared: Number(mirrored.compared),
    disagreements: countsFrom(mirrored.disagreements),
    shed: Number(mirrored.shed),
  };
}

function sketchFrom(accuracy: number, buckets: wire.SketchBuckets): QuantileSketch {
  return QuantileSketch.fromBuckets(accuracy, {
    zeros: Number(buckets.zeros),
    sum: buckets.sum,
    positive: pairs(buckets.positiveIndices, buckets.positiveCounts),
    negative: pairs(buckets.negativeIndices, buckets.negativeCounts),
  });
}

function pairs(indices: readonly number[], counts: readonly bigint[]): [number, number][] {
  return indices.map((index, at) => [index, Number(counts[at] ?? 0n)]);
}

function countsFrom(counts: Readonly<Record<string, bigint>>): Map<string, number> {
  return new Map(Object.entries(counts).map(([name, count]) => [name, Number(count)]));
}
