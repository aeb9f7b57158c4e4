import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';

/** What a client may send before it must wait for us to ask for more: an image, rather than a ninth of it. */
const STREAM_BYTES = 1024 * 1024;
const CONNECTION_BYTES = 16 * 1024 * 1024;

/**
 * Opens the windows of gRPC connections. HTTP/2 has 64 KiB where nothing else is said, and grpc-js has no option for its servers: a
 * message of 600 KB would wait nine times for this process, which shares its cores with runners.
 *
 * @returns ends it for new connections.
 */
export function widenReceiveWindows(): () => void {
  const seen = new WeakSet<ServerHttp2Session>();
  const widen = (message: unknown) => {
    const { session } = (message as { stream: ServerHttp2Stream }).stream;
    const isNew = session !== undefined && !session.destroyed && !seen.has(session as ServerHttp2Session);
    if (!isNew) return;
    seen.add(session as ServerHttp2Session);
    session.settings({ initialWindowSize: STREAM_BYTES });
    session.setLocalWindowSize(CONNECTION_BYTES);
  };
  subscribe('http2.server.stream.created', widen);
  return () => void unsubscribe('http2.server.stream.created', widen);
}
