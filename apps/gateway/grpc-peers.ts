import type { ServerHttp2Session } from 'node:http2';
import { type Peer, peerOf } from '#adapters/http-access';

const UNKNOWN: Peer = { address: undefined, certificate: undefined };

/** Who is at the other ends of a gRPC server's connections: grpc-js tells its handlers an address, and no more that can be relied on. */
export class GrpcPeers {
  readonly #peers = new Map<string, Peer>();

  /** Keeps the peer of a connection for as long as that is open. */
  add(session: ServerHttp2Session): void {
    const { socket } = session;
    const name = `${socket.remoteAddress}:${socket.remotePort}`;
    const peer = peerOf(socket);
    this.#peers.set(name, peer);
    session.once('close', () => {
      // Another connection may have the port by now.
      if (this.#peers.get(name) === peer) this.#peers.delete(name);
    });
  }

  /** The peer of a call; one whose connection is gone is nobody. */
  of(call: { getPeer(): string }): Peer {
    return this.#peers.get(call.getPeer()) ?? UNKNOWN;
  }
}
