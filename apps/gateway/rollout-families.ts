import type { MetricFamily } from '#adapters/telemetry';

/** What is counted of candidates beside their inferences, by the names that docs/guides/observability.md explains. */
export function rolloutFamilies(
  mirrored: ReadonlyMap<string, number>,
  trips: ReadonlyMap<string, number>,
): MetricFamily[] {
  return [
    {
      name: 'slipway_mirrored_requests_total',
      help: "Copies of stable's requests for the candidate, by what became of them.",
      type: 'counter',
      samples: samplesOf(mirrored),
    },
    {
      name: 'slipway_breaker_trips_total',
      help: 'Candidates that this gateway took out by itself.',
      type: 'counter',
      samples: samplesOf(trips),
    },
  ];
}

function samplesOf(counts: ReadonlyMap<string, number>): MetricFamily['samples'] {
  return [...counts].map(([labels, value]) => ({ suffix: '', labels, value }));
}
