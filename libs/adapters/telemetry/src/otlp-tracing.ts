import {
  type Attributes,
  type Context,
  type HrTime,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  RandomIdGenerator,
  type ReadableSpan,
  SamplingDecision,
  TraceIdRatioBasedSampler,
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
 * Traces with OpenTelemetry's SDK, from the place on where spans are over.
 *
 * Whether a request is traced is decided before anything is made, so that one which is not costs a random number. The spans of one
 * which is are made when it is over, from the times that were taken of it anyway, and handed to the SDK as it reads them: a tracer, which
 * follows spans while they last, takes several times as long.
 */
export class OtlpTracing implements Tracing {
  readonly #spans: SpanSink;
  readonly #sampling: TraceSampling;
  readonly #ratioSampler: TraceIdRatioBasedSampler;
  readonly #propagator = new W3CTraceContextPropagator();

  constructor(options: TracingOptions, onExport: ExportObserver) {
    this.#spans = new SpanSink(options, onExport);
    this.#sampling = options.sampling;
    this.#ratioSampler = new TraceIdRatioBasedSampler(options.sampling.ratio);
  }

  get spanCount(): number {
    return this.#spans.count;
  }

  begin(carrier: TraceCarrier, startMs: number): RequestTrace | undefined {
    const parent = this.#parentOf(carrier);
    if (parent === undefined) {
      if (Math.random() >= this.#sampling.ratio) return undefined;
    } else if (!this.#isSampled(parent)) return undefined;
    return new OtlpRequestTrace(this.#spans, parent && trace.getSpanContext(parent), startMs);
  }

  close(): Promise<void> {
    return this.#spans.close();
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
  readonly #spans: SpanSink;
  readonly #parent: SpanContext | undefined;
  readonly #context: SpanContext;
  readonly #startMs: number;
  /** The clocks are read together once a trace: its spans fit each other, whatever is done to the system's clock meanwhile. */
  readonly #clock = new SpanClock(Date.now() - performance.now());

  constructor(spans: SpanSink, parent: SpanContext | undefined, startMs: number) {
    this.#spans = spans;
    this.#parent = parent;
    this.#context = spans.contextBelow(parent);
    this.#startMs = startMs;
  }

  get traceId(): string {
    return this.#context.traceId;
  }

  get traceparent(): string {
    return `00-${this.#context.traceId}-${this.#context.spanId}-01`;
  }

  end(request: Omit<StageSpan, 'startMs'>): void {
    const server = { ...request, startMs: this.#startMs };
    this.#finish(server, SpanKind.SERVER, this.#context, this.#parent);
  }

  #finish(stage: StageSpan, kind: SpanKind, context: SpanContext, parent: SpanContext | undefined): void {
    for (const inner of stage.stages ?? [])
      this.#finish(inner, SpanKind.INTERNAL, this.#spans.contextBelow(context), context);
    const { name, startMs, endMs, attributes = {}, error } = stage;
    const status =
      error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error };
    const durationMs = Math.max(0, endMs - startMs);
    this.#spans.take({
      name,
      kind,
      spanContext: () => context,
      ...(parent === undefined ? {} : { parentSpanContext: parent }),
      startTime: this.#clock.timeOf(startMs),
      endTime: this.#clock.timeOf(startMs + durationMs),
      duration: toHrTime(durationMs),
      attributes: attributes as Attributes,
      status,
    });
  }
}

/** What differs between one span and another. */
type FinishedSpan = Pick<
  ReadableSpan,
  'name' | 'kind' | 'spanContext' | 'parentSpanContext' | 'startTime' | 'endTime' | 'duration' | 'attributes' | 'status'
>;

/** Takes finished spans, and has them sent in batches. */
class SpanSink {
  readonly #ids = new RandomIdGenerator();
  readonly #processor: BatchSpanProcessor;
  readonly #common: Omit<ReadableSpan, keyof FinishedSpan>;
  #count = 0;

  constructor(options: TracingOptions, onExport: ExportObserver) {
    this.#processor = new BatchSpanProcessor({
      exporter: createSpanExporter(options, onExport),
      scheduledDelayMillis: options.batchDelayMs,
      maxQueueSize: options.queueSize,
      maxExportBatchSize: Math.min(options.batchSize, options.queueSize),
      exportTimeoutMillis: options.timeoutMs,
    });
    this.#common = {
      resource: resourceFromAttributes({
        'service.version': options.serviceVersion,
        ...options.resourceAttributes,
        'service.name': options.serviceName,
      }),
      instrumentationScope: { name: 'slipway', version: options.serviceVersion },
      links: [],
      events: [],
      ended: true,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  }

  /** Spans that were taken. */
  get count(): number {
    return this.#count;
  }

  /** The identity of a span: in the trace of another one, or the first of a trace of its own. */
  contextBelow(parent: SpanContext | undefined): SpanContext {
    const spanId = this.#ids.generateSpanId();
    const traceFlags = TraceFlags.SAMPLED;
    if (parent === undefined) return { traceId: this.#ids.generateTraceId(), spanId, traceFlags };
    const { traceId, traceState } = parent;
    return { traceId, spanId, traceFlags, ...(traceState === undefined ? {} : { traceState }) };
  }

  take(span: FinishedSpan): void {
    this.#count += 1;
    this.#processor.onEnd({ ...span, ...this.#common });
  }

  async close(): Promise<void> {
    // What the collector did not take was told of already.
    await this.#processor.shutdown().catch(() => {});
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
    return toHrTime(this.#originMs + monotonicMs);
  }
}

function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6))];
}
