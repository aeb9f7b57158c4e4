import type { TraceCarrier } from '#adapters/telemetry';

type Headers = Readonly<Record<string, { toString(): string } | undefined>>;

/** The trace context in the headers of a request. */
export function carrierOf({ traceparent, tracestate }: Headers): TraceCarrier {
  return { traceparent: traceparent?.toString(), tracestate: tracestate?.toString() };
}
