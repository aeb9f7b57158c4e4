import { type AccessLog, type RequestTrace, type TraceCarrier, type Tracing, traceIdOf } from '#adapters/telemetry';
import type {
  InferenceObservation,
  InferenceObserver,
  InferenceRequest,
  InferenceResult,
  PayloadLog,
  RoutedSlot,
} from '#application/serving';
import type { PayloadLogOptions } from '#domain/inference';
import type { Route, RouteTable } from '#domain/routing';
import {
  type AskedRequest,
  accessLineOf,
  codeOf,
  type FinishedRequest,
  loggedInferenceOf,
  spanOf,
} from './finished-request.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { InferenceOperation } from './inference-operation.ts';

/** Where is told what became of requests. */
export interface TelemetryParts {
  readonly metrics: GatewayMetrics;
  readonly routes: () => RouteTable<RoutedSlot>;
  /** `undefined`: nothing is traced. */
  readonly tracing: Tracing | undefined;
  /** `undefined`: there is no access log. */
  readonly accessLog: AccessLog | undefined;
  /** For the deployments that want one. */
  readonly payloadLog: PayloadLog;
}

/** Follows inference requests, for metrics, traces and logs. */
export class InferenceTelemetry {
  readonly #parts: TelemetryParts;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
  }

  /** Begins to follow a request; the first thing that is done for it. */
  begin(operation: InferenceOperation, carrier: TraceCarrier): RequestRecord {
    const startedAtMs = performance.now();
    const trace = this.#parts.tracing?.begin(carrier, startedAtMs);
    return new RequestRecord(this.#parts, operation, carrier, startedAtMs, trace);
  }
}

/** How a deployment wants this request to be kept. */
interface KeepWish {
  readonly route: Route<RoutedSlot>;
  readonly options: PayloadLogOptions;
}

/**
 * One inference request. What every request pays for are the times for the metrics; the rest is done for those that are traced or
 * logged, when their answer is ready.
 */
export class RequestRecord implements InferenceObserver {
  readonly #parts: TelemetryParts;
  readonly #operation: InferenceOperation;
  readonly #carrier: TraceCarrier;
  readonly #startedAtMs: number;
  readonly #trace: RequestTrace | undefined;
  #asked: AskedRequest | undefined;
  #keep: KeepWish | undefined;
  #observations: InferenceObservation[] | undefined;

  constructor(
    parts: TelemetryParts,
    operation: InferenceOperation,
    carrier: TraceCarrier,
    startedAtMs: number,
    trace: RequestTrace | undefined,
  ) {
    this.#parts = parts;
    this.#operation = operation;
    this.#carrier = carrier;
    this.#startedAtMs = startedAtMs;
    this.#trace = trace;
  }

  /** For the answer's header; `undefined` when the request is not traced. */
  get traceparent(): string | undefined {
    return this.#trace?.traceparent;
  }

  /** Notes what is asked for. Answers the observer that the pipeline shall tell, if any. */
  asked(
    modelName: string,
    request: Pick<InferenceRequest, 'inputs' | 'outputNames'>,
    id: string | undefined,
  ): InferenceObserver | undefined {
    const route = this.#parts.routes().get(modelName);
    const options = route?.serving.payloadLog;
    if (route !== undefined && options !== undefined && Math.random() * 100 < options.samplePercent)
      this.#keep = { route, options };
    if (this.#trace === undefined && this.#parts.accessLog === undefined && this.#keep === undefined) return undefined;
    this.#asked = { modelName, request, id, decodedAtMs: performance.now() };
    this.#observations = [];
    return this;
  }

  /** Called by the pipeline. What comes after the client's own timeout comes too late to be told. */
  observe(observation: InferenceObservation): void {
    this.#observations?.push(observation);
  }

  /** Notes that the answer is encoded, and may be sent. */
  answered(result: InferenceResult): void {
    const endedAtMs = performance.now();
    const { metrics, accessLog } = this.#parts;
    const { startedAtMs: decodedAtMs, endedAtMs: inferredAtMs } = result;
    const times = { startedAtMs: this.#startedAtMs, decodedAtMs, inferredAtMs, encodedAtMs: endedAtMs };
    metrics.observeAnswer(result, times, this.#trace?.traceId);
    if (this.#observations !== undefined) this.#tell(endedAtMs, result, undefined, accessLog?.wants(false) === true);
  }

  /** Notes that there is an error instead of an answer. */
  failed(error: unknown): void {
    const { metrics, accessLog } = this.#parts;
    metrics.countFailure(this.#operation.protocol, codeOf(error));
    if (this.#trace === undefined && accessLog === undefined && this.#keep === undefined) return;
    this.#tell(performance.now(), undefined, error, accessLog?.wants(true) === true);
  }

  #tell(endedAtMs: number, result: InferenceResult | undefined, error: unknown, hasLine: boolean): void {
    const finished: FinishedRequest = {
      operation: this.#operation,
      startedAtMs: this.#startedAtMs,
      endedAtMs,
      asked: this.#asked,
      observations: [...(this.#observations ?? [])],
      result,
      error,
      traceId: this.#trace?.traceId ?? traceIdOf(this.#carrier.traceparent),
    };
    this.#trace?.end(spanOf(finished));
    if (hasLine) this.#parts.accessLog?.note(accessLineOf(finished));
    if (this.#keep === undefined || this.#asked === undefined) return;
    const { route, options } = this.#keep;
    this.#parts.payloadLog.take(loggedInferenceOf(finished, this.#asked, route, options, Date.now()));
  }
}
