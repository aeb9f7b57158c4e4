import { labelText, type MetricFamily } from '#adapters/telemetry';
import type { ServedProfile } from './version-gauges.ts';
import type { VersionSeries } from './version-series.ts';

/** How busy the machine is. */
export interface HostLoad {
  /** 0 to 1, since it was asked last. */
  readonly cpuUtilization: () => number;
  readonly memoryTotalBytes: () => number;
  readonly memoryUsedBytes: () => number;
}

/** Triton's words for why a request failed. */
const REASONS = ['REJECTED', 'CANCELED', 'BACKEND', 'OTHER'] as const;
type Reason = (typeof REASONS)[number];

const REASON_OF_CODE: Readonly<Record<string, Reason>> = {
  QUEUE_FULL: 'REJECTED',
  REQUEST_TIMED_OUT: 'CANCELED',
  MODEL_RUN_FAILED: 'BACKEND',
  RUNNER_LOST: 'BACKEND',
};

const MICROSECONDS = 1e6;

/**
 * The same figures by Triton's names, so that dashboards and tools which know them go on working. A version has one line, whatever its
 * roles and builds are: Triton knows none.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/user_guide/metrics.md
 */
export function tritonFamilies(
  series: readonly VersionSeries[],
  served: readonly ServedProfile[],
  load: HostLoad,
): MetricFamily[] {
  const versions = Object.values(Object.groupBy(series, ({ model, version }) => labelText({ model, version })));
  const counter = (name: string, help: string, of: (one: VersionSeries) => number): MetricFamily => ({
    name,
    help,
    type: 'counter',
    samples: versions.flatMap((roles = []) => lineOf(roles, '', (one) => of(one))),
  });
  const micros = (name: string, help: string, of: (one: VersionSeries) => { readonly sum: number }) =>
    counter(name, `${help}, in microseconds.`, (one) => Math.round(of(one).sum * MICROSECONDS));
  return [
    counter('nv_inference_request_success', 'Requests that were answered.', ({ request }) => request.count),
    {
      name: 'nv_inference_request_failure',
      help: 'Requests that failed on the version.',
      type: 'counter',
      samples: versions.flatMap((roles = []) =>
        REASONS.flatMap((reason) => lineOf(roles, `,reason="${reason}"`, (one) => failuresOf(one, reason))),
      ),
    },
    counter('nv_inference_count', 'Rows that were inferred; cached answers count nothing.', ({ rows }) => rows.sum),
    counter('nv_inference_exec_count', 'Runs of the model.', ({ rows }) => rows.count),
    micros('nv_inference_request_duration_us', 'Time of answered requests', ({ request }) => request),
    micros('nv_inference_queue_duration_us', 'Time that requests waited for the model', ({ stages }) => stages.queue),
    micros('nv_inference_compute_input_duration_us', 'Time of decoding requests', ({ stages }) => stages.decode),
    micros('nv_inference_compute_infer_duration_us', 'Time that the model computed', ({ stages }) => stages.run),
    micros('nv_inference_compute_output_duration_us', 'Time of encoding answers', ({ stages }) => stages.encode),
    counter(
      'nv_cache_num_hits_per_model',
      'Requests that were answered without a run.',
      ({ cacheHits }) => cacheHits.count,
    ),
    counter('nv_cache_num_misses_per_model', 'Requests that had to be run.', ({ cacheMisses }) => cacheMisses.count),
    micros('nv_cache_hit_duration_per_model', 'Time of finding kept answers', ({ cacheHits }) => cacheHits),
    micros('nv_cache_miss_duration_per_model', 'Time of looking in vain', ({ cacheMisses }) => cacheMisses),
    {
      name: 'nv_inference_pending_request_count',
      help: 'Requests that wait for the model.',
      type: 'gauge',
      samples: pendingSamples(served),
    },
    hostGauge('nv_cpu_utilization', "Share of the machine's processors in use.", load.cpuUtilization()),
    hostGauge('nv_cpu_memory_total_bytes', "The machine's memory, in bytes.", load.memoryTotalBytes()),
    hostGauge('nv_cpu_memory_used_bytes', "The machine's memory in use, in bytes.", load.memoryUsedBytes()),
  ];
}

function pendingSamples(served: readonly ServedProfile[]): MetricFamily['samples'] {
  const builds = Object.groupBy(served, ({ model, version }) => labelText({ model, version }));
  return Object.entries(builds).map(([labels, profiles = []]) => ({
    suffix: '',
    labels,
    value: profiles.reduce((sum, { profile }) => sum + profile.callsWaiting, 0),
  }));
}

function lineOf(roles: readonly VersionSeries[], more: string, of: (one: VersionSeries) => number) {
  const [first] = roles;
  if (first === undefined) return [];
  const { model, version } = first;
  const value = roles.reduce((sum, one) => sum + of(one), 0);
  return [{ suffix: '', labels: `${labelText({ model, version })}${more}`, value }];
}

function failuresOf({ errors }: VersionSeries, reason: Reason): number {
  const counts = [...errors].filter(([code]) => (REASON_OF_CODE[code] ?? 'OTHER') === reason);
  return counts.reduce((sum, [, count]) => sum + count, 0);
}

function hostGauge(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ suffix: '', labels: '', value }] };
}
