import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { InferenceObservation, InferencePipeline, ServingSet } from '#application/serving';

/** From a tiny model's run to a deadline, in seconds. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Prometheus metrics of a gateway. */
export class GatewayMetrics {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: 'slipway_inference_requests_total',
    help: 'Inferences that ended on a version, by outcome.',
    labelNames: ['model', 'version', 'role', 'outcome'],
    registers: [this.registry],
  });
  readonly #durations = new Histogram({
    name: 'slipway_inference_duration_seconds',
    help: 'Time from the decoded request to the outputs.',
    labelNames: ['model', 'version', 'role'],
    buckets: DURATION_BUCKETS,
    registers: [this.registry],
  });
  readonly #fallbacks = new Counter({
    name: 'slipway_inference_fallbacks_total',
    help: 'Inferences that the stable version answered because the candidate failed.',
    labelNames: ['model'],
    registers: [this.registry],
  });

  /** Counts one inference; part of the hot path. */
  readonly observe = ({
    modelName: model,
    version,
    role,
    outcome,
    tookSeconds,
    isFallback,
  }: InferenceObservation): void => {
    this.#requests.inc({ model, version, role, outcome });
    this.#durations.observe({ model, version, role }, tookSeconds);
    if (isFallback) this.#fallbacks.inc({ model });
  };

  /** Adds what is read at each scrape. */
  watch(servingSet: ServingSet, pipeline: InferencePipeline): void {
    new Gauge({
      name: 'slipway_inference_in_flight',
      help: 'Requests in work.',
      labelNames: ['model'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const model of servingSet.routes.keys()) this.set({ model }, pipeline.inFlightOf(model));
      },
    });
    new Gauge({
      name: 'slipway_model_version_ready',
      help: '1 for a version that is loaded and warmed, 0 for one that is wanted and is not.',
      labelNames: ['namespace', 'deployment', 'version', 'variant'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { namespace, deployment, version, variant, state } of servingSet.reports) {
          this.set({ namespace, deployment, version, variant }, state.kind === 'ready' ? 1 : 0);
        }
      },
    });
  }
}
