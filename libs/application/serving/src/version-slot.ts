import { DomainError, type ErrorCode, isDomainError } from '#domain/errors';
import { type ClientView, clientViewOf, type ServingOptions } from '#domain/inference';
import { BatchScheduler, type SchedulerOptions, type SchedulerParts } from './batch-scheduler.ts';
import type { CacheStatistics } from './cached-runner.ts';
import type { Fingerprint } from './call-key.ts';
import { type ComposedRunner, composeRunner } from './compose-runner.ts';
import type { InferenceCall, InferenceRun, InferenceRunner } from './inference-call.ts';
import { instanceCount } from './instance-count.ts';
import type { ArtifactSource, HostedModel, LoadProfile, ModelHost } from './model-host.ts';
import { type RecordedRequests, recordedFiles } from './recorded-requests.ts';
import { runWarmUp } from './run-warm-up.ts';
import type { ServedVariant, ServedVersion } from './serving-snapshot.ts';
import { planWarmUp, type WarmUpRun } from './warm-up.ts';

/**
 * The states of a version on a gateway.
 * - `loading`: pulled, verified, loaded or warmed; gets no traffic. Also after its last runner was lost, until there is a new one.
 * - `ready`: entered after the warm-up succeeded; gets traffic from then on.
 * - `failed`: could not be loaded; gets no traffic, and is tried again now and then while it is wanted.
 * - `closed`: not wanted any more; its runners end when the last request has.
 */
export type SlotState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'closed' };

/** What a slot holds. */
export interface SlotContent {
  /** For logs. */
  readonly label: string;
  /** As clients name the deployment. */
  readonly modelName: string;
  readonly served: ServedVersion;
}

/** How a version of a deployment is run. */
export interface SlotOptions extends Pick<SchedulerOptions, 'deadlineMs' | 'maxConcurrency'> {
  readonly serving: ServingOptions;
}

/** What a slot takes from outside. */
export interface SlotParts extends Omit<SchedulerParts, 'observeRun' | 'onIdle'> {
  readonly artifacts: ArtifactSource;
  readonly host: ModelHost;
  /** Absent: versions are warmed up with zeros. */
  readonly recorded?: RecordedRequests;
  /** Tells equal requests from others, for the cache of answers. */
  readonly fingerprint: Fingerprint;
  readonly nowMs: () => number;
  /** Told of every run of a version. */
  readonly observeRun: (slot: VersionSlot, rows: number, calls: number, runMs: number) => void;
}

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 30_000;
/** A version that loses its runner this often within the window is taken for broken. */
const MAX_LOSSES = 3;
const LOSS_WINDOW_MS = 60_000;

/** One version of one deployment on this gateway, from wanted to closed. */
export class VersionSlot implements InferenceRunner {
  readonly served: ServedVersion;
  readonly modelName: string;
  readonly #label: string;
  readonly #parts: SlotParts;
  readonly #onChange: () => void;
  readonly #scheduler: BatchScheduler;
  #options: SlotOptions;
  #composed: ComposedRunner | undefined;
  #view: ClientView;
  #state: SlotState = { kind: 'loading' };
  #models: HostedModel[] = [];
  #profile: LoadProfile | undefined;
  #variant: ServedVariant | undefined;
  #losses: number[] = [];
  #loading: Promise<void> | undefined;
  #cancelRetry = () => {};

  /** @param onChange called after every change of state. */
  constructor({ label, modelName, served }: SlotContent, options: SlotOptions, parts: SlotParts, onChange: () => void) {
    this.#label = label;
    this.modelName = modelName;
    this.served = served;
    this.#parts = parts;
    this.#onChange = onChange;
    this.#options = options;
    this.#view = { signature: served.signature, defaultOutputNames: served.signature.outputs.map(({ name }) => name) };
    this.#scheduler = new BatchScheduler(served.signature, schedulerOptions(options), {
      ...parts,
      observeRun: (rows, calls, runMs) => parts.observeRun(this, rows, calls, runMs),
      onIdle: () => {
        if (this.#state.kind === 'closed') this.#closeWhenIdle();
      },
    });
  }

  get version(): number {
    return this.served.version;
  }

  get state(): SlotState {
    return this.#state;
  }

  /** What clients see of the version, and what their requests are checked against. */
  get view(): ClientView {
    return this.#view;
  }

  /** The variant in use, as `target/precision`; empty before one was chosen. */
  get variantName(): string {
    return this.#variant === undefined ? '' : `${this.#variant.target}/${this.#variant.precision}`;
  }

  /** How the version is run; `undefined` before it was loaded. */
  get profile(): VersionProfile | undefined {
    if (this.#profile === undefined) return undefined;
    const { intraOpThreads, runMs } = this.#profile;
    const { maxBatchSize, callsInWork, callsWaiting, limit } = this.#scheduler;
    const { preferredSizes } = this.#options.serving.batching;
    const instances = this.#models.length;
    return { intraOpThreads, runMs, instances, maxBatchSize, preferredSizes, callsInWork, callsWaiting, limit };
  }

  /** `undefined` without a cache of answers. */
  get cacheStatistics(): CacheStatistics | undefined {
    return this.#composed?.cacheStatistics;
  }

  /** Whether the sequence of that id goes on here. */
  holdsSequence(id: string): boolean {
    return this.#composed?.holdsSequence(id) ?? false;
  }

  /** Changes how the version is run from now on. Instances and threads are what they were when it was loaded. */
  configure(options: SlotOptions): void {
    const { cache, sequence } = this.#options.serving;
    this.#options = options;
    this.#scheduler.configure(schedulerOptions(options));
    const isOther =
      JSON.stringify([cache, sequence]) !== JSON.stringify([options.serving.cache, options.serving.sequence]);
    if (!isOther || this.#composed === undefined) return;
    try {
      this.#compose();
    } catch (error) {
      this.#fail(failureOf(error));
    }
  }

  /** Begins to load; failures are retried with growing pauses while the slot is open. Ends when this attempt has. */
  start(retryMs = RETRY_FIRST_MS): Promise<void> {
    this.#loading ??= this.#load().then(
      () => {
        this.#loading = undefined;
        // All that was loaded may be lost again by now.
        if (this.#state.kind === 'loading') void this.start();
      },
      (error: unknown) => {
        this.#loading = undefined;
        if (this.#isClosed()) return;
        if (!this.#isTransient(error)) this.#fail(failureOf(error));
        this.#cancelRetry = this.#parts.after(retryMs, () => void this.start(Math.min(retryMs * 2, RETRY_MAX_MS)));
      },
    );
    return this.#loading;
  }

  /** Loads a version that failed as if it had not been tried. */
  tryAgain(): void {
    if (this.#state.kind !== 'failed') return;
    this.#cancelRetry();
    this.#losses = [];
    this.#enter({ kind: 'loading' });
    void this.start();
  }

  /** Runs the model for a call. While a lost runner is replaced, calls wait for the new one. */
  run(call: InferenceCall): Promise<InferenceRun> {
    if (this.#composed === undefined || this.#state.kind === 'failed') return Promise.reject(this.#notReady());
    return this.#composed.run(call);
  }

  /** Takes the version out of use; requests that run on it end first. */
  close(): void {
    this.#cancelRetry();
    this.#state = { kind: 'closed' };
    this.#closeWhenIdle();
  }

  /** Ends the runners at once. */
  async kill(): Promise<void> {
    this.#cancelRetry();
    this.#state = { kind: 'closed' };
    this.#composed?.close();
    await Promise.all(this.#models.splice(0).map((model) => model.close()));
    this.#scheduler.failWaiting(this.#notReady());
  }

  async #load(): Promise<void> {
    const variant = this.served.variants.find((candidate) => this.#parts.host.canRun(candidate));
    if (variant === undefined) {
      const names =
        this.served.variants.map(({ target, precision, format }) => `${target}/${precision} ${format}`).join(', ') ||
        'none';
      throw new DomainError('NO_RUNNABLE_VARIANT', `this gateway can run none of the variants: ${names}`);
    }
    if (this.#composed === undefined) this.#compose();
    const modelPath = await this.#parts.artifacts.materialise(variant.files);
    const warmUp = await this.#planWarmUp(modelPath, variant);
    const load = (intraOpThreads: number | undefined) => this.#loadInstance(modelPath, variant, warmUp, intraOpThreads);
    const { instances, intraOpThreads } = this.#options.serving;
    const first = await load(intraOpThreads);
    if (first === undefined) return;
    this.#profile = first.profile;
    this.#variant = variant;
    this.#enter({ kind: 'ready' });
    // The others, while the first one serves already. One that fails is no reason to stop serving.
    const wanted = instanceCount(instances, first.profile, this.#parts.host.cores);
    while (this.#models.length < wanted && this.#state.kind === 'ready') {
      const another = await load(first.profile.intraOpThreads).catch(() => undefined);
      if (another === undefined) return;
    }
  }

  /** Loads and warms one instance and takes it into use; `undefined` when the slot was closed meanwhile. */
  async #loadInstance(
    modelPath: string,
    variant: ServedVariant,
    warmUp: readonly WarmUpRun[],
    intraOpThreads: number | undefined,
  ): Promise<HostedModel | undefined> {
    const loaded: { model?: HostedModel } = {};
    const { signature } = this.served;
    const onLost = (reason: string) => this.#lose(loaded.model, reason);
    const label = this.#label;
    const model = await this.#parts.host.load({ label, modelPath, variant, signature, intraOpThreads, onLost });
    try {
      await runWarmUp(warmUp, model, this.#parts.nowMs);
    } catch (error) {
      await model.close();
      throw error;
    }
    if (this.#isClosed()) {
      await model.close();
      return undefined;
    }
    loaded.model = model;
    this.#models.push(model);
    this.#scheduler.add(model);
    return model;
  }

  async #planWarmUp(modelPath: string, { files }: ServedVariant): Promise<readonly WarmUpRun[]> {
    const { signature } = this.served;
    const kept = recordedFiles(files);
    const recorded = kept.length === 0 ? [] : await this.#parts.recorded?.read(modelPath, files, signature);
    return planWarmUp(signature, this.#options.serving.batching, recorded ?? []);
  }

  /** @throws SERVING_OPTIONS_INVALID when the version does not fit them. */
  #compose(): void {
    const { serving } = this.#options;
    this.#view = clientViewOf(this.served.signature, serving);
    this.#composed?.close();
    const timing = { monotonicMs: this.#parts.monotonicMs, after: this.#parts.after };
    const { fingerprint } = this.#parts;
    this.#composed = composeRunner(this.#scheduler, this.served, serving, { fingerprint, timing });
  }

  /** A runner that was lost while it loaded is told of by its load. */
  #lose(model: HostedModel | undefined, reason: string): void {
    if (model === undefined) return;
    this.#models = this.#models.filter((other) => other !== model);
    this.#scheduler.remove(model);
    if (this.#isClosed()) {
      if (this.#models.length === 0) this.#scheduler.failWaiting(this.#notReady());
      return;
    }
    if (this.#isLostTooOften()) {
      for (const other of this.#models.splice(0)) this.#dismiss(other);
      this.#fail({ code: 'RUNNER_LOST', message: `its runner was lost ${MAX_LOSSES} times: ${reason}` });
      this.#cancelRetry = this.#parts.after(RETRY_MAX_MS, () => void this.start());
      return;
    }
    if (this.#models.length === 0) this.#enter({ kind: 'loading' });
    void this.start();
  }

  /** Calls that wait learn of it at once. */
  #fail({ code, message }: { readonly code: ErrorCode; readonly message: string }): void {
    this.#scheduler.failWaiting(new DomainError('MODEL_VERSION_NOT_READY', `${code}: ${message}`));
    this.#enter({ kind: 'failed', code, message });
  }

  #dismiss(model: HostedModel): void {
    this.#scheduler.remove(model);
    void model.close();
  }

  #notReady(): DomainError {
    return new DomainError(
      'MODEL_VERSION_NOT_READY',
      `version ${this.version} of ${this.served.model} is not loaded now`,
    );
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  #enter(state: SlotState): void {
    this.#state = state;
    this.#onChange();
  }

  /** Whether a failure to load says something about the outside, and nothing about the version. */
  #isTransient(error: unknown): boolean {
    if (isDomainError(error, 'RUNNER_LOST')) return !this.#isLostTooOften();
    return isDomainError(error) && error.kind === 'unavailable';
  }

  /** Counts one more loss. */
  #isLostTooOften(): boolean {
    const now = this.#parts.nowMs();
    this.#losses = [...this.#losses.filter((at) => now - at < LOSS_WINDOW_MS), now];
    return this.#losses.length >= MAX_LOSSES;
  }

  #closeWhenIdle(): void {
    if (this.#scheduler.callsInWork > 0) return;
    this.#composed?.close();
    for (const model of this.#models.splice(0)) this.#dismiss(model);
  }
}

/** How a version is run, for metadata and metrics. */
export interface VersionProfile {
  readonly intraOpThreads: number;
  /** Milliseconds of one run of a made-up row, when it was loaded. */
  readonly runMs: number;
  /** Runners that serve now. */
  readonly instances: number;
  /** Rows; 1 when calls do not share runs. */
  readonly maxBatchSize: number;
  /** Rising; none means any. */
  readonly preferredSizes: readonly number[];
  /** Calls that wait or run. */
  readonly callsInWork: number;
  /** Calls whose run has not begun. */
  readonly callsWaiting: number;
  /** Calls that may be in work now. */
  readonly limit: number;
}

function schedulerOptions({ serving, deadlineMs, maxConcurrency }: SlotOptions): SchedulerOptions {
  return { batching: serving.batching, deadlineMs, maxConcurrency };
}

function failureOf(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (isDomainError(error)) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: 'loading failed for a reason that nobody foresaw' };
}
