import type { ServerOptions } from '@grpc/grpc-js';
import type { GatewayConfig } from './config.ts';

/** Headers are short: who needs longer holds a connection, and nothing else. */
const MAX_HEADERS_MS = 10_000;
const CHECK_INTERVAL_MS = 1000;
/** Longer than the proxies before it keep theirs: who closes first races with a request. */
const KEEP_ALIVE_MS = 72_000;
/**
 * Connections that wait to be accepted. With Node.js's own 511 a burst of thousands overflows while one request is answered, and the kernel resets
 * what is too much.
 */
export const LISTEN_BACKLOG = 4096;
/**
 * Messages of gRPC methods other than inferences, which are not grpc-js's: it unpacks compressed ones of all calls at once. They are names and
 * a few settings.
 */
const MAX_CONTROL_BYTES = 64 * 1024;
/** A client that has gone without a word is found out after both of them. */
const GRPC_PING_AFTER_MS = 60_000;
const GRPC_PING_TIMEOUT_MS = 20_000;

/** Times of HTTP connections in milliseconds, as Node.js names them. */
export type ConnectionTimes = Readonly<
  Record<'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval', number>
>;

/** How long a REST client may take over a request, and keep a connection without one. */
export function restConnectionTimes({ requestSeconds }: GatewayConfig): ConnectionTimes {
  const requestTimeout = requestSeconds * 1000;
  return {
    requestTimeout,
    headersTimeout: Math.min(MAX_HEADERS_MS, requestTimeout),
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
}

/** What a gRPC connection may hold, and when it is taken for dead. */
export function grpcConnectionOptions({ maxStreams }: GatewayConfig): ServerOptions {
  return {
    'grpc.max_receive_message_length': MAX_CONTROL_BYTES,
    'grpc.max_concurrent_streams': maxStreams,
    'grpc.keepalive_time_ms': GRPC_PING_AFTER_MS,
    'grpc.keepalive_timeout_ms': GRPC_PING_TIMEOUT_MS,
    // Counts what nobody here asks for.
    'grpc.enable_channelz': 0,
  };
}
