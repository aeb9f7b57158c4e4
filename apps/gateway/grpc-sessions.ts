import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';

/** Where Node.js tells of streams, before it hands them to anybody. */
const CREATED = 'http2.server.stream.created';

/**
 * Prepares each connection of a gRPC server, before the first call on it is seen. grpc-js keeps its connections to itself.
 *
 * @param port that the server listens on.
 * @returns ends it for new connections.
 */
export function eachSession(port: number, prepare: (session: ServerHttp2Session) => void): () => void {
  const seen = new WeakSet<ServerHttp2Session>();
  const look = (message: unknown) => {
    const session = (message as { stream: ServerHttp2Stream }).stream.session as ServerHttp2Session | undefined;
    if (session === undefined || seen.has(session)) return;
    seen.add(session);
    if (!session.destroyed && session.socket.localPort === port) prepare(session);
  };
  subscribe(CREATED, look);
  return () => void unsubscribe(CREATED, look);
}
