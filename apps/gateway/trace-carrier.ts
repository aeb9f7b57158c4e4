import type { TraceCarrier } from '#adapters/telemetry';
import type { CallHeaders } from './call-headers.ts';

/** The trace context in the headers of a request. */
export function carrierOf({ traceparent, tracestate }: CallHeaders): TraceCarrier {
  return { traceparent: traceparent?.toString(), tracestate: tracestate?.toString() };
}
