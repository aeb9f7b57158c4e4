import { errorRateInterval, type MirroredCounts, type QuantileSketch, type TrafficCounts } from '#domain/traffic';
import type * as wire from '#generated/deployment-status';

/** What is told of a version's traffic. */
export function toVersionTraffic(counts: TrafficCounts): wire.VersionTraffic {
  const { requests, serverErrors, fallbacks, latency, mirrored } = counts;
  const errorRate = errorRateInterval(requests, serverErrors);
  return {
    requests,
    serverErrors,
    ...(errorRate === undefined ? {} : { errorRate }),
    ...(fallbacks === undefined ? {} : { fallbacks }),
    ...(latency === undefined || latency.count === 0 ? {} : { latencyMs: quantilesOf(latency) }),
    ...(mirrored === undefined ? {} : { mirrored: mirroredOf(mirrored) }),
  };
}

function quantilesOf(latency: QuantileSketch): NonNullable<wire.VersionTraffic['latencyMs']> {
  // The sketch is good to 1 %: more digits would be noise.
  const quantile = (share: number) => Number(latency.quantile(share).toPrecision(4));
  return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };
}

function mirroredOf({ requests, serverErrors, compared, disagreements, shed }: MirroredCounts): wire.MirroredTraffic {
  const differing = [...disagreements.values()].reduce((sum, count) => sum + count, 0);
  return { requests, serverErrors, compared, disagreements: differing, shed };
}
