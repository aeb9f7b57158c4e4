import { DomainError, isDomainError } from '#domain/errors';
import type { ServingOptions, Tensor } from '#domain/inference';
import { estimateBytes } from './memory-estimate.ts';
import { MemoryShare } from './memory-share.ts';
import type { ArtifactSource, HostedModel, ModelHost } from './model-host.ts';
import { type RecordedRequests, recordedFiles } from './recorded-requests.ts';
import { runWarmUp } from './run-warm-up.ts';
import type { ServedVariant, ServedVersion } from './serving-snapshot.ts';
import { WakeQueue } from './wake-queue.ts';
import { planWarmUp, type WarmUpRun } from './warm-up.ts';

/**
 * The states of a version on a gateway.
 * - `loading`: pulled, verified, loaded or warmed; gets no traffic. Also after its runner was lost, until there is a new one.
 * - `ready`: entered after the warm-up succeeded; gets traffic from then on.
 * - `failed`: could not be loaded; gets no traffic, and is tried again now and then while it is wanted.
 * - `sleeping`: not in memory, to spare it; stays in traffic, and its next request has it loaded again and waits for that.
 * - `closed`: not wanted any more; its runner ends when the last request has.
 */
export type SlotState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'sleeping' }
  | { readonly kind: 'closed' };

/** What a slot holds. */
export interface SlotContent {
  /** For logs. */
  readonly label: string;
  readonly served: ServedVersion;
  readonly serving: ServingOptions;
}

/** A version went to sleep to make room, or came back for a request. */
export interface MemoryEvent {
  readonly kind: 'slept' | 'woke';
  readonly model: string;
  readonly version: number;
  readonly sizeBytes: number;
}

/** What a slot takes from outside. */
export interface SlotParts {
  readonly artifacts: ArtifactSource;
  readonly host: ModelHost;
  /** Absent: versions are warmed up with zeros. */
  readonly recorded?: RecordedRequests;
  /** Runs a task once, later; answers how to call it off. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  readonly nowMs: () => number;
  readonly onMemory?: (event: MemoryEvent) => void;
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

const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 30_000;
/** A version that loses its runner this often within the window is taken for broken. */
const MAX_LOSSES = 3;
const LOSS_WINDOW_MS = 60_000;

/** One version of one deployment on this gateway, from wanted to closed. */
export class VersionSlot {
  readonly served: ServedVersion;
  readonly #label: string;
  readonly #serving: ServingOptions;
  readonly #parts: SlotParts;
  readonly #owner: SlotOwner;
  readonly #wakeQueue: WakeQueue;
  readonly #memory = new MemoryShare();
  #state: SlotState = { kind: 'loading' };
  #model: HostedModel | undefined;
  #variant: ServedVariant | undefined;
  #inFlight = 0;
  #losses: number[] = [];
  #lastUsedAtMs = 0;
  /** The attempt to load it that is under way. */
  #attempt: Promise<void> | undefined;
  /** Calls the next attempt off; absent when there is none to come. */
  #cancelRetry: (() => void) | undefined;

  constructor({ label, served, serving }: SlotContent, parts: SlotParts, owner: SlotOwner) {
    this.#label = label;
    this.served = served;
    this.#serving = serving;
    this.#parts = parts;
    this.#owner = owner;
    this.#wakeQueue = new WakeQueue(parts.after);
  }

  get label(): string {
    return this.#label;
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

  /** What it takes, or will take, of the memory. */
  get memory(): MemoryShare {
    return this.#memory;
  }

  get lastUsedAtMs(): number {
    return this.#lastUsedAtMs;
  }

  /** Whether requests run on it or wait for it, or it is being loaded. */
  get isBusy(): boolean {
    return this.#inFlight > 0 || this.isAwaited || this.#attempt !== undefined;
  }

  /** Whether requests wait until it is in memory again. */
  get isAwaited(): boolean {
    return !this.#wakeQueue.isEmpty;
  }

  /** Begins to load; failures are retried with growing pauses while the slot is open. Ends when the first attempt has. */
  start(retryMs = RETRY_FIRST_MS): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#attempt ??= this.#try(retryMs).finally(() => {
      this.#attempt = undefined;
    });
    return this.#attempt;
  }

  /** Loads a version that failed or sleeps as if it were new: it is out of traffic until that has succeeded. */
  tryAgain(): void {
    if (this.#state.kind !== 'failed' && this.#state.kind !== 'sleeping') return;
    this.#losses = [];
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
    const model = this.#model;
    if (this.isBusy || this.#state.kind !== 'ready' || model === undefined) return;
    this.#model = undefined;
    this.#memory.release();
    this.#enter({ kind: 'sleeping' });
    await model.close();
  }

  /** Finds out what it takes in memory now. */
  async measure(): Promise<void> {
    this.#memory.measured(await this.#model?.residentBytes?.());
  }

  /**
   * Runs the model for a request; one that sleeps is loaded first.
   *
   * @throws MODEL_VERSION_NOT_READY, and whatever {@link HostedModel.infer} throws.
   */
  async infer(inputs: readonly Tensor[], outputNames: readonly string[], timeoutMs: number): Promise<Tensor[]> {
    this.#lastUsedAtMs = this.#parts.nowMs();
    const leftMs = this.#state.kind === 'sleeping' ? await this.#awake(timeoutMs) : timeoutMs;
    const model = this.#model;
    if (model === undefined) throw this.#notReady('is not loaded now');
    this.#inFlight += 1;
    try {
      return await model.infer(inputs, outputNames, leftMs);
    } finally {
      this.#inFlight -= 1;
      this.#lastUsedAtMs = this.#parts.nowMs();
      if (this.#state.kind === 'closed') this.#closeWhenIdle();
    }
  }

  /** Takes the version out of use; requests that run on it end first. */
  close(): void {
    this.#leave();
    this.#closeWhenIdle();
  }

  /** Ends the runner at once. */
  async kill(): Promise<void> {
    this.#leave();
    await this.#model?.close();
  }

  async #try(retryMs: number): Promise<void> {
    try {
      await this.#load();
    } catch (error) {
      if (this.#isClosed()) return;
      if (this.#state.kind === 'sleeping' && isDomainError(error, 'MEMORY_BUDGET_EXCEEDED')) {
        // It sleeps on: the next request tries again.
        this.#wakeQueue.settle(error);
        return;
      }
      if (!this.#isTransient(error)) {
        this.#memory.release();
        this.#enter(failureOf(error));
      }
      this.#cancelRetry = this.#parts.after(retryMs, () => void this.start(Math.min(retryMs * 2, RETRY_MAX_MS)));
    }
  }

  async #load(): Promise<void> {
    const variant = this.served.variants.find((candidate) => this.#parts.host.canRun(candidate));
    if (variant === undefined) {
      const names =
        this.served.variants.map(({ target, precision, format }) => `${target}/${precision} ${format}`).join(', ') ||
        'none';
      throw new DomainError('NO_RUNNABLE_VARIANT', `this gateway can run none of the variants: ${names}`);
    }
    const modelPath = await this.#parts.artifacts.materialise(variant.files);
    const runs = await this.#planWarmUp(modelPath, variant);
    const place = await this.#makeRoom(variant);
    if (this.#isClosed()) return;
    if (place === 'asleep') {
      this.#variant = variant;
      this.#enter({ kind: 'sleeping' });
      return;
    }
    const model = await this.#parts.host.load({
      label: this.#label,
      modelPath,
      variant,
      signature: this.served.signature,
      onLost: (reason) => this.#lose(reason),
    });
    await this.#warmUp(model, runs);
    if (this.#isClosed()) {
      await model.close();
      return;
    }
    this.#model = model;
    this.#variant = variant;
    this.#lastUsedAtMs = this.#parts.nowMs();
    this.#enter({ kind: 'ready' });
  }

  async #makeRoom(variant: ServedVariant): Promise<'admitted' | 'asleep'> {
    // One whose runner was lost has its place still.
    if (this.#memory.isReserved) return 'admitted';
    this.#memory.estimate(estimateBytes(variant, this.#serving.instances ?? 1));
    return this.#owner.admit(this);
  }

  /** Has the version loaded again, and waits for that as long as the request can; answers the time that is left. */
  async #awake(withinMs: number): Promise<number> {
    const startedMs = this.#parts.nowMs();
    this.wake();
    await this.#wakeQueue.wait(withinMs, () => this.#notReady('is being loaded again: try again later'));
    return withinMs - (this.#parts.nowMs() - startedMs);
  }

  async #planWarmUp(modelPath: string, { files }: ServedVariant): Promise<readonly WarmUpRun[]> {
    const { signature } = this.served;
    const kept = recordedFiles(files);
    const recorded = kept.length === 0 ? [] : await this.#parts.recorded?.read(modelPath, files, signature);
    return planWarmUp(signature, this.#serving.batching, recorded ?? []);
  }

  async #warmUp(model: HostedModel, runs: readonly WarmUpRun[]): Promise<void> {
    try {
      await runWarmUp(runs, (...run) => model.infer(...run), this.#parts.nowMs);
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  #lose(reason: string): void {
    if (this.#state.kind === 'closed' || this.#model === undefined) return;
    this.#model = undefined;
    if (this.#isLostTooOften()) {
      this.#enter({
        kind: 'failed',
        code: 'RUNNER_LOST',
        message: `its runner was lost ${MAX_LOSSES} times: ${reason}`,
      });
      this.#memory.release();
      this.#cancelRetry = this.#parts.after(RETRY_MAX_MS, () => void this.start());
      return;
    }
    this.#enter({ kind: 'loading' });
    void this.start();
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
    this.#parts.onMemory?.({ kind, model, version, sizeBytes: this.#memory.sizeBytes });
  }

  #leave(): void {
    this.#cancelRetry?.();
    this.#memory.release();
    this.#state = { kind: 'closed' };
    this.#wakeQueue.settle(this.#notReady('is not served any more'));
  }

  #notReady(how: string): DomainError {
    return new DomainError('MODEL_VERSION_NOT_READY', `version ${this.version} of ${this.served.model} ${how}`);
  }

  /** Whether a failure to load says something about the outside, and nothing about the version. */
  #isTransient(error: unknown): boolean {
    if (isDomainError(error, 'RUNNER_LOST')) return !this.#isLostTooOften();
    if (isDomainError(error, 'MEMORY_BUDGET_EXCEEDED')) return false;
    return isDomainError(error) && error.kind === 'unavailable';
  }

  /** Counts one more loss. */
  #isLostTooOften(): boolean {
    const now = this.#parts.nowMs();
    this.#losses = [...this.#losses.filter((at) => now - at < LOSS_WINDOW_MS), now];
    return this.#losses.length >= MAX_LOSSES;
  }

  #closeWhenIdle(): void {
    if (this.#inFlight > 0) return;
    void this.#model?.close();
    this.#model = undefined;
  }
}

function failureOf(error: unknown): SlotState {
  if (isDomainError(error)) return { kind: 'failed', code: error.code, message: error.message };
  return { kind: 'failed', code: 'INTERNAL', message: 'loading failed for a reason that nobody foresaw' };
}
