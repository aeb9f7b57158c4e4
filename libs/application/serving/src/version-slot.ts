import { DomainError, type ErrorCode, isDomainError } from '#domain/errors';
import { type ClientView, clientViewOf, type ServingOptions } from '#domain/inference';
import { BatchScheduler, type SchedulerOptions, type SchedulerParts } from './batch-scheduler.ts';
import type { Fingerprint } from './call-key.ts';
import { type ComposedRunner, composeRunner } from './compose-runner.ts';
import type { EnsembleSetParts } from './ensemble-slots.ts';
import { FailureRecord, MAX_LOSSES } from './failure-record.ts';
import type { InferenceCall, InferenceRun, InferenceRunner } from './inference-call.ts';
import { instanceCount } from './instance-count.ts';
import { InstanceLoader, type LoaderParts } from './instance-loader.ts';
import { estimateBytes } from './memory-estimate.ts';
import { MemoryShare } from './memory-share.ts';
import type { HostedModel, LoadProfile } from './model-host.ts';
import { findProcessors, ProcessedRunner } from './processed-runner.ts';
import type { RoutedSlot } from './routed-slot.ts';
import type { ServedVariant, ServedVersion } from './serving-snapshot.ts';
import type { SlotState } from './slot-state.ts';
import type { FindProcessor } from './tensor-processor.ts';
import type { VersionProfile } from './version-profile.ts';
import { WakeQueue } from './wake-queue.ts';

/** What a slot holds. */
export interface SlotContent {
  /** For logs. */
  readonly label: string;
  /** As clients name the deployment. */
  readonly modelName: string;
  readonly served: ServedVersion;
}

/** A version went to sleep to make room, or came back for a request. */
export interface MemoryEvent {
  readonly kind: 'slept' | 'woke';
  readonly model: string;
  readonly version: number;
  readonly sizeBytes: number;
}

/** What a slot belongs to. */
export interface SlotOwner {
  /** Called after every change of state. */
  onChange(): void;
  /**
   * Lets the slot into memory, or says that it shall sleep until somebody asks for it.
   *
   * @throws MEMORY_BUDGET_EXCEEDED
   */
  admit(slot: VersionSlot): Promise<'admitted' | 'asleep'>;
}

/** How a version of a deployment is run. */
export interface SlotOptions extends Pick<SchedulerOptions, 'deadlineMs' | 'maxConcurrency'> {
  readonly serving: ServingOptions;
}

/** What a slot takes from outside. */
export interface SlotParts extends Omit<SchedulerParts, 'observeRun' | 'onIdle'>, LoaderParts {
  readonly ensembles: Pick<EnsembleSetParts, 'callModel' | 'random01'>;
  /** Tells equal requests from others, for the cache of answers. */
  readonly fingerprint: Fingerprint;
  readonly onMemory?: (event: MemoryEvent) => void;
  /** Plugins that deployments name; absent: none run here. */
  readonly findProcessor?: FindProcessor;
  /** Told of every run of a version. */
  readonly observeRun: (slot: VersionSlot, rows: number, calls: number, runMs: number) => void;
}

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 30_000;
/** What is no fault of the version's may be over any moment, however long it has lasted. */
const RETRY_TRANSIENT_MAX_MS = 5000;
/** What cannot be loaded takes this many times as long a pause as it took to find out: some models hang, and burn a core meanwhile. */
const PAUSE_PER_LOAD = 10;

/** One version of one deployment on this gateway, from wanted to closed. */
export class VersionSlot implements RoutedSlot {
  readonly served: ServedVersion;
  readonly modelName: string;
  readonly label: string;
  /** What it takes, or will take, of the memory. */
  readonly memory = new MemoryShare();
  readonly #parts: SlotParts;
  readonly #owner: SlotOwner;
  readonly #wakeQueue: WakeQueue;
  readonly #scheduler: BatchScheduler;
  readonly #loader: InstanceLoader;
  readonly #failures: FailureRecord;
  #options: SlotOptions;
  #composed: ComposedRunner | undefined;
  /** What answers: the version as it is composed, or plugins around it. */
  #runner: InferenceRunner | undefined;
  #view: ClientView;
  #state: SlotState = { kind: 'loading' };
  #models: HostedModel[] = [];
  #profile: LoadProfile | undefined;
  #variant: ServedVariant | undefined;
  #lastUsedAtMs = 0;
  /** The attempt to load it that is under way. */
  #attempt: Promise<void> | undefined;
  /** Aborted when what is being loaded is not wanted any more. */
  #loading = new AbortController();
  /** Calls the next attempt off; absent when there is none to come. */
  #cancelRetry: (() => void) | undefined;

  constructor({ label, modelName, served }: SlotContent, options: SlotOptions, parts: SlotParts, owner: SlotOwner) {
    this.label = label;
    this.modelName = modelName;
    this.served = served;
    this.#parts = parts;
    this.#owner = owner;
    this.#wakeQueue = new WakeQueue(parts.after);
    this.#loader = new InstanceLoader(label, served, parts);
    this.#failures = new FailureRecord(parts.nowMs);
    this.#options = options;
    this.#view = { signature: served.signature, defaultOutputNames: served.signature.outputs.map(({ name }) => name) };
    this.#scheduler = new BatchScheduler(served.signature, schedulerOptions(options), {
      ...parts,
      observeRun: (rows, calls, runMs) => parts.observeRun(this, rows, calls, runMs),
      onIdle: () => {
        this.#lastUsedAtMs = parts.nowMs();
        if (this.#state.kind === 'closed') this.#closeWhenIdle();
      },
    });
  }

  get version(): number {
    return this.served.version;
  }

  get build(): string {
    return this.served.build;
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
    const cache = this.#composed?.cacheProfile;
    return { cache, intraOpThreads, runMs, instances, maxBatchSize, preferredSizes, callsInWork, callsWaiting, limit };
  }

  get isFull(): boolean {
    return this.#scheduler.isFull;
  }

  get lastUsedAtMs(): number {
    return this.#lastUsedAtMs;
  }

  /** Whether requests run on it or wait for it, or it is being loaded. */
  get isBusy(): boolean {
    return this.#scheduler.callsInWork > 0 || this.isAwaited || this.#attempt !== undefined;
  }

  /** Whether requests wait until it is in memory again. */
  get isAwaited(): boolean {
    return !this.#wakeQueue.isEmpty;
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

  /** Begins to load what is missing; failures are retried with growing pauses while the slot is open. Ends when the first attempt has. */
  start(retryMs = RETRY_FIRST_MS): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#attempt ??= this.#try(retryMs).finally(() => {
      this.#attempt = undefined;
      // Some of what was loaded may be lost again by now.
      if (this.#isWanting() && this.#cancelRetry === undefined) void this.start();
    });
    return this.#attempt;
  }

  /** Loads a version that failed or sleeps as if it were new: it is out of traffic until that has succeeded. */
  tryAgain(): void {
    if (this.#state.kind !== 'failed' && this.#state.kind !== 'sleeping') return;
    this.#failures.forgiveLosses();
    this.#enter({ kind: 'loading' });
    void this.start();
  }

  /** Has a sleeping version loaded; it stays in traffic meanwhile. */
  wake(): void {
    const isUnderWay = this.#attempt !== undefined || this.#cancelRetry !== undefined;
    if (this.#state.kind === 'sleeping' && !isUnderWay) void this.start();
  }

  /** Takes a version out of memory that nobody uses now. */
  async sleep(): Promise<void> {
    if (this.isBusy || this.#state.kind !== 'ready') return;
    const models = this.#models.splice(0);
    for (const model of models) this.#scheduler.remove(model);
    this.memory.release();
    this.#enter({ kind: 'sleeping' });
    await Promise.all(models.map((model) => model.close()));
  }

  /** Finds out what it takes in memory now. */
  async measure(): Promise<void> {
    const sizes = await Promise.all(this.#models.map((model) => model.residentBytes?.()));
    const known = sizes.filter((size) => size !== undefined);
    this.memory.measured(known.length === 0 ? undefined : known.reduce((sum, size) => sum + size, 0));
  }

  /** Runs the model for a call; one that sleeps is loaded first. While a lost runner is replaced, calls wait for the new one. */
  run(call: InferenceCall): Promise<InferenceRun> {
    this.#lastUsedAtMs = this.#parts.nowMs();
    if (this.#state.kind === 'sleeping') return this.#runAwake(call);
    if (this.#runner === undefined || this.#state.kind === 'failed') {
      return Promise.reject(this.#notReady('is not loaded now'));
    }
    return this.#runner.run(call);
  }

  /** Takes the version out of use; requests that run on it end first. */
  close(): void {
    this.#leave();
    this.#closeWhenIdle();
  }

  /** Ends the runners at once. */
  async kill(): Promise<void> {
    this.#leave();
    this.#composed?.close();
    await Promise.all(this.#models.splice(0).map((model) => model.close()));
    this.#scheduler.giveUp(this.#notReady('is not served any more'));
  }

  async #try(retryMs: number): Promise<void> {
    const { signal } = this.#loading;
    const startedMs = this.#parts.monotonicMs();
    try {
      await this.#load(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (this.#state.kind === 'sleeping' && isDomainError(error, 'MEMORY_BUDGET_EXCEEDED')) {
        // It sleeps on: the next request tries again.
        this.#wakeQueue.settle(error);
        return;
      }
      const isTransient = this.#failures.isTransient(error);
      // An instance that serves is worth more than one that cannot be loaded beside it.
      if (!isTransient && this.#models.length === 0) {
        this.memory.release();
        this.#fail(failureOf(error));
      }
      const tookMs = this.#parts.monotonicMs() - startedMs;
      const pauseMs = isTransient ? retryMs : Math.max(retryMs, tookMs * PAUSE_PER_LOAD);
      const maxMs = isTransient ? RETRY_TRANSIENT_MAX_MS : RETRY_MAX_MS;
      this.#cancelRetry = this.#parts.after(pauseMs, () => void this.start(Math.min(retryMs * 2, maxMs)));
    }
  }

  /** Loads instances until there are as many as are wanted; the first one serves already while the others are loaded. */
  async #load(signal: AbortSignal): Promise<void> {
    if (this.#composed === undefined) this.#compose();
    const prepared = await this.#loader.prepare(this.#options.serving.batching);
    const { variant } = prepared;
    const place = await this.#makeRoom(variant);
    if (signal.aborted) return;
    this.#variant = variant;
    if (place === 'asleep') {
      this.#enter({ kind: 'sleeping' });
      return;
    }
    do {
      const model = await this.#loader.load(prepared, {
        // What was measured once holds for every instance.
        intraOpThreads: this.#options.serving.intraOpThreads ?? this.#profile?.intraOpThreads,
        onLost: (lost, reason) => this.#lose(lost, reason),
        signal,
      });
      if (signal.aborted) return model.close();
      // One that is loaded beside others is measured while they take the machine.
      this.#profile ??= model.profile;
      this.#lastUsedAtMs = this.#parts.nowMs();
      this.#models.push(model);
      this.#scheduler.add(model);
      if (this.#state.kind !== 'ready') this.#enter({ kind: 'ready' });
    } while (this.#isWanting());
  }

  /** Whether there are fewer instances than there shall be. */
  #isWanting(): boolean {
    if (this.#state.kind !== 'loading' && this.#state.kind !== 'ready') return false;
    const { instances } = this.#options.serving;
    const profile = this.#profile;
    return (
      this.#models.length < (profile === undefined ? 1 : instanceCount(instances, profile, this.#parts.host.cores))
    );
  }

  async #makeRoom(variant: ServedVariant): Promise<'admitted' | 'asleep'> {
    // One whose runner was lost has its place still.
    if (this.memory.isReserved) return 'admitted';
    this.memory.estimate(estimateBytes(variant, this.#options.serving.instances ?? 1));
    return this.#owner.admit(this);
  }

  /** Has the version loaded again, and waits for that as long as the request can. */
  async #runAwake(call: InferenceCall): Promise<InferenceRun> {
    this.wake();
    const leftMs = call.deadlineAtMs - this.#parts.monotonicMs();
    await this.#wakeQueue.wait(leftMs, () => this.#notReady('is being loaded again: try again later'));
    return this.run(call);
  }

  /** @throws SERVING_OPTIONS_INVALID when the version does not fit them. */
  #compose(): void {
    const { serving } = this.#options;
    const { processing } = serving;
    const processors = processing && findProcessors(processing, this.#parts.findProcessor ?? (() => undefined));
    this.#view = clientViewOf(this.served.signature, serving);
    this.#composed?.close();
    const timing = { monotonicMs: this.#parts.monotonicMs, after: this.#parts.after };
    const { fingerprint } = this.#parts;
    const composed = composeRunner(this.#scheduler, this.served, serving, { fingerprint, timing });
    this.#composed = composed;
    this.#runner = composed;
    if (processors === undefined) return;
    const { modelName, version } = this;
    const processed = new ProcessedRunner(composed, { processors, view: this.#view, modelName, version, timing });
    this.#runner = processed;
    this.#view = processed.view;
  }

  #lose(model: HostedModel, reason: string): void {
    this.#models = this.#models.filter((other) => other !== model);
    this.#scheduler.remove(model);
    if (this.#isClosed()) {
      if (this.#models.length === 0) this.#scheduler.giveUp(this.#notReady('is not served any more'));
      return;
    }
    if (this.#failures.countLoss()) {
      this.#stopLoading();
      for (const other of this.#models.splice(0)) this.#dismiss(other);
      this.memory.release();
      this.#fail({ code: 'RUNNER_LOST', message: `its runner was lost ${MAX_LOSSES} times: ${reason}` });
      this.#cancelRetry = this.#parts.after(RETRY_MAX_MS, () => void this.start());
      return;
    }
    if (this.#models.length === 0) this.#enter({ kind: 'loading' });
    void this.start();
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

  #notReady(how: string): DomainError {
    return new DomainError('MODEL_VERSION_NOT_READY', `version ${this.version} of ${this.served.model} ${how}`);
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  #enter(state: SlotState): void {
    const before = this.#state.kind;
    this.#state = state;
    if (before === 'ready' && state.kind === 'sleeping') this.#tellMemory('slept');
    if (before === 'sleeping' && state.kind === 'ready') this.#tellMemory('woke');
    if (state.kind === 'ready') this.#wakeQueue.settle();
    if (state.kind === 'failed') this.#wakeQueue.settle(this.#notReady(`cannot be loaded again: ${state.message}`));
    this.#owner.onChange();
  }

  #tellMemory(kind: MemoryEvent['kind']): void {
    const { model, version } = this.served;
    this.#parts.onMemory?.({ kind, model, version, sizeBytes: this.memory.sizeBytes });
  }

  /** Ends what is being loaded, and tries no more. */
  #stopLoading(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#loading.abort();
    this.#loading = new AbortController();
  }

  #leave(): void {
    this.#stopLoading();
    this.memory.release();
    this.#state = { kind: 'closed' };
    this.#wakeQueue.settle(this.#notReady('is not served any more'));
  }

  #closeWhenIdle(): void {
    if (this.#scheduler.callsInWork > 0) return;
    this.#composed?.close();
    for (const model of this.#models.splice(0)) this.#dismiss(model);
    // Somebody may still have a route to it.
    this.#scheduler.giveUp(this.#notReady('is not served any more'));
  }
}

function schedulerOptions({ serving, deadlineMs, maxConcurrency }: SlotOptions): SchedulerOptions {
  return { batching: serving.batching, deadlineMs, maxConcurrency };
}

function failureOf(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (isDomainError(error)) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: 'loading failed for a reason that nobody foresaw' };
}
