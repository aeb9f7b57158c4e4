import { histogramSamples, labelText, type MetricFamily, type MetricSample } from '#adapters/telemetry';
import { STAGES } from '#application/serving';
import type { VersionSeries } from './version-series.ts';

/** What is counted of inferences, by the names that docs/guides/observability.md explains. */
export function inferenceFamilies(
  series: readonly VersionSeries[],
  fallbacks: ReadonlyMap<string, number>,
  failures: readonly { readonly labels: string; readonly count: number }[],
): MetricFamily[] {
  const each = (samplesOf: (one: VersionSeries) => MetricSample[]) => series.flatMap(samplesOf);
  return [
    {
      name: 'slipway_inference_requests_total',
      help: 'Inferences that ended on a version, by outcome.',
      type: 'counter',
      samples: each(({ labels, outcomes }) =>
        Object.entries(outcomes).map(([outcome, value]) => sample(`${labels},${labelText({ outcome })}`, value)),
      ),
    },
    {
      name: 'slipway_inference_errors_total',
      help: 'Inferences that failed on a version, by the code of the error.',
      type: 'counter',
      samples: each(({ labels, errors }) =>
        [...errors].map(([code, value]) => sample(`${labels},${labelText({ code })}`, value)),
      ),
    },
    {
      name: 'slipway_inference_failures_total',
      help: 'Requests that were answered with an error, by its code.',
      type: 'counter',
      samples: failures.map(({ labels, count }) => sample(labels, count)),
    },
    {
      name: 'slipway_inference_fallbacks_total',
      help: 'Inferences that the stable version answered because the candidate failed.',
      type: 'counter',
      samples: [...fallbacks].map(([model, value]) => sample(labelText({ model }), value)),
    },
    {
      name: 'slipway_inference_cache_hits_total',
      help: 'Inferences that were answered without a run.',
      type: 'counter',
      samples: each(({ labels, cacheHits }) => [sample(labels, cacheHits.count)]),
    },
    {
      name: 'slipway_inference_cache_misses_total',
      help: 'Inferences whose answer was looked for, and had to be run.',
      type: 'counter',
      samples: each(({ labels, cacheMisses }) => [sample(labels, cacheMisses.count)]),
    },
    {
      name: 'slipway_inference_duration_seconds',
      help: 'Time from the decoded request to its end on a version, answered or not.',
      type: 'histogram',
      samples: each(({ labels, inference }) => histogramSamples(labels, inference)),
    },
    {
      name: 'slipway_inference_request_duration_seconds',
      help: "Time from an answered request's bytes to its answer's.",
      type: 'histogram',
      samples: each(({ labels, request }) => histogramSamples(labels, request)),
    },
    {
      name: 'slipway_inference_stage_duration_seconds',
      help: 'Time of answered requests in each stage; crossing is the way to the runner and back.',
      type: 'histogram',
      samples: each(({ labels, stages }) =>
        STAGES.flatMap((stage) => histogramSamples(`${labels},${labelText({ stage })}`, stages[stage])),
      ),
    },
    {
      name: 'slipway_inference_batch_size',
      help: 'Rows of each run of the model.',
      type: 'histogram',
      samples: each(({ labels, rows }) => histogramSamples(labels, rows)),
    },
  ];
}

function sample(labels: string, value: number): MetricSample {
  return { suffix: '', labels, value };
}
