import { DomainError, isDomainError } from '#domain/errors';
import type { ServingOptions, Tensor } from '#domain/inference';
import type { ArtifactSource, HostedModel, ModelHost } from './model-host.ts';
import { type RecordedRequests, recordedFiles } from './recorded-requests.ts';
import { runWarmUp } from './run-warm-up.ts';
import type { ServedVariant, ServedVersion } from './serving-snapshot.ts';
import { planWarmUp, type WarmUpRun } from './warm-up.ts';

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
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'closed' };

/** What a slot holds. */
export interface SlotContent {
  /** For logs. */
  readonly label: string;
  readonly served: ServedVersion;
  readonly serving: ServingOptions;
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
  readonly #onChange: () => void;
  #state: SlotState = { kind: 'loading' };
  #model: HostedModel | undefined;
  #variant: ServedVariant | undefined;
  #inFlight = 0;
  #losses: number[] = [];
  #cancelRetry = () => {};

  /** @param onChange called after every change of state. */
  constructor({ label, served, serving }: SlotContent, parts: SlotParts, onChange: () => void) {
    this.#label = label;
    this.served = served;
    this.#serving = serving;
    this.#parts = parts;
    this.#onChange = onChange;
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

  /** Begins to load; failures are retried with growing pauses while the slot is open. Ends when the first attempt has. */
  async start(retryMs = RETRY_FIRST_MS): Promise<void> {
    try {
      await this.#load();
    } catch (error) {
      if (this.#isClosed()) return;
      if (!this.#isTransient(error)) this.#enter(failureOf(error));
      this.#cancelRetry = this.#parts.after(retryMs, () => void this.start(Math.min(retryMs * 2, RETRY_MAX_MS)));
    }
  }

  /** Loads a version that failed as if it had not been tried. */
  tryAgain(): void {
    if (this.#state.kind !== 'failed') return;
    this.#cancelRetry();
    this.#losses = [];
    this.#enter({ kind: 'loading' });
    void this.start();
  }

  /**
   * Runs the model for a request.
   *
   * @throws MODEL_VERSION_NOT_READY, and whatever {@link HostedModel.infer} throws.
   */
  async infer(inputs: readonly Tensor[], outputNames: readonly string[], timeoutMs: number): Promise<Tensor[]> {
    const model = this.#model;
    if (model === undefined) {
      throw new DomainError(
        'MODEL_VERSION_NOT_READY',
        `version ${this.version} of ${this.served.model} is not loaded now`,
      );
    }
    this.#inFlight += 1;
    try {
      return await model.infer(inputs, outputNames, timeoutMs);
    } finally {
      this.#inFlight -= 1;
      if (this.#state.kind === 'closed') this.#closeWhenIdle();
    }
  }

  /** Takes the version out of use; requests that run on it end first. */
  close(): void {
    this.#cancelRetry();
    this.#state = { kind: 'closed' };
    this.#closeWhenIdle();
  }

  /** Ends the runner at once. */
  async kill(): Promise<void> {
    this.#cancelRetry();
    this.#state = { kind: 'closed' };
    await this.#model?.close();
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
    this.#enter({ kind: 'ready' });
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
    if (this.#inFlight > 0) return;
    void this.#model?.close();
    this.#model = undefined;
  }
}

function failureOf(error: unknown): SlotState {
  if (isDomainError(error)) return { kind: 'failed', code: error.code, message: error.message };
  return { kind: 'failed', code: 'INTERNAL', message: 'loading failed for a reason that nobody foresaw' };
}
