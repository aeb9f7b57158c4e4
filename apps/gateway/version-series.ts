import { BucketHistogram, labelText } from '#adapters/telemetry';
import {
  type InferenceObservation,
  type InferenceOutcome,
  STAGES,
  type Stage,
  type StageTotals,
} from '#application/serving';
import { isDomainError } from '#domain/errors';
import type { RouteRole } from '#domain/routing';

/** From a tiny model's run to a deadline, in seconds. */
const REQUEST_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
/** A stage can be a hundredth of it. */
const STAGE_BUCKETS = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10];
const ROW_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** What is counted of one version in one role. */
export class VersionSeries {
  readonly model: string;
  readonly version: number;
  readonly role: RouteRole;
  /** As a line of metrics has them. */
  readonly labels: string;
  readonly outcomes: Record<InferenceOutcome, number> = { success: 0, server_error: 0, client_error: 0, refused: 0 };
  /** Failures by code. */
  readonly errors = new Map<string, number>();
  /** Seconds from the decoded request to its end on this version, whatever that was. */
  readonly inference = new BucketHistogram(REQUEST_BUCKETS);
  /** Seconds from the request's bytes to the answer's, of those that were answered. */
  readonly request = new BucketHistogram(REQUEST_BUCKETS);
  /** Seconds of the stages of answered requests. */
  readonly stages = Object.fromEntries(STAGES.map((stage) => [stage, new BucketHistogram(STAGE_BUCKETS)])) as Readonly<
    Record<Stage, BucketHistogram>
  >;
  /** Rows of each run. */
  readonly rows = new BucketHistogram(ROW_BUCKETS);
  /** Seconds of looking for kept answers: of requests that were answered without a run, and of those that were not. */
  readonly cacheHits = { count: 0, sum: 0 };
  readonly cacheMisses = { count: 0, sum: 0 };

  constructor(model: string, version: number, role: RouteRole) {
    this.model = model;
    this.version = version;
    this.role = role;
    this.labels = labelText({ model, version, role });
  }

  /** Counts the end of an inference; part of the hot path. */
  observe({ outcome, tookSeconds, askedAtMs, endedAtMs, run, error }: InferenceObservation): void {
    this.outcomes[outcome] += 1;
    this.inference.observe(tookSeconds);
    if (run === undefined) {
      const code = isDomainError(error) ? error.code : 'INTERNAL';
      this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
      return;
    }
    if (run.cacheLookup !== undefined) {
      const lookups = run.cacheLookup.isHit ? this.cacheHits : this.cacheMisses;
      lookups.count += 1;
      lookups.sum += run.cacheLookup.tookMs / 1000;
    }
    if (run.batchSize === 0) return;
    this.stages.queue.observe(run.queueMs / 1000);
    this.stages.run.observe(run.runMs / 1000);
    this.stages.crossing.observe(Math.max(0, endedAtMs - askedAtMs - run.queueMs - run.runMs) / 1000);
  }

  /** Grows with everything that is counted. */
  get activity(): number {
    return this.inference.count + this.rows.count;
  }

  /** For a report on the stages. */
  get totals(): StageTotals {
    const seconds = Object.fromEntries(STAGES.map((stage) => [stage, this.stages[stage].sum]));
    const { count, sum } = this.rows;
    return {
      requests: this.request.count,
      seconds: seconds as Record<Stage, number>,
      rowsPerRun: count === 0 ? 0 : sum / count,
    };
  }
}

/** Series that were not served any more for as long are forgotten. */
const FORGET_AFTER_MS = 15 * 60_000;

/** The series of all versions. Looking one up is part of the hot path: two maps and no text. */
export class SeriesTable {
  readonly #models = new Map<string, Map<number, Partial<Record<RouteRole, VersionSeries>>>>();
  readonly #idle = new Map<VersionSeries, { readonly activity: number; readonly sinceMs: number }>();

  of(model: string, version: number, role: RouteRole): VersionSeries {
    let versions = this.#models.get(model);
    if (versions === undefined) {
      versions = new Map();
      this.#models.set(model, versions);
    }
    let roles = versions.get(version);
    if (roles === undefined) {
      roles = {};
      versions.set(version, roles);
    }
    roles[role] ??= new VersionSeries(model, version, role);
    return roles[role];
  }

  get all(): VersionSeries[] {
    return [...this.#models.keys()].flatMap((model) => this.ofModel(model));
  }

  ofModel(model: string): VersionSeries[] {
    const versions = [...(this.#models.get(model)?.values() ?? [])];
    return versions.flatMap((roles) => Object.values(roles));
  }

  /** Forgets what is neither served nor counted any more: versions come and go for as long as a gateway lives. */
  forgetIdle(isServed: (series: VersionSeries) => boolean, nowMs: number): void {
    for (const series of this.all) {
      const idle = this.#idle.get(series);
      const { activity } = series;
      if (isServed(series)) this.#idle.delete(series);
      else if (idle === undefined || idle.activity !== activity) this.#idle.set(series, { activity, sinceMs: nowMs });
      else if (nowMs - idle.sinceMs >= FORGET_AFTER_MS) this.#forget(series);
    }
  }

  #forget(series: VersionSeries): void {
    this.#idle.delete(series);
    const versions = this.#models.get(series.model);
    const roles = versions?.get(series.version);
    if (roles === undefined || versions === undefined) return;
    delete roles[series.role];
    if (Object.keys(roles).length === 0) versions.delete(series.version);
    if (versions.size === 0) this.#models.delete(series.model);
  }
}
