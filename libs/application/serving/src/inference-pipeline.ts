import { DomainError, isDomainError } from '#domain/errors';
import { type Tensor, validateInputs, validateOutputNames } from '#domain/inference';
import type { Pick, Route, RouteRole, RouteTable } from '#domain/routing';
import type { InferenceCall, InferenceRun, SequencePlace } from './inference-call.ts';
import { pickForSequence } from './sequence-affinity.ts';
import type { TrafficLedger } from './traffic-ledger.ts';
import type { VersionSlot } from './version-slot.ts';

/** A decoded inference request. */
export interface InferenceRequest {
  /** As the client wrote it. */
  readonly modelName: string;
  /** As the client wrote it; empty leaves the choice to the route. */
  readonly modelVersion: string;
  readonly inputs: readonly Tensor[];
  /** Names of the outputs wanted; none means all. */
  readonly outputNames: readonly string[];
  /** How long the answer is of use to the client, in milliseconds; the deployment's own deadline holds in any case. */
  readonly timeoutMs?: number | undefined;
  /** 1 is served first; 0, as when it is absent, takes the middle. */
  readonly priority?: number | undefined;
  readonly sequence?: SequencePlace | undefined;
}

/** An answered inference. */
export interface InferenceResult {
  readonly outputs: readonly Tensor[];
  readonly modelName: string;
  readonly modelVersion: number;
  readonly role: RouteRole;
  /** Whether stable stepped in for a candidate that failed. */
  readonly isFallback: boolean;
  /** How the run went that gave the outputs. */
  readonly run: InferenceRun;
}

/** One finished inference, for metrics. */
export interface InferenceObservation {
  readonly modelName: string;
  readonly version: number;
  readonly role: RouteRole;
  readonly outcome: 'success' | 'server_error' | 'client_error' | 'refused';
  readonly tookSeconds: number;
  readonly isFallback: boolean;
  /** How the run went; `undefined` when there is no answer. */
  readonly run: InferenceRun | undefined;
}

/** What the pipeline takes from outside. */
export interface PipelineParts {
  readonly routes: () => RouteTable<VersionSlot>;
  readonly ledger: TrafficLedger;
  /** Uniform in [0, 1). */
  readonly random01: () => number;
  /** Monotonic milliseconds. */
  readonly monotonicMs: () => number;
  /** Runs a task once, later; answers how to call it off. */
  readonly after: (delayMs: number, task: () => void) => () => void;
  readonly observe: (observation: InferenceObservation) => void;
}

/** The part of the deadline that a candidate may use up when stable can still step in. */
const CANDIDATE_DEADLINE_SHARE = 0.5;
/** No request is answered sooner than this; one that must be is not run at all. */
const SHORTEST_TIMEOUT_MS = 0.1;

/** The way of an inference request, from decoded to answered; apps/gateway/HOT_PATH.md draws it. */
export class InferencePipeline {
  readonly #parts: PipelineParts;
  readonly #inFlight = new Map<string, number>();

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Requests in work for a model. */
  inFlightOf(modelName: string): number {
    return this.#inFlight.get(modelName) ?? 0;
  }

  /**
   * Answers a request.
   *
   * @throws DEPLOYMENT_NOT_FOUND, MODEL_VERSION_NOT_SERVED, QUEUE_FULL, TENSOR_INVALID, MODEL_RUN_FAILED, DEADLINE_EXCEEDED,
   *   RUNNER_LOST, MODEL_VERSION_NOT_READY, REQUEST_TIMED_OUT
   */
  infer(request: InferenceRequest): Promise<InferenceResult> {
    const { timeoutMs } = request;
    if (timeoutMs === undefined) return this.#answer(request);
    if (timeoutMs < SHORTEST_TIMEOUT_MS) return Promise.reject(requestTimedOut(timeoutMs));
    return this.#inTime(this.#answer(request), timeoutMs);
  }

  /**
   * Stops waiting when the client does. The run goes on to its end: what ends a run is the deployment's deadline, and neither a version's
   * runner nor its verdict may depend on a client's impatience.
   */
  async #inTime(answer: Promise<InferenceResult>, timeoutMs: number): Promise<InferenceResult> {
    let cancel = () => {};
    const timeUp = new Promise<never>((_, reject) => {
      cancel = this.#parts.after(timeoutMs, () => reject(requestTimedOut(timeoutMs)));
    });
    try {
      return await Promise.race([answer, timeUp]);
    } finally {
      cancel();
    }
  }

  async #answer(request: InferenceRequest): Promise<InferenceResult> {
    const startedMs = this.#parts.monotonicMs();
    const route = this.#route(request.modelName);
    const pick = pickForSequence(route, request.modelVersion, request.sequence, this.#parts.random01());
    this.#admit(route);
    try {
      const { signature, defaultOutputNames } = pick.version.view;
      validateInputs(signature, request.inputs);
      const wanted = request.outputNames.length === 0 ? defaultOutputNames : request.outputNames;
      const outputNames = validateOutputNames(signature, wanted);
      return await this.#run(route, pick, { ...callOf(request, startedMs), outputNames }, startedMs);
    } catch (error) {
      this.#observeFailure(route, pick, error, startedMs);
      throw error;
    } finally {
      this.#release(route);
    }
  }

  #route(modelName: string): Route<VersionSlot> {
    const route = this.#parts.routes().get(modelName);
    if (route !== undefined) return route;
    throw new DomainError('DEPLOYMENT_NOT_FOUND', `no deployment serves ${JSON.stringify(modelName.slice(0, 130))}`);
  }

  /** The bound on requests in work: beyond it a request is refused at once, before any work. */
  #admit({ modelName, maxConcurrency }: Route<VersionSlot>): void {
    const inFlight = this.inFlightOf(modelName);
    if (inFlight >= maxConcurrency) {
      throw new DomainError(
        'QUEUE_FULL',
        `${modelName} has ${inFlight} requests in work, which is its limit: try again later`,
      );
    }
    this.#inFlight.set(modelName, inFlight + 1);
  }

  #release({ modelName }: Route<VersionSlot>): void {
    this.#inFlight.set(modelName, this.inFlightOf(modelName) - 1);
  }

  async #run(
    route: Route<VersionSlot>,
    pick: Pick<VersionSlot>,
    request: CallOfRequest,
    startedMs: number,
  ): Promise<InferenceResult> {
    const hasFallback = pick.fallback !== undefined;
    const shareMs = route.deadlineMs * (hasFallback ? CANDIDATE_DEADLINE_SHARE : 1);
    try {
      const run = await pick.version.run({
        ...request,
        deadlineAtMs: startedMs + shareMs,
        isRetriedOnLoss: !hasFallback,
      });
      this.#countSuccess(route, pick);
      this.#observe(route, pick.version, pick.role, 'success', startedMs, run);
      return resultOf(route, pick.version, pick.role, run, false);
    } catch (error) {
      if (!isServerFault(error)) throw error;
      this.#countServerError(route, pick, error);
      if (pick.fallback === undefined) throw error;
    }
    this.#observe(route, pick.version, pick.role, 'server_error', startedMs);
    // The candidate's failure is not the client's: the same request, the time that is left, the version that works.
    const deadlineAtMs = startedMs + route.deadlineMs;
    const run = await pick.fallback.run({ ...request, deadlineAtMs, isRetriedOnLoss: true });
    this.#observe(route, pick.fallback, 'stable', 'success', startedMs, run, true);
    return resultOf(route, pick.fallback, 'stable', run, true);
  }

  #countSuccess(route: Route<VersionSlot>, pick: Pick<VersionSlot>): void {
    if (isCounted(route, pick)) this.#parts.ledger.countSuccess(route, pick.version.version);
  }

  #countServerError(route: Route<VersionSlot>, pick: Pick<VersionSlot>, error: unknown): void {
    if (!isCounted(route, pick)) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.ledger.countServerError(route, pick.version.version, message, pick.fallback !== undefined);
  }

  /** With a fallback the candidate's own failure was observed already: what reaches the client then is stable's. */
  #observeFailure(route: Route<VersionSlot>, pick: Pick<VersionSlot>, error: unknown, startedMs: number): void {
    if (!isServerFault(error)) this.#observe(route, pick.version, pick.role, 'client_error', startedMs);
    else if (pick.fallback === undefined) this.#observe(route, pick.version, pick.role, 'server_error', startedMs);
    else this.#observe(route, pick.fallback, 'stable', 'server_error', startedMs, undefined, true);
  }

  #observe(
    { modelName }: Route<VersionSlot>,
    { version }: VersionSlot,
    role: RouteRole,
    outcome: InferenceObservation['outcome'],
    startedMs: number,
    run?: InferenceRun,
    isFallback = false,
  ): void {
    const tookSeconds = (this.#parts.monotonicMs() - startedMs) / 1000;
    this.#parts.observe({ modelName, version, role, outcome, tookSeconds, isFallback, run });
  }
}

/** Forced requests are no random sample, and outside of a rollout there is nothing to judge. */
function isCounted({ rolloutId }: Route<VersionSlot>, { isRandomlySplit }: Pick<VersionSlot>): boolean {
  return isRandomlySplit && rolloutId !== '';
}

/** Whether a failure is the server's. Whatever nobody foresaw is. */
function isServerFault(error: unknown): boolean {
  if (!isDomainError(error)) return true;
  if (error.code === 'REQUEST_TIMED_OUT') return false;
  return error.kind === 'internal' || error.kind === 'unavailable' || error.kind === 'deadline';
}

type CallOfRequest = Omit<InferenceCall, 'deadlineAtMs' | 'isRetriedOnLoss'>;

function callOf(
  { inputs, timeoutMs, priority, sequence }: InferenceRequest,
  startedMs: number,
): Omit<CallOfRequest, 'outputNames'> {
  const expiresAtMs = timeoutMs === undefined ? undefined : startedMs + timeoutMs;
  return { inputs, expiresAtMs, priority: priority ?? 0, sequence };
}

function requestTimedOut(timeoutMs: number): DomainError {
  return new DomainError(
    'REQUEST_TIMED_OUT',
    `the model did not answer within the request's timeout of ${timeoutMs} ms`,
  );
}

function resultOf(
  { modelName }: Route<VersionSlot>,
  { version }: VersionSlot,
  role: RouteRole,
  run: InferenceRun,
  isFallback: boolean,
): InferenceResult {
  return { outputs: run.outputs, modelName, modelVersion: version, role, isFallback, run };
}
