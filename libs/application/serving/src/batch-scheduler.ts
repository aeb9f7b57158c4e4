import { DomainError, isDomainError } from '#domain/errors';
import { type BatchingOptions, batchPlacer, type ModelSignature, splitRows, type Tensor } from '#domain/inference';
import { AdaptiveLimit, type AdaptiveLimitOptions } from './adaptive-limit.ts';
import { CallQueue, type PendingCall } from './call-queue.ts';
import type { InferenceCall, InferenceRun, InferenceRunner } from './inference-call.ts';
import type { HostedModel, JoinedTensor, RunAnswer } from './model-host.ts';
import { PendingCalls } from './pending-calls.ts';

/** What a scheduler takes from outside. */
export interface SchedulerParts {
  /** Monotonic milliseconds. */
  readonly monotonicMs: () => number;
  /** Runs a task once, later; answers how to call it off. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  /** Runs a task when everything that has arrived by now was taken. */
  readonly soon: (task: () => void) => void;
  /** Told of every run. */
  readonly observeRun: (rows: number, calls: number, runMs: number) => void;
  /** Called when the last call in work was answered. */
  readonly onIdle: () => void;
}

/** How a scheduler shares out runs; may change while it works. */
export interface SchedulerOptions {
  readonly batching: BatchingOptions;
  /** Longest time of one run, and the measure of what a tolerable latency is. */
  readonly deadlineMs: number;
  /** Most calls in work. */
  readonly maxConcurrency: number;
}

interface Instance {
  readonly model: HostedModel;
  /** Runs in it. */
  runs: number;
  /** Of its latest runs, smoothed. */
  runMs: number;
  /** Whether it runs calls that may end it; nothing else is sent to it meanwhile. */
  hasSuspects: boolean;
}

const DEFAULT_MAX_BATCH_SIZE = 64;
/** Of a run's time that is planned with: what is cut off takes its runner along. */
const PLANNED_RUN_SHARE = 0.25;
const MAX_BATCH_BYTES = 128 * 2 ** 20;
/** A run shorter than this is over before its successor could be sent: send that beforehand. */
const SHORT_RUN_MS = 0.3;
/** Runs that an instance holds, counting the one that it computes. */
const DEPTH = { one: 1, next: 2, many: 16 } as const;
const RUN_MS_SMOOTHING = 0.1;
/** Of its time that a call may be expected to wait, and still be let in: the measure of the wait is rough. */
const ANSWERABLE_SHARE = 0.75;
/** So many calls are let in whatever is expected: they are what expectations are learnt from. */
const ALWAYS_LET_IN = 4;
/** A run that is begun too late for its calls is in vain; no more than this share of their time is taken for what it needs. */
const MAX_RUN_SHARE = 0.5;
/** Most models gain little from more rows in a run. */
const WORTHWHILE_BATCH_SIZE = 8;
/** Latencies up to this share of the deadline are nothing to refuse anybody for. */
const TOLERABLE_SHARE = 0.1;

/**
 * Shares the runs of one version out among the calls to it.
 *
 * A run is made of what has queued while the last one was on: an idle model is never kept waiting for company, and a busy one computes
 * many calls at once. Only calls whose rows lie together without padding share a run. A call that cannot be answered by its deadline is
 * not let in, and never begun while others wait: a model that is asked for too much does what it can for as many as it can. Calls
 * whose run failed together are run again one by one, so that only the culprit fails; calls whose runner was lost are run once more, each
 * with an instance to itself, in case that it was the reason.
 */
export class BatchScheduler implements InferenceRunner {
  readonly #parts: SchedulerParts;
  readonly #signature: ModelSignature;
  readonly #placeOf: (inputs: readonly Tensor[]) => { readonly key: string | undefined; readonly rows: number };
  readonly #queue = new CallQueue();
  readonly #pending = new PendingCalls();
  readonly #limit: AdaptiveLimit;
  #instances: Instance[] = [];
  #options: SchedulerOptions;
  #mayBatch = false;
  /** Why nobody is going to answer calls; `undefined` while there are instances, or may be some again. */
  #refusal: DomainError | undefined;
  #calls = 0;
  /** Milliseconds of a runner that a call takes, smoothed. */
  #callMs = 0;
  /** And a row. */
  #rowMs = 0;
  #isDispatchDue = false;
  #sweepAtMs = Number.POSITIVE_INFINITY;
  #cancelSweep = () => {};
  #cancelDelay: (() => void) | undefined;

  constructor(signature: ModelSignature, options: SchedulerOptions, parts: SchedulerParts) {
    this.#parts = parts;
    this.#signature = signature;
    this.#placeOf = batchPlacer(signature);
    this.#options = options;
    this.#limit = new AdaptiveLimit(this.#limitOptions());
  }

  /** Most rows of one run, as things stand. */
  get maxBatchSize(): number {
    const { maxBatchSize } = this.#options.batching;
    if (!this.#mayBatch) return 1;
    return maxBatchSize ?? DEFAULT_MAX_BATCH_SIZE;
  }

  /** Calls that wait or run. */
  get callsInWork(): number {
    return this.#pending.size;
  }

  /** Calls whose run has not begun. */
  get callsWaiting(): number {
    return this.#queue.length;
  }

  /** Whether a call would be refused now. */
  get isFull(): boolean {
    return this.#pending.size >= this.#limit.limit;
  }

  /** Most calls in work, as things stand. */
  get limit(): number {
    return this.#limit.limit;
  }

  configure(options: SchedulerOptions): void {
    this.#options = options;
    this.#limit.configure(this.#limitOptions());
  }

  /** Takes an instance into use. */
  add(model: HostedModel): void {
    const { maxBatchSize } = this.#options.batching;
    // A size that somebody wrote down is theirs to answer for; without one the model must have shown that it can.
    this.#mayBatch = model.profile.isRowIndependent || (maxBatchSize ?? 1) > 1;
    this.#refusal = undefined;
    if (this.#callMs === 0) this.#callMs = model.profile.runMs;
    if (this.#rowMs === 0) this.#rowMs = model.profile.runMs;
    this.#instances.push({ model, runs: 0, runMs: model.profile.runMs, hasSuspects: false });
    this.#limit.configure(this.#limitOptions());
    this.#dispatchSoon();
  }

  /** Takes an instance out of use; runs in it end as they will. */
  remove(model: HostedModel): void {
    this.#instances = this.#instances.filter((instance) => instance.model !== model);
    this.#limit.configure(this.#limitOptions());
  }

  /** Fails every call that waits, and every one that comes, or comes back from a lost runner, until there is an instance again. */
  giveUp(error: DomainError): void {
    this.#refusal = error;
    for (const pending of this.#queue.clear()) this.#reject(pending, error);
  }

  run(call: InferenceCall): Promise<InferenceRun> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    const limit = this.#limit.limit;
    if (this.#pending.size >= limit || !this.#isAnswerable(call)) return Promise.reject(overLimit(this.#pending.size));
    return new Promise((resolve, reject) => {
      const inputs = this.#inOrder(call.inputs);
      const { key, rows } = this.#placeOf(inputs);
      const pending: PendingCall = {
        call,
        inputs,
        key: key === undefined || this.maxBatchSize === 1 ? undefined : `${key}${outputsKey(call, this.#signature)}`,
        rows,
        sizeBytes: inputs.reduce((total, { data }) => total + data.byteLength, 0),
        queuedAtMs: this.#parts.monotonicMs(),
        order: this.#calls,
        losses: 0,
        isSettled: false,
        place: 0,
        resolve,
        reject,
      };
      this.#calls += 1;
      this.#pending.add(pending);
      this.#queue.push(pending);
      this.#sweepBy(call.deadlineAtMs);
      // What fills a run waits for nobody: under overload a turn of the loop is long, with thousands of calls to refuse in it.
      if (this.#queue.length % Math.max(this.maxBatchSize, DEFAULT_MAX_BATCH_SIZE) === 0) this.#dispatch();
      else this.#dispatchSoon();
    });
  }

  /** However slow a model is, there is to be a next run while one is on, and where calls share runs it is to be worth it. */
  #limitOptions(): AdaptiveLimitOptions {
    const { deadlineMs, maxConcurrency } = this.#options;
    const perInstance = 2 * Math.min(this.maxBatchSize, WORTHWHILE_BATCH_SIZE);
    const min = Math.max(ALWAYS_LET_IN, perInstance * this.#instances.length);
    return { max: maxConcurrency, min: Math.min(min, maxConcurrency), tolerableMs: deadlineMs * TOLERABLE_SHARE };
  }

  /** Whether a call that comes now can be expected to be answered in time. */
  #isAnswerable({ deadlineAtMs }: InferenceCall): boolean {
    if (this.#pending.size < ALWAYS_LET_IN) return true;
    const waitMs = (this.#pending.size * this.#callMs) / Math.max(1, this.#instances.length);
    return waitMs <= (deadlineAtMs - this.#parts.monotonicMs()) * ANSWERABLE_SHARE;
  }

  /** Calls that arrive in one turn of the event loop are looked at together. */
  #dispatchSoon(): void {
    if (this.#isDispatchDue) return;
    this.#isDispatchDue = true;
    this.#parts.soon(() => {
      this.#isDispatchDue = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    for (;;) {
      const instance = this.#leastBusy();
      const next = this.#queue.peek();
      if (instance === undefined || next === undefined) return;
      const bounds = { maxRows: this.#maxRows(), maxBytes: MAX_BATCH_BYTES };
      const rows = bounds.maxRows === 1 ? 1 : this.#queue.joinableRows(bounds);
      // It may have been what ended its runner: then it shall take nobody else along.
      const depth = isSuspect(next) ? DEPTH.one : this.#depthOf(instance, rows >= bounds.maxRows);
      if (instance.runs >= depth) return;
      if (this.#isWorthWaiting(rows, bounds.maxRows)) return;
      const batch = this.#queue.take({ ...bounds, maxRows: this.#preferred(rows) });
      const neededMs = this.#queue.length === 0 ? 0 : instance.runMs;
      const due = batch.filter((pending) => !this.#isDropped(pending, neededMs));
      if (due.length > 0) this.#send(instance, due);
    }
  }

  /** Most rows of the next run: a slow model gets no more than it computes well within a run's time. */
  #maxRows(): number {
    const planned = Math.floor((this.#options.deadlineMs * PLANNED_RUN_SHARE) / this.#rowMs);
    return Math.max(1, Math.min(planned, this.maxBatchSize));
  }

  #leastBusy(): Instance | undefined {
    let best: Instance | undefined;
    for (const instance of this.#instances) {
      if (instance.model.freeRuns === 0 || instance.hasSuspects) continue;
      if (best === undefined || instance.runs < best.runs) best = instance;
    }
    return best;
  }

  /** A run that is sent early joins nobody who comes later: only what loses nothing by it is. */
  #depthOf({ runMs }: Instance, isFull: boolean): number {
    if (runMs >= SHORT_RUN_MS) return isFull ? DEPTH.next : DEPTH.one;
    return this.maxBatchSize > 1 ? DEPTH.next : DEPTH.many;
  }

  #isWorthWaiting(rows: number, maxRows: number): boolean {
    const { maxDelayMs } = this.#options.batching;
    const first = this.#queue.peek();
    if (maxDelayMs === 0 || rows >= maxRows || first === undefined || first.key === undefined) return false;
    const leftMs = first.queuedAtMs + maxDelayMs - this.#parts.monotonicMs();
    if (leftMs <= 0) return false;
    this.#cancelDelay ??= this.#parts.after(leftMs, () => {
      this.#cancelDelay = undefined;
      this.#dispatch();
    });
    return true;
  }

  /** The largest preferred number of rows that is full; without one, all that there are. */
  #preferred(rows: number): number {
    const fitting = this.#options.batching.preferredSizes.filter((size) => size <= rows);
    return fitting.at(-1) ?? Math.max(1, rows);
  }

  #send(instance: Instance, batch: readonly PendingCall[]): void {
    const sentAtMs = this.#parts.monotonicMs();
    const { outputNames } = (batch[0] as PendingCall).call;
    instance.runs += 1;
    instance.hasSuspects = batch.some(isSuspect);
    instance.model
      .run({ inputs: joinInputs(batch), outputNames }, this.#options.deadlineMs)
      .then(
        (answer) => {
          this.#ended(instance, answer.runMs);
          this.#answer(batch, answer, sentAtMs);
        },
        (error: unknown) => {
          this.#ended(instance, undefined);
          this.#fail(batch, error);
        },
      )
      // An answer that cannot be taken apart: its calls shall not wait for ever, nor the process end.
      .catch((error: unknown) => this.#fail(batch, error));
  }

  /** The next run leaves before the answers of the last one are written. */
  #ended(instance: Instance, runMs: number | undefined): void {
    instance.runs -= 1;
    instance.hasSuspects = false;
    if (runMs !== undefined) instance.runMs += (runMs - instance.runMs) * RUN_MS_SMOOTHING;
    this.#dispatch();
  }

  #answer(batch: readonly PendingCall[], { outputs, runMs }: RunAnswer, sentAtMs: number): void {
    const rows = batch.map((pending) => pending.rows);
    const batchSize = rows.reduce((sum, count) => sum + count, 0);
    this.#callMs += (runMs / batch.length - this.#callMs) * RUN_MS_SMOOTHING;
    this.#rowMs += (runMs / batchSize - this.#rowMs) * RUN_MS_SMOOTHING;
    this.#parts.observeRun(batchSize, batch.length, runMs);
    const parts = batch.length === 1 ? [outputs] : splitRows(outputs, rows);
    if (parts === undefined) {
      // Loading has not seen it, or somebody insisted: the rows of this model cannot be told apart.
      this.#mayBatch = false;
      this.#runAlone(batch);
      return;
    }
    const nowMs = this.#parts.monotonicMs();
    batch.forEach((pending, index) => {
      if (!this.#settle(pending)) return;
      this.#limit.record(nowMs - pending.queuedAtMs, this.#pending.size + 1);
      const queueMs = sentAtMs - pending.queuedAtMs;
      pending.resolve({ outputs: parts[index] ?? [], rows: pending.rows, batchSize, queueMs, runMs });
    });
  }

  #fail(batch: readonly PendingCall[], error: unknown): void {
    if (isDomainError(error, 'RUNNER_LOST')) {
      const again = batch.filter(({ call, losses, isSettled }) => !isSettled && call.isRetriedOnLoss && losses === 0);
      for (const pending of batch) if (!again.includes(pending)) this.#reject(pending, error);
      for (const pending of again) pending.losses += 1;
      this.#runAlone(again);
    } else if (batch.length > 1 && isDomainError(error, 'MODEL_RUN_FAILED')) this.#runAlone(batch);
    else for (const pending of batch) this.#reject(pending, error);
  }

  #runAlone(batch: readonly PendingCall[]): void {
    for (const pending of batch) {
      pending.key = undefined;
      if (this.#refusal !== undefined) this.#reject(pending, this.#refusal);
    }
    this.#queue.putBack(batch);
    this.#dispatch();
  }

  #reject(pending: PendingCall, error: unknown): void {
    if (this.#settle(pending)) pending.reject(error);
  }

  #settle(pending: PendingCall): boolean {
    if (pending.isSettled) return false;
    pending.isSettled = true;
    this.#pending.delete(pending);
    if (this.#pending.size === 0) this.#parts.onIdle();
    return true;
  }

  /**
   * Answers whether nobody waits for a call any more, or will when it is done, and tells its caller.
   *
   * @param neededMs what its run is expected to take.
   */
  #isDropped(pending: PendingCall, neededMs: number): boolean {
    if (pending.isSettled) return true;
    const dropMs = dropAtMs(pending);
    const marginMs = Math.min(neededMs, (dropMs - pending.queuedAtMs) * MAX_RUN_SHARE);
    if (this.#parts.monotonicMs() >= dropMs - marginMs) this.#expire(pending);
    return pending.isSettled;
  }

  /** Nobody learns sooner than by such calls that too many are let in. */
  #expire(pending: PendingCall): void {
    this.#limit.record(this.#parts.monotonicMs() - pending.queuedAtMs, this.#pending.size);
    this.#reject(pending, tooLate(pending));
  }

  /** One timer for all deadlines: they mostly come in the order of their calls. */
  #sweepBy(atMs: number): void {
    if (atMs >= this.#sweepAtMs) return;
    this.#cancelSweep();
    this.#sweepAtMs = atMs;
    this.#cancelSweep = this.#parts.after(Math.max(0, atMs - this.#parts.monotonicMs()), () => this.#sweep());
  }

  #sweep(): void {
    this.#sweepAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#parts.monotonicMs();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const pending of this.#pending.all()) {
      const { deadlineAtMs } = pending.call;
      // A client that is gone ends no run, only the wait for one.
      if (deadlineAtMs <= nowMs) this.#expire(pending);
      else nextMs = Math.min(nextMs, deadlineAtMs);
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#sweepBy(nextMs);
  }

  #inOrder(inputs: readonly Tensor[]): readonly Tensor[] {
    const specs = this.#signature.inputs;
    if (specs.every(({ name }, index) => inputs[index]?.name === name)) return inputs;
    return specs.flatMap(({ name }) => inputs.find((tensor) => tensor.name === name) ?? []);
  }
}

function joinInputs(batch: readonly PendingCall[]): JoinedTensor[] {
  const [first] = batch as readonly [PendingCall];
  const rows = batch.reduce((sum, pending) => sum + pending.rows, 0);
  return first.inputs.map(({ name, datatype, shape }, index) => ({
    name,
    datatype,
    shape: batch.length === 1 ? shape : [rows, ...shape.slice(1)],
    pieces: batch.map(({ inputs }) => inputs[index]?.data ?? new Uint8Array()),
  }));
}

/** Most calls want every output. */
function outputsKey({ outputNames }: InferenceCall, { outputs }: ModelSignature): string {
  const isAll =
    outputNames.length === outputs.length && outputs.every(({ name }, index) => outputNames[index] === name);
  return isAll ? '' : `|${JSON.stringify(outputNames)}`;
}

/** Whether a runner was lost over it once. */
function isSuspect({ losses }: PendingCall): boolean {
  return losses > 0;
}

function dropAtMs({ call }: PendingCall): number {
  return Math.min(call.deadlineAtMs, call.expiresAtMs ?? Number.POSITIVE_INFINITY);
}

function tooLate({ call }: PendingCall): DomainError {
  if (call.expiresAtMs !== undefined && call.expiresAtMs < call.deadlineAtMs) {
    return new DomainError('REQUEST_TIMED_OUT', "the request's own timeout ran out before the model was free");
  }
  return new DomainError('DEADLINE_EXCEEDED', 'the inference did not end within its deadline');
}

function overLimit(limit: number): DomainError {
  return new DomainError(
    'QUEUE_FULL',
    `${limit} requests are in work, which is what the model can do: try again later`,
  );
}
