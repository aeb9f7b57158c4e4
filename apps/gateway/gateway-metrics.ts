import { Gauge, Registry } from 'prom-client';
import {
  addProcessMetrics,
  clientMetrics,
  type ExpositionFormat,
  labelText,
  type MetricFamily,
  writeExposition,
} from '#adapters/telemetry';
import type {
  InferenceObservation,
  InferencePipeline,
  InferenceResult,
  MirrorObservation,
  ServingSet,
  StageReport,
  VersionSlot,
} from '#application/serving';
import { reportStages } from '#application/serving';
import { type RouteRole, routedVersions } from '#domain/routing';
import { inferenceFamilies } from './inference-families.ts';
import type { Protocol } from './inference-operation.ts';
import { rolloutFamilies } from './rollout-families.ts';
import { type HostLoad, tritonFamilies } from './triton-metrics.ts';
import { servedVersions, versionFamilies } from './version-gauges.ts';
import { SeriesTable } from './version-series.ts';

/** When an answered request was in which stage, in monotonic milliseconds. */
export interface AnswerTimes {
  readonly startedAtMs: number;
  readonly decodedAtMs: number;
  readonly inferredAtMs: number;
  readonly encodedAtMs: number;
}

/** What a version's stages showed. */
export interface VersionStages extends StageReport {
  readonly version: number;
  readonly role: RouteRole;
}

/** Prometheus metrics of a gateway. */
export class GatewayMetrics {
  /** For whatever else counts in this process. */
  readonly registry = new Registry();
  readonly #series = new SeriesTable();
  readonly #fallbacks = new Map<string, number>();
  readonly #mirrored = new Map<string, number>();
  readonly #trips = new Map<string, number>();
  readonly #failures = new Map<string, { readonly labels: string; count: number }>();
  readonly #hostLoad: HostLoad | undefined;
  #servingSet: ServingSet | undefined;

  /** @param hostLoad set where Triton's metrics are wanted too. */
  constructor(hostLoad?: HostLoad) {
    this.#hostLoad = hostLoad;
    addProcessMetrics(this.registry);
  }

  /** Counts the end of an inference on a version; part of the hot path. */
  readonly observe = (observation: InferenceObservation): void => {
    const { modelName, version, role, isFallback } = observation;
    this.#series.of(modelName, version, role).observe(observation);
    if (isFallback) this.#fallbacks.set(modelName, (this.#fallbacks.get(modelName) ?? 0) + 1);
  };

  /** Counts a run; part of the hot path. */
  readonly observeRun = (slot: VersionSlot, rows: number): void => {
    const { modelName, version } = slot;
    this.#series.of(modelName, version, this.#roleOf(slot)).rows.observe(rows);
  };

  /** Counts what became of a copy that a candidate was to get. */
  readonly observeMirrored = ({ modelName, outcome }: MirrorObservation): void => {
    const labels = labelText({ model: modelName, outcome });
    this.#mirrored.set(labels, (this.#mirrored.get(labels) ?? 0) + 1);
  };

  /** Counts a candidate that this gateway took out by itself. */
  countTrip(modelName: string): void {
    const labels = labelText({ model: modelName });
    this.#trips.set(labels, (this.#trips.get(labels) ?? 0) + 1);
  }

  /** Counts an answered request; part of the hot path. @param traceId of a request that is traced. */
  observeAnswer({ modelName, modelVersion, role }: InferenceResult, times: AnswerTimes, traceId?: string): void {
    const series = this.#series.of(modelName, modelVersion, role);
    series.stages.decode.observe((times.decodedAtMs - times.startedAtMs) / 1000);
    series.stages.encode.observe((times.encodedAtMs - times.inferredAtMs) / 1000);
    series.request.observe((times.encodedAtMs - times.startedAtMs) / 1000, traceId);
  }

  /** Counts a request that was answered with an error. */
  countFailure(protocol: Protocol, code: string): void {
    const labels = labelText({ protocol, code });
    const failure = this.#failures.get(labels);
    if (failure === undefined) this.#failures.set(labels, { labels, count: 1 });
    else failure.count += 1;
  }

  /** Where the time of a model's requests goes, by version. */
  stagesOf(modelName: string): VersionStages[] {
    const route = this.#servingSet?.routes.get(modelName);
    const routed = route === undefined ? [] : routedVersions(route);
    return this.#series.ofModel(modelName).map(({ version, role, totals }) => {
      const slots = routed.filter((found) => found.version.version === version);
      const slot = (slots.find((found) => found.role === role) ?? slots[0])?.version;
      return { version, role, ...reportStages(totals, slot?.profile?.maxBatchSize ?? 1) };
    });
  }

  /** Everything, as Prometheus reads it. */
  async expose(format: ExpositionFormat): Promise<string> {
    const served = this.#servingSet === undefined ? [] : servedVersions(this.#servingSet.routes);
    const isServed = new Set(served.map(({ model, version }) => `${model} ${version}`));
    this.#series.forgetIdle(({ model, version }) => isServed.has(`${model} ${version}`), performance.now());
    const { all } = this.#series;
    const families: MetricFamily[] = [
      ...inferenceFamilies(all, this.#fallbacks, [...this.#failures.values()]),
      ...rolloutFamilies(this.#mirrored, this.#trips),
      ...versionFamilies(served),
      ...(this.#hostLoad === undefined ? [] : tritonFamilies(all, served, this.#hostLoad)),
      ...(await clientMetrics(this.registry)),
    ];
    return writeExposition(families, format);
  }

  /** Adds what is read at each scrape. */
  watch(servingSet: ServingSet, pipeline: InferencePipeline): void {
    this.#servingSet = servingSet;
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
      labelNames: ['namespace', 'deployment', 'version', 'role', 'variant'],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { namespace, deployment, version, role, variant, state } of servingSet.reports) {
          this.set({ namespace, deployment, version, role, variant }, state.kind === 'ready' ? 1 : 0);
        }
      },
    });
  }

  #roleOf(slot: VersionSlot): RouteRole {
    const route = this.#servingSet?.routes.get(slot.modelName);
    if (route?.candidate === slot) return 'candidate';
    return route?.pinned?.some((pinned) => pinned === slot) === true ? 'pinned' : 'stable';
  }
}
