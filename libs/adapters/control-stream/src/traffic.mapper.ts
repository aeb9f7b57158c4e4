import type { TrafficTally } from '#application/serving';
import type { MirroredCounts, OutputCounts, QuantileSketch } from '#domain/traffic';
import type * as wire from '#generated/slipway/control/v1/control';

/** Counts as the controller is told them. */
export function toTrafficTotals(tally: TrafficTally): wire.TrafficTotals {
  return {
    namespace: tally.namespace,
    deployment: tally.deployment,
    rolloutId: tally.rolloutId,
    build: tally.build,
    requests: BigInt(tally.requests),
    serverErrors: BigInt(tally.serverErrors),
    fallbacks: BigInt(tally.fallbacks),
    firstErrorAtMs: BigInt(tally.firstErrorAtMs ?? 0),
    lastError: tally.lastError ?? '',
    latency: tally.latency && toBuckets(tally.latency),
    nonFinite: tally.nonFinite === undefined ? undefined : BigInt(tally.nonFinite),
    constant: tally.constant === undefined ? undefined : BigInt(tally.constant),
    outputs: [...(tally.outputs ?? [])].map(([name, counts]) => toOutput(name, counts)),
    mirrored: tally.mirrored && toMirrored(tally.mirrored),
    change: BigInt(tally.change),
  };
}

function toOutput(name: string, { labels, values }: OutputCounts): wire.OutputCounts {
  return { name, labels: toCounts(labels), values: values && toBuckets(values) };
}

function toMirrored({ requests, serverErrors, compared, disagreements, shed }: MirroredCounts): wire.MirroredCounts {
  return {
    requests: BigInt(requests),
    serverErrors: BigInt(serverErrors),
    compared: BigInt(compared),
    disagreements: toCounts(disagreements),
    shed: BigInt(shed),
  };
}

function toBuckets(sketch: QuantileSketch): wire.SketchBuckets {
  const { zeros, positive, negative, sum } = sketch.toBuckets();
  return {
    positiveIndices: positive.map(([index]) => index),
    positiveCounts: positive.map(([, count]) => BigInt(count)),
    negativeIndices: negative.map(([index]) => index),
    negativeCounts: negative.map(([, count]) => BigInt(count)),
    zeros: BigInt(zeros),
    sum,
  };
}

function toCounts(counts: ReadonlyMap<string, number>): Record<string, bigint> {
  return Object.fromEntries([...counts].map(([name, count]) => [name, BigInt(count)]));
}
