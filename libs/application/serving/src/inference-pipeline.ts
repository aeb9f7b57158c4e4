import { DomainError, isDomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import {
  deploymentNotFound,
  type Pick,
  type RequestTraits,
  type Route,
  type RouteRole,
  type RouteTable,
} from '#domain/routing';
import type { EnsembleStepRun, InferenceCall, InferenceRun, SequencePlace } from './inference-call.ts';
import { type MirrorParts, RequestMirror } from './request-mirror.ts';
import type { RoutedSlot } from './routed-slot.ts';
import { pickForSequence } from './sequence-affinity.ts';
import { accepts, checkAnswer, NonFiniteAnswer, refusal, validated } from './version-checks.ts';

/** A decoded inference request. Its headers and parameters are read when a route asks for them. */
export interface InferenceRequest extends RequestTraits {
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
  /** Whether the memory of its tensors may be given back as soon as it is answered, whatever the answer says: copies are made where it matters. */
  readonly isBorrowed?: boolean | undefined;
  /** Told of what became of this request, beside the pipeline's own observer. */
  readonly observer?: InferenceObserver | undefined;
}

/** Follows requests. */
export interface InferenceObserver {
  /**
   * Called once for each version that took the request on: first for the candidate and then for stable, when stable had to step in.
   * It may come after the client's own timeout has answered the request.
   */
  readonly observe: (observation: InferenceObservation) => void;
}

/** An answered inference. */
export interface InferenceResult {
  readonly outputs: readonly Tensor[];
  readonly modelName: string;
  readonly modelVersion: number;
  readonly role: RouteRole;
  /** Whether stable stepped in for a candidate that failed. */
  readonly isFallback: boolean;
  /** Whether the tensors of the request and of the answer are still in use, so that their memory must not be given back; absent: no. */
  readonly isMirrored?: boolean;
  /** How the run went that gave the outputs. */
  readonly run: InferenceRun;
  /** Monotonic milliseconds at which the decoded request came. */
  readonly startedAtMs: number;
  /** Monotonic milliseconds at which the outputs were there. */
  readonly endedAtMs: number;
}

/**
 * How an inference ended on a version.
 * - `success`: with outputs.
 * - `server_error`: the version failed, or its runner, or it took too long.
 * - `client_error`: the request was wrong, or its own timeout ran out.
 * - `refused`: more requests were in work than may be.
 */
export type InferenceOutcome = 'success' | 'server_error' | 'client_error' | 'refused';

/** One inference that ended on a version, for metrics and traces. */
export interface InferenceObservation {
  readonly modelName: string;
  readonly version: number;
  readonly role: RouteRole;
  readonly outcome: InferenceOutcome;
  /** Monotonic milliseconds at which the decoded request came. */
  readonly startedAtMs: number;
  /** Monotonic milliseconds at which the version was asked. Taken for requests with an observer of their own; others have `startedAtMs`. */
  readonly askedAtMs: number;
  /** Monotonic milliseconds. */
  readonly endedAtMs: number;
  /** From the decoded request on. */
  readonly tookSeconds: number;
  readonly isFallback: boolean;
  /** How the run went; `undefined` when there is no answer. */
  readonly run: InferenceRun | undefined;
  /** What an ensemble did, in the order of the ends. Noted for requests with an observer of their own. */
  readonly steps: readonly EnsembleStepRun[];
  /** Why there is no answer; `undefined` when there is one. */
  readonly error: unknown;
}

/** What the pipeline takes from outside. */
export interface PipelineParts extends InferenceObserver, MirrorParts {
  readonly routes: () => RouteTable<RoutedSlot>;
}

/** The part of the deadline that a candidate may use up when stable can still step in. */
const CANDIDATE_DEADLINE_SHARE = 0.5;
const NO_STEPS: EnsembleStepRun[] = [];
/** No request is answered sooner than this; one that must be is not run at all. */
const SHORTEST_TIMEOUT_MS = 0.1;

/** The way of an inference request, from decoded to answered; apps/gateway/HOT_PATH.md draws it. */
export class InferencePipeline {
  readonly #parts: PipelineParts;
  readonly #mirror: RequestMirror;
  readonly #inFlight = new Map<string, number>();

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#mirror = new RequestMirror(parts);
  }

  /** Requests in work for a model. */
  inFlightOf(modelName: string): number {
    return this.#inFlight.get(modelName) ?? 0;
  }

  /**
   * Refuses a request that would be refused after it was decoded: under overload, decoding would take its time from requests that are
   * answered. Whether a candidate would take it is not known yet, and left to {@link infer}.
   *
   * @throws QUEUE_FULL
   */
  refuseIfFull(modelName: string): void {
    const route = this.#parts.routes().get(modelName);
    if (route === undefined || route.candidate !== undefined) return;
    if (!route.stable.isFull && this.inFlightOf(modelName) < route.maxConcurrency) return;
    const error = new DomainError(
      'QUEUE_FULL',
      `${modelName} has as many requests in work as it can do: try again later`,
    );
    const startedMs = this.#parts.monotonicMs();
    const stable = { route, slot: route.stable, role: 'stable', isFallback: false, observer: undefined } as const;
    this.#observe({ ...stable, startedMs, askedAtMs: startedMs, steps: NO_STEPS }, undefined, error);
    throw error;
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
    const pick = pickForSequence(route, request, this.#parts.random01());
    const attempt = attemptOn(pick, route, request, startedMs);
    this.#admit(attempt);
    try {
      const outputNames = this.#validate(attempt, request, pick.fallback);
      if (outputNames instanceof DomainError) return await this.#fallBack(outputNames, attempt, pick, request);
      if (attempt.observer !== undefined) attempt.askedAtMs = this.#parts.monotonicMs();
      let run: InferenceRun;
      try {
        run = await pick.version.run(callOf(attempt, request, outputNames, pick.fallback !== undefined));
        if (pick.role === 'candidate') {
          checkAnswer(pick.version, outputNames, run, pick.fallback !== undefined && route.watch?.nonFinite === true);
        }
      } catch (error) {
        return await this.#fallBack(error, attempt, pick, request);
      }
      return this.#succeed(attempt, pick, request, run);
    } finally {
      this.#release(route);
    }
  }

  #route(modelName: string): Route<RoutedSlot> {
    const route = this.#parts.routes().get(modelName);
    if (route !== undefined) return route;
    throw deploymentNotFound(modelName);
  }

  /** The bound on requests in work: beyond it a request is refused at once, before any work. */
  #admit(attempt: Attempt): void {
    const { modelName, maxConcurrency } = attempt.route;
    const inFlight = this.inFlightOf(modelName);
    if (inFlight >= maxConcurrency) {
      const message = `${modelName} has ${inFlight} requests in work, which is its limit: try again later`;
      const error = new DomainError('QUEUE_FULL', message);
      this.#observe(attempt, undefined, error);
      throw error;
    }
    this.#inFlight.set(modelName, inFlight + 1);
  }

  #release({ modelName }: Route<RoutedSlot>): void {
    this.#inFlight.set(modelName, this.inFlightOf(modelName) - 1);
  }

  /** Answers the names of the outputs, or why the version that steps in takes the request and the candidate does not. @throws TENSOR_INVALID */
  #validate(
    attempt: Attempt,
    request: InferenceRequest,
    fallback: RoutedSlot | undefined,
  ): readonly string[] | DomainError {
    try {
      return validated(attempt.slot, request);
    } catch (error) {
      if (fallback !== undefined && accepts(fallback, request)) return refusal(error);
      this.#observe(attempt, undefined, error);
      throw error;
    }
  }

  #succeed(attempt: Attempt, pick: Pick<RoutedSlot>, request: InferenceRequest, run: InferenceRun): InferenceResult {
    const { route, startedMs } = attempt;
    const endedAtMs = this.#observe(attempt, run, undefined);
    if (!isCounted(route, pick)) return resultOf(attempt, run, endedAtMs, false);
    const answer = { inputs: request.inputs, outputs: run.outputs, tookMs: endedAtMs - startedMs };
    this.#parts.ledger.countAnswer(route, pick.version.build, answer);
    const isMirrored =
      pick.role === 'stable' && this.#mirror.offer(route, request, run, this.inFlightOf(route.modelName));
    return resultOf(attempt, run, endedAtMs, isMirrored);
  }

  /**
   * Counts a failure, and has stable answer where it may: a candidate's failure is not the client's. A candidate that is full has stable
   * answer, too, but nothing is counted: how much a version can do is no matter of right and wrong.
   *
   * @throws the error, where stable may not
   */
  #fallBack(
    error: unknown,
    attempt: Attempt,
    pick: Pick<RoutedSlot>,
    request: InferenceRequest,
  ): Promise<InferenceResult> {
    this.#observe(attempt, undefined, error);
    if (isServerFault(error)) {
      if (isCounted(attempt.route, pick)) this.#countFailure(error, attempt, pick);
    } else if (!isDomainError(error, 'QUEUE_FULL')) {
      throw error;
    }
    if (pick.fallback === undefined) throw error;
    return this.#runOnStable(pick.fallback, attempt, request);
  }

  #countFailure(error: unknown, { route }: Attempt, { version: { build }, fallback }: Pick<RoutedSlot>): void {
    if (error instanceof NonFiniteAnswer) {
      this.#parts.ledger.countNonFinite(route, build);
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.ledger.countServerError(route, build, message, fallback !== undefined);
  }

  /** The same request, in the time that is left, on the version that works. */
  async #runOnStable(slot: RoutedSlot, first: Attempt, request: InferenceRequest): Promise<InferenceResult> {
    const askedAtMs = this.#parts.monotonicMs();
    const attempt: Attempt = { ...first, slot, role: 'stable', isFallback: true, askedAtMs, steps: [] };
    try {
      const run = await slot.run(callOf(attempt, request, validated(slot, request), false));
      return resultOf(attempt, run, this.#observe(attempt, run, undefined), false);
    } catch (error) {
      this.#observe(attempt, undefined, error);
      throw error;
    }
  }

  /** Answers when it was. */
  #observe(attempt: Attempt, run: InferenceRun | undefined, error: unknown): number {
    const { route, slot, role, isFallback, startedMs, askedAtMs, observer, steps } = attempt;
    const endedAtMs = this.#parts.monotonicMs();
    const observation: InferenceObservation = {
      modelName: route.modelName,
      version: slot.version,
      role,
      outcome: run === undefined ? outcomeOf(error) : 'success',
      startedAtMs: startedMs,
      askedAtMs,
      endedAtMs,
      tookSeconds: (endedAtMs - startedMs) / 1000,
      isFallback,
      run,
      steps,
      error,
    };
    this.#parts.observe(observation);
    observer?.observe(observation);
    return endedAtMs;
  }
}

/** One version that a request is put to. */
interface Attempt {
  readonly route: Route<RoutedSlot>;
  readonly slot: RoutedSlot;
  readonly role: RouteRole;
  readonly isFallback: boolean;
  readonly startedMs: number;
  askedAtMs: number;
  readonly observer: InferenceObserver | undefined;
  readonly steps: EnsembleStepRun[];
}

/** Requests that name a version, or match, are no random sample, and outside of a rollout there is nothing to judge. */
function isCounted({ rolloutId }: Route<RoutedSlot>, { isRandomlySplit }: Pick<RoutedSlot>): boolean {
  return isRandomlySplit && rolloutId !== '';
}

/** Whether a failure is the server's. Whatever nobody foresaw is. */
function isServerFault(error: unknown): boolean {
  if (!isDomainError(error)) return true;
  if (error.code === 'REQUEST_TIMED_OUT') return false;
  return error.kind === 'internal' || error.kind === 'unavailable' || error.kind === 'deadline';
}

function outcomeOf(error: unknown): InferenceOutcome {
  if (isServerFault(error)) return 'server_error';
  return isDomainError(error, 'QUEUE_FULL') ? 'refused' : 'client_error';
}

function attemptOn(
  { version: slot, role }: Pick<RoutedSlot>,
  route: Route<RoutedSlot>,
  { observer }: InferenceRequest,
  startedMs: number,
): Attempt {
  const steps = observer === undefined ? NO_STEPS : [];
  return { route, slot, role, isFallback: false, startedMs, askedAtMs: startedMs, observer, steps };
}

/** Every property is written out: this runs for each request, and copying an object of another shape takes ten times as long. */
function callOf(
  { route, startedMs, observer, steps }: Attempt,
  { inputs, timeoutMs, priority, sequence, parameter }: InferenceRequest,
  outputNames: readonly string[],
  hasFallback: boolean,
): InferenceCall {
  return {
    inputs,
    outputNames,
    deadlineAtMs: startedMs + route.deadlineMs * (hasFallback ? CANDIDATE_DEADLINE_SHARE : 1),
    expiresAtMs: timeoutMs === undefined ? undefined : startedMs + timeoutMs,
    priority: priority ?? 0,
    sequence,
    isRetriedOnLoss: !hasFallback,
    parameter,
    onStep: observer && ((step) => steps.push(step)),
  };
}

function requestTimedOut(timeoutMs: number): DomainError {
  return new DomainError(
    'REQUEST_TIMED_OUT',
    `the model did not answer within the request's timeout of ${timeoutMs} ms`,
  );
}

function resultOf(
  { route: { modelName }, slot, role, isFallback, startedMs }: Attempt,
  run: InferenceRun,
  endedAtMs: number,
  isMirrored: boolean,
): InferenceResult {
  const modelVersion = slot.version;
  const { outputs } = run;
  return { outputs, modelName, modelVersion, role, isFallback, isMirrored, run, startedAtMs: startedMs, endedAtMs };
}
