import {
  type Attributes,
  type Context,
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { createSpanExporter } from './span-exporter.ts';
import type {
  ExportObserver,
  RequestTrace,
  StageSpan,
  TraceCarrier,
  TraceSampling,
  Tracing,
  TracingOptions,
} from './tracing.ts';

const CARRIER_GETTER = {
  keys: () => ['traceparent', 'tracestate'],
  get: (carrier: TraceCarrier, key: string) => carrier[key as keyof TraceCarrier],
};

/**
 * Traces by OpenTelemetry's SDK.
 *
 * Whether a request is traced is decided before the SDK hears of it, so that one which is not costs a random number; and its stages
 * are handed over when it is over, from the times that were taken of it anyway.
 */
export class OtlpTracing implements Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #sampling: TraceSampling;
  readonly #ratioSampler: TraceIdRatioBasedSampler;
  readonly #propagator = new W3CTraceContextPropagator();

  constructor(options: TracingOptions, onExport: ExportObserver) {
    this.#sampling = options.sampling;
    this.#ratioSampler = new TraceIdRatioBasedSampler(options.sampling.ratio);
    this.#provider = new TracerProvider({
      sampler: new AlwaysOnSampler(),
      resource: resourceFromAttributes({
        'service.version': options.serviceVersion,
        ...options.resourceAttributes,
        'service.name': options.serviceName,
      }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: createSpanExporter(options, onExport),
          scheduledDelayMillis: options.batchDelayMs,
          maxQueueSize: options.queueSize,
          maxExportBatchSize: Math.min(options.batchSize, options.queueSize),
          exportTimeoutMillis: options.timeoutMs,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('slipway', options.serviceVersion);
  }

  begin(name: string, carrier: TraceCarrier, startMs: number): RequestTrace | undefined {
    const parent = this.#parentOf(carrier);
    if (parent === undefined) {
      if (Math.random() >= this.#sampling.ratio) return undefined;
    } else if (!this.#isSampled(parent)) return undefined;
    // The clocks are read together once a trace: spans of one trace fit each other, whatever is done to the system's clock meanwhile.
    const clock = new SpanClock(Date.now() - performance.now());
    const startTime = clock.timeOf(startMs);
    const context = parent ?? ROOT_CONTEXT;
    return new OtlpRequestTrace(
      this.#tracer,
      this.#tracer.startSpan(name, { kind: SpanKind.SERVER, startTime }, context),
      clock,
    );
  }

  async close(): Promise<void> {
    // What the collector did not take was told of already.
    await this.#provider.shutdown().catch(() => {});
  }

  #parentOf(carrier: TraceCarrier): Context | undefined {
    if (carrier.traceparent === undefined) return undefined;
    const context = this.#propagator.extract(ROOT_CONTEXT, carrier, CARRIER_GETTER);
    return trace.getSpanContext(context) === undefined ? undefined : context;
  }

  #isSampled(parent: Context): boolean {
    const { traceFlags = 0, traceId = '' } = trace.getSpanContext(parent) ?? {};
    if (this.#sampling.followsParent) return (traceFlags & TraceFlags.SAMPLED) !== 0;
    return this.#ratioSampler.shouldSample(parent, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
  }
}

class OtlpRequestTrace implements RequestTrace {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #clock: SpanClock;

  constructor(tracer: Tracer, span: Span, clock: SpanClock) {
    this.#tracer = tracer;
    this.#span = span;
    this.#clock = clock;
  }

  get traceId(): string {
    return this.#span.spanContext().traceId;
  }

  get traceparent(): string {
    const { traceId, spanId } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-01`;
  }

  end(request: Omit<StageSpan, 'startMs'>): void {
    this.#finish(this.#span, request);
  }

  #finish(span: Span, { endMs, attributes, error, stages = [] }: Omit<StageSpan, 'startMs'>): void {
    if (attributes !== undefined) span.setAttributes(attributes as Attributes);
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    const context = trace.setSpan(ROOT_CONTEXT, span);
    for (const stage of stages) {
      const startTime = this.#clock.timeOf(stage.startMs);
      this.#finish(this.#tracer.startSpan(stage.name, { startTime }, context), stage);
    }
    span.end(this.#clock.timeOf(endMs));
  }
}

/** Tells the time of day of monotonic milliseconds. */
class SpanClock {
  readonly #originMs: number;

  /** @param originMs milliseconds since 1970 at the monotonic zero. */
  constructor(originMs: number) {
    this.#originMs = originMs;
  }

  timeOf(monotonicMs: number): HrTime {
    const ms = this.#originMs + monotonicMs;
    const seconds = Math.floor(ms / 1000);
    return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
  }
}
