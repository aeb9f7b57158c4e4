import type { AccessLine, StageSpan } from '#adapters/telemetry';
import { toWireError } from '#adapters/wire-errors';
import type {
  EnsembleStepRun,
  InferenceObservation,
  InferenceRequest,
  InferenceResult,
  InferenceRun,
  LoggedInference,
  RoutedSlot,
} from '#application/serving';
import { type ErrorCode, isDomainError } from '#domain/errors';
import type { PayloadLogOptions, Tensor } from '#domain/inference';
import type { Route } from '#domain/routing';
import type { InferenceOperation } from './inference-operation.ts';

/** A request that is over, with all that is known of it. Times are monotonic milliseconds. */
export interface FinishedRequest {
  readonly operation: InferenceOperation;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** `undefined` when it could not be decoded. */
  readonly asked: AskedRequest | undefined;
  /** One for each version that was asked. */
  readonly observations: readonly InferenceObservation[];
  /** `undefined` when it failed. */
  readonly result: InferenceResult | undefined;
  /** Why it failed; `undefined` when it did not. */
  readonly error: unknown;
  readonly traceId: string | undefined;
}

/** What a request asks for. */
export interface AskedRequest {
  readonly modelName: string;
  readonly request: Pick<InferenceRequest, 'inputs' | 'outputNames'>;
  /** The client's own name for it. */
  readonly id: string | undefined;
  readonly decodedAtMs: number;
}

/** The code of a failure. */
export function codeOf(error: unknown): ErrorCode {
  return isDomainError(error) ? error.code : 'INTERNAL';
}

/** The span of a request, with a span for each stage that it came to. */
export function spanOf(finished: FinishedRequest): Omit<StageSpan, 'startMs'> {
  const { operation, endedAtMs, asked, result, error } = finished;
  const wire = result === undefined ? toWireError(error) : undefined;
  const last = finished.observations.at(-1);
  return {
    name: operation.spanName,
    endMs: endedAtMs,
    attributes: {
      ...operation.attributes,
      ...operation.statusOf(wire),
      ...(asked === undefined ? {} : askedAttributes(asked)),
      ...(last === undefined ? {} : versionAttributes(last)),
      'slipway.outcome': wire?.code ?? 'ok',
      'slipway.fallback': result?.isFallback ?? false,
      ...(result === undefined ? {} : { 'slipway.batch_size': result.run.batchSize }),
      ...(wire === undefined ? {} : { 'error.type': wire.code }),
    },
    // What a client did wrong is no error of the server's span, by the same convention for HTTP and gRPC.
    error: wire !== undefined && wire.httpStatus >= 500 ? `${wire.code}: ${wire.message}` : undefined,
    stages: stagesOf(finished),
  };
}

function stagesOf({ startedAtMs, endedAtMs, asked, observations, result, error }: FinishedRequest): StageSpan[] {
  if (asked === undefined) return [{ name: 'decode', startMs: startedAtMs, endMs: endedAtMs, error: codeOf(error) }];
  const decode = { name: 'decode', startMs: startedAtMs, endMs: asked.decodedAtMs };
  const [first] = observations;
  if (first === undefined) return [decode];
  const route = { name: 'route', startMs: asked.decodedAtMs, endMs: first.askedAtMs };
  const stages = [decode, route, ...observations.flatMap(versionStages)];
  if (result === undefined) return stages;
  return [...stages, { name: 'encode', startMs: result.endedAtMs, endMs: endedAtMs }];
}

function versionStages(observation: InferenceObservation): StageSpan[] {
  const { askedAtMs, endedAtMs, run, steps, error } = observation;
  const attributes = versionAttributes(observation);
  const inner = steps.map(stepSpan);
  // How long a call that failed had waited is not known: all of its time stands for the run.
  if (run === undefined)
    return [{ name: 'run', startMs: askedAtMs, endMs: endedAtMs, attributes, error: codeOf(error), stages: inner }];
  if (inner.length > 0) return [{ name: 'run', startMs: askedAtMs, endMs: endedAtMs, attributes, stages: inner }];
  return runStages(run, askedAtMs, endedAtMs, attributes);
}

/** A step of an ensemble, with what the deployment that it called did. */
function stepSpan({ path, deployment, startedAtMs, endedAtMs, run, error }: EnsembleStepRun): StageSpan {
  return {
    name: path,
    startMs: startedAtMs,
    endMs: endedAtMs,
    attributes: deployment === undefined ? {} : { 'slipway.model': deployment },
    error: error === undefined ? undefined : codeOf(error),
    stages: run === undefined ? [] : runStages(run, startedAtMs, endedAtMs, {}),
  };
}

function runStages(
  run: InferenceRun,
  askedAtMs: number,
  endedAtMs: number,
  attributes: NonNullable<StageSpan['attributes']>,
): StageSpan[] {
  const sentAtMs = Math.min(endedAtMs, askedAtMs + run.queueMs);
  const queue = { name: 'queue', startMs: askedAtMs, endMs: sentAtMs };
  if (run.batchSize === 0) return [queue];
  // The clock of the runner is another one: its time is put in the middle, as if the way there and the way back took alike.
  const crossingMs = Math.max(0, endedAtMs - sentAtMs - run.runMs);
  const startMs = sentAtMs + crossingMs / 2;
  const inner = { name: 'run', startMs, endMs: Math.min(endedAtMs, startMs + run.runMs), attributes };
  const rows = { 'slipway.batch_size': run.batchSize };
  return [queue, { name: 'batch', startMs: sentAtMs, endMs: endedAtMs, attributes: rows, stages: [inner] }];
}

function askedAttributes({ modelName, request, id }: AskedRequest) {
  return {
    'slipway.model': modelName,
    'slipway.inputs': request.inputs.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join(',')}]`),
    ...(id === undefined || id === '' ? {} : { 'slipway.request_id': id }),
  };
}

function versionAttributes({ version, role }: InferenceObservation) {
  return { 'slipway.version': version, 'slipway.role': role };
}

/** The request's line in the access log. */
export function accessLineOf(finished: FinishedRequest): AccessLine {
  const { operation, startedAtMs, endedAtMs, asked, result, error, traceId } = finished;
  const last = finished.observations.at(-1);
  return {
    protocol: operation.protocol,
    model: asked?.modelName,
    version: last?.version,
    role: last?.role,
    result: result === undefined ? codeOf(error) : 'ok',
    isFallback: result?.isFallback ?? false,
    requestId: asked?.id === '' ? undefined : asked?.id,
    traceId,
    tookMs: rounded(endedAtMs - startedAtMs),
    queueMs: rounded(result?.run.queueMs),
    runMs: rounded(result?.run.runMs),
    batchSize: result?.run.batchSize,
    inputBytes: bytesOf(asked?.request.inputs ?? []),
    outputBytes: bytesOf(result?.outputs ?? []),
  };
}

/** What is kept of the request and its answer. @param nowMs milliseconds since 1970, at the request's end. */
export function loggedInferenceOf(
  finished: FinishedRequest,
  { modelName, request, id }: AskedRequest,
  { namespace, deployment }: Route<RoutedSlot>,
  { redact }: PayloadLogOptions,
  nowMs: number,
): LoggedInference {
  const { startedAtMs, endedAtMs, observations, result, error, traceId } = finished;
  const last = observations.at(-1);
  const tookMs = endedAtMs - startedAtMs;
  return {
    namespace,
    deployment,
    modelName,
    version: last?.version,
    role: last?.role,
    isFallback: result?.isFallback ?? false,
    requestId: id === '' ? undefined : id,
    traceId,
    atMs: nowMs - tookMs,
    tookMs,
    inputs: request.inputs,
    outputNames: request.outputNames,
    outputs: result?.outputs,
    error: result === undefined ? codeOf(error) : undefined,
    redact,
  };
}

function bytesOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** Microseconds are as much as there is to know. */
function rounded<Ms extends number | undefined>(ms: Ms): Ms {
  return (ms === undefined ? ms : Math.round(ms * 1000) / 1000) as Ms;
}
