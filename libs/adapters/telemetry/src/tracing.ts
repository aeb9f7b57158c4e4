/** How and where traces are sent; see the settings of `#adapters/config`. */
export interface TracingOptions {
  readonly protocol: 'http/protobuf' | 'grpc';
  /** The URL that takes traces over HTTP, or the collector's address over gRPC, where `https:` means TLS. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly compression: 'none' | 'gzip';
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly sampling: TraceSampling;
  readonly batchDelayMs: number;
  readonly queueSize: number;
  readonly batchSize: number;
}

/** Which requests are traced. */
export interface TraceSampling {
  /** 0 to 1; of the requests that nobody has decided about. */
  readonly ratio: number;
  /** Whether a caller that has decided is followed. */
  readonly followsParent: boolean;
}

/** The W3C trace context of a request, as its headers or metadata have it. */
export interface TraceCarrier {
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

/** What is said of a span. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A stage of a request that is over. Times are monotonic milliseconds, those of `performance.now()`. */
export interface StageSpan {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes?: SpanAttributes | undefined;
  /** Why it failed; `undefined` when it did not. */
  readonly error?: string | undefined;
  /** What happened within. */
  readonly stages?: readonly StageSpan[] | undefined;
}

/** A request that is traced. */
export interface RequestTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** For whoever is told of the request's span: the client, or a server that is called. */
  readonly traceparent: string;
  /** Hands the finished span of the request over, with its stages. Called once. */
  end(span: Omit<StageSpan, 'startMs'>): void;
}

/** Traces requests. */
export interface Tracing {
  /** Spans that were made so far, sent or not. */
  readonly spanCount: number;
  /**
   * Begins to trace a request, if it is one that is traced.
   *
   * @param startMs monotonic milliseconds at which the request came.
   * @returns `undefined` for a request that is not traced.
   */
  begin(carrier: TraceCarrier, startMs: number): RequestTrace | undefined;
  /** Sends what is left, and ends. */
  close(): Promise<void>;
}

/** Told of every message to the collector. @param error `undefined` when it was taken. */
export type ExportObserver = (spans: number, error: Error | undefined) => void;

/** The trace id of a W3C `traceparent`; `undefined` when there is none that is valid. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  const id = traceparent?.match(/^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}(?:-|$)/)?.[1];
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}
