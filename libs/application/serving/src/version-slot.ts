import { DomainError, type ErrorCode, isDomainError } from '#domain/errors';
import { DEFAULT_SERVING_OPTIONS, type ServingOptions } from '#domain/inference';
import { BatchScheduler, type SchedulerOptions, type SchedulerParts } from './batch-scheduler.ts';
import type { InferenceCall, InferenceRun, InferenceRunner } from './inference-call.ts';
import type { ArtifactSource, HostedModel, ModelHost, ModelProfile } from './model-host.ts';
import type { ServedVariant, ServedVersion } from './serving-snapshot.ts';
import { zeroInputs } from './warm-up.ts';

/**
 * The states of a version on a gateway.
 * - `loading`: pulled, verified, loaded or warmed; gets no traffic. Also after its runner was lost, until there is a new one.
 * - `ready`: entered after the warm-up succeeded; gets traffic from then on.
 * - `failed`: could not be loaded; gets no traffic, and is tried again now and then while it is wanted.
 * - `closed`: not wanted any more; its runner ends when the last request has.
 */
export type SlotState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'closed' };

/** What a slot takes from outside. */
export interface SlotParts extends Omit<SchedulerParts, 'observeRun'> {
  readonly artifacts: ArtifactSource;
  readonly host: ModelHost;
  readonly nowMs: () => number;
  /** Told of every run of a version. */
  readonly observeRun: (slot: VersionSlot, rows: number, calls: number, runMs: number) => void;
}

/** How a version of a deployment is run. */
export interface SlotOptions extends Pick<SchedulerOptions, 'deadlineMs' | 'maxConcurrency'> {
  readonly serving: ServingOptions;
}

/** What a slot does until it is told otherwise. */
const DEFAULT_OPTIONS: SlotOptions = { deadlineMs: 10_000, maxConcurrency: 256, serving: DEFAULT_SERVING_OPTIONS };

const WARM_UP_TIMEOUT_MS = 60_000;
/** A faster model keeps up with the gateway alone; another instance would only take memory. */
const WORTH_INSTANCES_MS = 2;
const MAX_CHOSEN_INSTANCES = 8;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 30_000;
const MAX_CORRUPT_PULLS = 3;
/** What cannot be loaded takes this many times as long a pause as it took to find out: some models hang, and burn a core meanwhile. */
const PAUSE_PER_LOAD = 10;
/** A version that loses its runner this often within the window is taken for broken. */
const MAX_LOSSES = 3;
const LOSS_WINDOW_MS = 60_000;

/** One version of one deployment on this gateway, from wanted to closed. */
export class VersionSlot implements InferenceRunner {
  readonly served: ServedVersion;
  readonly #label: string;
  readonly #parts: SlotParts;
  readonly #onChange: () => void;
  readonly #scheduler: BatchScheduler;
  #options: SlotOptions;
  #state: SlotState = { kind: 'loading' };
  #models: HostedModel[] = [];
  #profile: ModelProfile | undefined;
  #variant: ServedVariant | undefined;
  #losses: number[] = [];
  #corruptPulls = 0;
  /** Set while something is loaded; aborted when it is not wanted any more. */
  #loading: AbortController | undefined;
  #cancelRetry = () => {};

  /** @param onChange called after every change of state. */
  constructor(
    label: string,
    served: ServedVersion,
    parts: SlotParts,
    onChange: () => void,
    options: SlotOptions = DEFAULT_OPTIONS,
  ) {
    this.#label = label;
    this.served = served;
    this.#parts = parts;
    this.#onChange = onChange;
    this.#options = options;
    this.#scheduler = new BatchScheduler(served.signature, schedulerOptions(options), {
      ...parts,
      observeRun: (rows, calls, runMs) => parts.observeRun(this, rows, calls, runMs),
    });
  }

  get version(): number {
    return this.served.version;
  }

  get state(): SlotState {
    return this.#state;
  }

  /** The variant in use, as `target/precision`; empty before one was chosen. */
  get variantName(): string {
    return this.#variant === undefined ? '' : `${this.#variant.target}/${this.#variant.precision}`;
  }

  /** How the version is run; `undefined` before it was loaded. */
  get profile(): VersionProfile | undefined {
    if (this.#profile === undefined) return undefined;
    const { intraOpThreads, runMs } = this.#profile;
    const { maxBatchSize, callsInWork, limit } = this.#scheduler;
    return { intraOpThreads, runMs, instances: this.#models.length, maxBatchSize, callsInWork, limit };
  }

  /** Changes how the version is run from now on. Instances and threads are what they were when it was loaded. */
  configure(options: SlotOptions): void {
    this.#options = options;
    this.#scheduler.configure(schedulerOptions(options));
  }

  /** Begins to load what is missing; failures are retried with growing pauses while the slot is open. */
  start(retryMs = RETRY_FIRST_MS): void {
    if (this.#loading !== undefined) return;
    const loading = new AbortController();
    this.#loading = loading;
    const startedMs = this.#parts.monotonicMs();
    void this.#load(loading.signal)
      .finally(() => {
        if (this.#loading === loading) this.#loading = undefined;
      })
      .then(
        () => {
          // Some of what was loaded may be lost again by now.
          if (!loading.signal.aborted && this.#isWanting()) this.start();
        },
        (error: unknown) => {
          if (loading.signal.aborted) return;
          const isTransient = this.#isTransient(error);
          // An instance that serves is worth more than one that cannot be loaded beside it.
          if (!isTransient && this.#models.length === 0) this.#fail(failureOf(error));
          const tookMs = this.#parts.monotonicMs() - startedMs;
          const pauseMs = isTransient ? retryMs : Math.max(retryMs, tookMs * PAUSE_PER_LOAD);
          this.#cancelRetry = this.#parts.after(pauseMs, () => this.start(Math.min(retryMs * 2, RETRY_MAX_MS)));
        },
      );
  }

  /** Runs the model for a call. While a lost runner is replaced, calls wait for the new one. */
  async run(call: InferenceCall): Promise<InferenceRun> {
    if (this.#profile === undefined || this.#state.kind === 'failed') throw this.#notReady();
    try {
      return await this.#scheduler.run(call);
    } finally {
      if (this.#state.kind === 'closed') this.#closeWhenIdle();
    }
  }

  /** Takes the version out of use; requests that run on it end first. */
  close(): void {
    this.#stopLoading();
    this.#state = { kind: 'closed' };
    this.#closeWhenIdle();
  }

  /** Ends the runner at once. */
  async kill(): Promise<void> {
    this.#stopLoading();
    this.#state = { kind: 'closed' };
    await Promise.all(this.#models.splice(0).map((model) => model.close()));
    this.#scheduler.giveUp(this.#notReady());
  }

  /** Loads instances until there are as many as are wanted; the first one serves already while the others are loaded. */
  async #load(signal: AbortSignal): Promise<void> {
    const variant = this.served.variants.find((candidate) => this.#parts.host.canRun(candidate));
    if (variant === undefined) {
      const names =
        this.served.variants.map(({ target, precision, format }) => `${target}/${precision} ${format}`).join(', ') ||
        'none';
      throw new DomainError('NO_RUNNABLE_VARIANT', `this gateway can run none of the variants: ${names}`);
    }
    const modelPath = await this.#parts.artifacts.materialise(variant.files);
    if (signal.aborted) return;
    do {
      const model = await this.#loadInstance(modelPath, variant, signal);
      if (signal.aborted) return model.close();
      // One that is loaded beside others is measured while they take the machine.
      this.#profile ??= model.profile;
      this.#variant = variant;
      this.#models.push(model);
      this.#scheduler.add(model);
      if (this.#state.kind !== 'ready') this.#enter({ kind: 'ready' });
    } while (this.#isWanting());
  }

  /** Loads and warms one instance. */
  async #loadInstance(modelPath: string, variant: ServedVariant, signal: AbortSignal): Promise<HostedModel> {
    const loaded: { model?: HostedModel } = {};
    const model = await this.#parts.host.load({
      label: this.#label,
      modelPath,
      variant,
      signature: this.served.signature,
      // What was measured once holds for every instance.
      intraOpThreads: this.#options.serving.intraOpThreads ?? this.#profile?.intraOpThreads,
      onLost: (reason) => this.#lose(loaded.model, reason),
      signal,
    });
    await this.#warmUp(model);
    loaded.model = model;
    return model;
  }

  /** Whether there are fewer instances than there shall be. */
  #isWanting(): boolean {
    if (this.#state.kind === 'closed' || this.#state.kind === 'failed') return false;
    return this.#models.length < this.#wantedInstances();
  }

  #wantedInstances(): number {
    const { instances } = this.#options.serving;
    if (instances !== undefined || this.#profile === undefined) return instances ?? 1;
    const { intraOpThreads, runMs } = this.#profile;
    if (runMs < WORTH_INSTANCES_MS) return 1;
    return Math.max(1, Math.min(MAX_CHOSEN_INSTANCES, Math.floor(this.#parts.host.cores / intraOpThreads)));
  }

  async #warmUp(model: HostedModel): Promise<void> {
    try {
      const { signature } = this.served;
      const outputNames = signature.outputs.map((spec) => spec.name);
      const inputs = zeroInputs(signature).map(({ data, ...input }) => ({ ...input, pieces: [data] }));
      await model.run({ inputs, outputNames }, WARM_UP_TIMEOUT_MS);
    } catch (error) {
      await model.close();
      if (isDomainError(error, 'RUNNER_LOST')) throw error;
      throw new DomainError(
        'MODEL_LOAD_FAILED',
        `the warm-up failed: ${(error as Error).message}`,
        {},
        { cause: error },
      );
    }
  }

  /** A runner that was lost while it loaded is told of by its load. */
  #lose(model: HostedModel | undefined, reason: string): void {
    if (model === undefined) return;
    this.#models = this.#models.filter((other) => other !== model);
    this.#scheduler.remove(model);
    if (this.#state.kind === 'closed') {
      if (this.#models.length === 0) this.#scheduler.giveUp(this.#notReady());
      return;
    }
    if (this.#isLostTooOften()) {
      this.#stopLoading();
      for (const other of this.#models.splice(0)) this.#dismiss(other);
      this.#fail({ code: 'RUNNER_LOST', message: `its runner was lost ${MAX_LOSSES} times: ${reason}` });
      this.#cancelRetry = this.#parts.after(RETRY_MAX_MS, () => this.start());
      return;
    }
    if (this.#models.length === 0) this.#enter({ kind: 'loading' });
    this.start();
  }

  /** Calls that wait learn of it at once. */
  #fail({ code, message }: { readonly code: ErrorCode; readonly message: string }): void {
    this.#scheduler.giveUp(new DomainError('MODEL_VERSION_NOT_READY', `${code}: ${message}`));
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

  /** Ends what is being loaded, and tries no more. */
  #stopLoading(): void {
    this.#cancelRetry();
    this.#loading?.abort();
    this.#loading = undefined;
  }

  #enter(state: SlotState): void {
    this.#state = state;
    this.#onChange();
  }

  /** Whether a failure to load says something about the outside, and nothing about the version. */
  #isTransient(error: unknown): boolean {
    if (isDomainError(error, 'RUNNER_LOST')) return !this.#isLostTooOften();
    if (isDomainError(error, 'ARTIFACT_CORRUPT')) {
      // Bytes may be damaged on their way, too.
      this.#corruptPulls += 1;
      return this.#corruptPulls < MAX_CORRUPT_PULLS;
    }
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
    for (const model of this.#models.splice(0)) this.#dismiss(model);
    // Somebody may still have a route to it.
    this.#scheduler.giveUp(this.#notReady());
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
  /** Calls that wait or run. */
  readonly callsInWork: number;
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
