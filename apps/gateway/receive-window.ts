import type { ServerHttp2Session } from 'node:http2';

/** What a client may send before it must wait for us to ask for more: an image, rather than a ninth of it. */
const STREAM_BYTES = 1024 * 1024;
const CONNECTION_BYTES = 16 * 1024 * 1024;

/**
 * Opens the windows of a gRPC connection. HTTP/2 has 64 KiB where nothing else is said, and grpc-js has no option for its servers: a
 * message of 600 KB would wait nine times for this process, which shares its cores with runners.
 */
export function widenReceiveWindow(session: ServerHttp2Session): void {
  session.settings({ initialWindowSize: STREAM_BYTES });
  session.setLocalWindowSize(CONNECTION_BYTES);
}
