import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { installTelemetryPython } from './python.ts';

/** A span as the collector read it. */
export interface ReceivedSpan {
  readonly protocol: 'http' | 'grpc';
  /** Of the message that it came in. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty without one. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  /** 2 for a server's, 1 for what happens within. */
  readonly kind: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2 is an error. */
  readonly status: { readonly code: number; readonly message: string };
}

/** A log record as the collector read it. */
export interface ReceivedLog {
  /** The name of the event. */
  readonly log: string;
  readonly protocol: 'http' | 'grpc';
  /** Of the message that it came in. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly timeNs: number;
  readonly severity: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A collector that reads OTLP with the messages that OpenTelemetry's own project generates. */
export interface OtlpCollector {
  readonly httpUrl: string;
  readonly grpcUrl: string;
  readonly spans: readonly ReceivedSpan[];
  readonly logs: readonly ReceivedLog[];
  stop(): void;
}

/** Starts a collector on any free ports. */
export async function startOtlpCollector(): Promise<OtlpCollector> {
  const python = await installTelemetryPython();
  const child: ChildProcess = spawn(python, [join(import.meta.dirname, 'otlp_collector.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const spans: ReceivedSpan[] = [];
  const logs: ReceivedLog[] = [];
  const { stdout } = child;
  if (stdout === null) throw new Error('the collector has no output');
  const ports = await new Promise<{ http: number; grpc: number }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the collector ended with status ${code}`)));
    createInterface({ input: stdout }).on('line', (line) => {
      const value = JSON.parse(line);
      if ('http' in value) resolve(value);
      else if ('log' in value) logs.push(value);
      else spans.push(value);
    });
  });
  return {
    httpUrl: `http://127.0.0.1:${ports.http}`,
    grpcUrl: `http://127.0.0.1:${ports.grpc}`,
    spans,
    logs,
    stop: () => void child.kill(),
  };
}
