import { Counter, Gauge, type Registry } from 'prom-client';
import type { PayloadLogEvent } from '#adapters/payload-log';
import type { AccessLog, Logger, Tracing } from '#adapters/telemetry';
import { assertNever } from '#domain/errors';

/** What is read at each scrape. */
export interface WatchedLogs {
  readonly tracing: Tracing | undefined;
  readonly accessLog: AccessLog | undefined;
  readonly payloadLog: { readonly waitingBytes: number };
}

/** Counts and logs what becomes of traces and logs themselves: what is lost must be seen to be lost. */
export class TelemetryMetrics {
  readonly #registry: Registry;
  readonly #logger: Logger;
  readonly #spans: Counter<'result'>;
  readonly #payloads: Counter<'result'>;
  readonly #payloadFailures: Counter;
  #isExportFailing = false;
  #isStoreFailing = false;
  #isDropping = false;

  constructor(registry: Registry, logger: Logger) {
    this.#registry = registry;
    this.#logger = logger;
    this.#spans = new Counter({
      name: 'slipway_trace_spans_total',
      help: 'Spans that the collector took, and those that it did not.',
      labelNames: ['result'],
      registers: [registry],
    });
    this.#payloads = new Counter({
      name: 'slipway_payload_log_inferences_total',
      help: 'Logged inferences that were written, and those that were dropped.',
      labelNames: ['result'],
      registers: [registry],
    });
    this.#payloadFailures = new Counter({
      name: 'slipway_payload_log_failed_writes_total',
      help: 'Attempts to write logged inferences that failed.',
      registers: [registry],
    });
    for (const result of ['sent', 'lost']) this.#spans.inc({ result }, 0);
    for (const result of ['written', 'dropped']) this.#payloads.inc({ result }, 0);
  }

  /** Takes the end of one message to the collector. */
  countExport(spans: number, error: Error | undefined): void {
    this.#spans.inc({ result: error === undefined ? 'sent' : 'lost' }, spans);
    if (error !== undefined && !this.#isExportFailing)
      this.#logger.warn({ err: error }, 'the collector does not take traces; this is said once until it does');
    this.#isExportFailing = error !== undefined;
  }

  /** Takes one event of the payload log. */
  takePayloadEvent(event: PayloadLogEvent): void {
    switch (event.kind) {
      case 'written':
        this.#payloads.inc({ result: 'written' }, event.inferences);
        this.#isStoreFailing = false;
        this.#isDropping = false;
        break;
      case 'dropped':
        this.#payloads.inc({ result: 'dropped' }, event.inferences);
        if (!this.#isDropping) this.#logger.warn(`logged inferences are dropped: ${event.reason}`);
        this.#isDropping = true;
        break;
      case 'failed':
        this.#payloadFailures.inc();
        if (!this.#isStoreFailing)
          this.#logger.warn(
            { err: event.error },
            'logged inferences cannot be written; they wait as long as there is room',
          );
        this.#isStoreFailing = true;
        break;
      default:
        assertNever(event);
    }
  }

  /** Adds what is read at each scrape. */
  watch({ tracing, accessLog, payloadLog }: WatchedLogs): void {
    new Gauge({
      name: 'slipway_payload_log_waiting_bytes',
      help: 'Bytes of logged inferences that wait for the object store.',
      registers: [this.#registry],
      collect() {
        this.set(payloadLog.waitingBytes);
      },
    });
    new Counter({
      name: 'slipway_trace_spans_made_total',
      help: 'Spans that were made; what is neither sent nor lost, nor waiting, was dropped because too many waited.',
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(tracing?.spanCount ?? 0);
      },
    });
    new Counter({
      name: 'slipway_access_log_dropped_total',
      help: 'Lines of the access log that its output did not take.',
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(accessLog?.dropped ?? 0);
      },
    });
  }
}
