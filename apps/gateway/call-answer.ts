import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';

/** What every answer to a gRPC call begins with. */
export const CALL_HEAD = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,deflate,gzip',
};
export const MESSAGES_AND_TRAILERS = { waitForTrailers: true, sendDate: false };
export const TRAILERS_ONLY = { endStream: true, sendDate: false };

const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How a call ends, as its trailers say it. */
export function statusOf(code: number, details: string) {
  return { 'grpc-status': code, 'grpc-message': encodeURI(details.toWellFormed()) };
}

/**
 * Watches the time that a client gives its call.
 *
 * @param fail called when it is over; at once when it is no time.
 * @returns ends the watch; so does the end of the stream.
 */
export function watchDeadline(
  stream: ServerHttp2Stream,
  { 'grpc-timeout': given }: IncomingHttpHeaders,
  fail: (code: number, details: string) => void,
): () => void {
  if (given === undefined) return () => {};
  const timeout = String(given);
  const [, amount, unit] = TIMEOUT.exec(timeout) ?? [];
  if (amount === undefined || unit === undefined) {
    fail(status.INTERNAL, `grpc-timeout: ${JSON.stringify(timeout.slice(0, 40))} is none`);
    return () => {};
  }
  const timeoutMs = Math.min(Number(amount) * (UNIT_MS[unit] ?? 1), MAX_TIMER_MS);
  const timer = setTimeout(() => fail(status.DEADLINE_EXCEEDED, 'Deadline exceeded'), timeoutMs);
  const stop = () => clearTimeout(timer);
  stream.on('close', stop);
  return stop;
}
