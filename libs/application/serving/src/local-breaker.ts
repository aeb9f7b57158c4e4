import { logEvidenceAgainstRate } from '#domain/rollout';
import type { Breaker, TrafficCounts } from '#domain/traffic';

type Failures = Pick<TrafficCounts, 'requests' | 'serverErrors'>;

/**
 * Whether a gateway takes a candidate out by its own counts: they are evidence enough that more of its requests fail than may, and
 * stable is within that share here. Otherwise it may be the machine, or what both depend on.
 */
export function isTripped({ max, logThreshold }: Breaker, candidate: Failures, stable: Failures | undefined): boolean {
  if (stable !== undefined && stable.serverErrors > stable.requests * max) return false;
  return logEvidenceAgainstRate(candidate.requests, candidate.serverErrors, max) >= logThreshold;
}
