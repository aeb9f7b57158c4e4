import { describe, expect, it } from 'vitest';
import type {
  InferenceObservation,
  InferencePipeline,
  InferenceResult,
  ServingSet,
  VersionSlot,
} from '#application/serving';
import { DomainError } from '#domain/errors';
import type { RouteRole } from '#domain/routing';
import { GatewayMetrics } from './gateway-metrics.ts';

const run = { outputs: [], rows: 1, batchSize: 3, queueMs: 1, runMs: 2 };
const observed = (role: RouteRole, over: Partial<InferenceObservation> = {}): InferenceObservation => ({
  modelName: 'm',
  version: 2,
  role,
  outcome: 'success',
  startedAtMs: 0,
  askedAtMs: 0,
  endedAtMs: 4,
  tookSeconds: 0.004,
  isFallback: false,
  run,
  steps: [],
  error: undefined,
  ...over,
});
const result = (role: RouteRole): InferenceResult => ({
  outputs: [],
  modelName: 'm',
  modelVersion: 2,
  role,
  isFallback: false,
  run,
  startedAtMs: 1,
  endedAtMs: 5,
});
const times = { startedAtMs: 0, decodedAtMs: 1, inferredAtMs: 5, encodedAtMs: 6 };
const profile = {
  intraOpThreads: 2,
  runMs: 1,
  instances: 3,
  maxBatchSize: 8,
  callsInWork: 5,
  callsWaiting: 4,
  limit: 9,
};
const load = { cpuUtilization: () => 0.5, memoryTotalBytes: () => 100, memoryUsedBytes: () => 40 };

type Routed = { readonly modelName: string; readonly stable: VersionSlot; readonly candidate?: VersionSlot };

/** A serving set as far as metrics look at it. Answers its routes. */
function watching(metrics: GatewayMetrics, stable: VersionSlot, candidate?: VersionSlot): Map<string, Routed> {
  const route = { modelName: 'm', stable, ...(candidate === undefined ? {} : { candidate }) };
  const routes = new Map<string, Routed>([['m', route]]);
  const pipeline = { inFlightOf: () => 1 } as unknown as InferencePipeline;
  metrics.watch({ routes, reports: [] } as unknown as ServingSet, pipeline);
  return routes;
}
const slotOf = (version: number, variantName = 'cpu/fp32') =>
  ({ modelName: 'm', version, variantName, profile }) as unknown as VersionSlot;

describe('GatewayMetrics', () => {
  it('counts a run for the role that its version has at the time', async () => {
    const metrics = new GatewayMetrics();
    const [one, two] = [slotOf(1), slotOf(2)];
    const routes = watching(metrics, one, two);
    metrics.observeRun(two, 3);
    routes.set('m', { modelName: 'm', stable: two });
    metrics.observeRun(two, 5);
    const text = await metrics.expose('text');
    expect(text).toContain('slipway_inference_batch_size_sum{model="m",version="2",role="candidate"} 3\n');
    expect(text).toContain('slipway_inference_batch_size_sum{model="m",version="2",role="stable"} 5\n');
    expect(text).toContain('slipway_version_instances{model="m",version="2",role="stable",variant="cpu/fp32"} 3\n');
  });

  it('names the slowest stage of each version', () => {
    const metrics = new GatewayMetrics();
    watching(metrics, slotOf(2));
    metrics.observe(observed('stable'));
    metrics.observeAnswer(result('stable'), times);
    expect(metrics.stagesOf('m')).toMatchObject([
      { version: 2, role: 'stable', requests: 1, slowest: 'run', averageMs: 6, advice: /takes long/ },
    ]);
    expect(metrics.stagesOf('nothing')).toEqual([]);
  });

  it("has one line for a version by Triton's names, whatever its roles were, and says why requests failed in its words", async () => {
    const metrics = new GatewayMetrics(load);
    watching(metrics, slotOf(2));
    for (const role of ['candidate', 'stable'] as const) {
      metrics.observe(observed(role));
      metrics.observeAnswer(result(role), times);
    }
    const failures = [
      ['QUEUE_FULL', 'refused'],
      ['REQUEST_TIMED_OUT', 'client_error'],
      ['MODEL_RUN_FAILED', 'server_error'],
      ['RUNNER_LOST', 'server_error'],
      ['TENSOR_INVALID', 'client_error'],
    ] as const;
    for (const [code, outcome] of failures)
      metrics.observe(observed('stable', { outcome, run: undefined, error: new DomainError(code, '') }));
    const lines = (await metrics.expose('text')).split('\n').filter((line) => line.startsWith('nv_'));
    const ofVersion = '{model="m",version="2"}';
    const reason = (word: string, count: number) =>
      `nv_inference_request_failure{model="m",version="2",reason="${word}"} ${count}`;
    expect(lines).toEqual([
      `nv_inference_request_success${ofVersion} 2`,
      reason('REJECTED', 1),
      reason('CANCELED', 1),
      reason('BACKEND', 2),
      reason('OTHER', 1),
      // Runs of a slot that no route has: nobody knows whose they were.
      `nv_inference_count${ofVersion} 0`,
      `nv_inference_exec_count${ofVersion} 0`,
      `nv_inference_request_duration_us${ofVersion} 12000`,
      `nv_inference_queue_duration_us${ofVersion} 2000`,
      `nv_inference_compute_input_duration_us${ofVersion} 2000`,
      `nv_inference_compute_infer_duration_us${ofVersion} 4000`,
      `nv_inference_compute_output_duration_us${ofVersion} 2000`,
      `nv_cache_num_hits_per_model${ofVersion} 0`,
      `nv_cache_num_misses_per_model${ofVersion} 0`,
      `nv_cache_hit_duration_per_model${ofVersion} 0`,
      `nv_cache_miss_duration_per_model${ofVersion} 0`,
      `nv_inference_pending_request_count${ofVersion} 4`,
      'nv_cpu_utilization 0.5',
      'nv_cpu_memory_total_bytes 100',
      'nv_cpu_memory_used_bytes 40',
    ]);
  });

  it("tells two builds of a version apart by their roles, and adds them up by Triton's names", async () => {
    const metrics = new GatewayMetrics(load);
    const candidate = slotOf(2, 'cpu/int8');
    watching(metrics, slotOf(2), candidate);
    metrics.observeRun(candidate, 3);
    for (const role of ['stable', 'candidate'] as const) metrics.observe(observed(role));
    const text = await metrics.expose('text');
    const ofVersion = 'model="m",version="2"';
    expect(text).toContain(`slipway_inference_batch_size_sum{${ofVersion},role="candidate"} 3\n`);
    for (const role of ['stable', 'candidate'])
      expect(text).toContain(`slipway_inference_requests_total{${ofVersion},role="${role}",outcome="success"} 1\n`);
    expect(text).toContain(`slipway_version_instances{${ofVersion},role="candidate",variant="cpu/int8"} 3\n`);
    expect(text.match(/^nv_inference_pending_request_count.*$/gm)).toEqual([
      `nv_inference_pending_request_count{${ofVersion}} 8`,
    ]);
  });

  it('counts what was answered with an error, by protocol and code', async () => {
    const metrics = new GatewayMetrics();
    for (const protocol of ['rest', 'grpc', 'rest'] as const) metrics.countFailure(protocol, 'TENSOR_INVALID');
    const text = await metrics.expose('text');
    expect(text).toContain('slipway_inference_failures_total{protocol="rest",code="TENSOR_INVALID"} 2\n');
    expect(text).toContain('slipway_inference_failures_total{protocol="grpc",code="TENSOR_INVALID"} 1\n');
    expect(text).not.toContain('nv_');
  });
});
