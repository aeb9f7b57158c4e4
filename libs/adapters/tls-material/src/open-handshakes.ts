import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';

/** As many as may wait to be accepted: each costs some 50 KiB, and whoever never ends theirs makes room for others. */
const MAX_OPEN = 4096;

/**
 * Keeps the handshakes that a server has open within a bound: the oldest is broken off for a new one. How long one may take is the server's
 * `handshakeTimeout`.
 */
export function boundHandshakes(server: Server, maxOpen = MAX_OPEN): void {
  const open = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    open.set(peer, socket);
    socket.once('close', () => {
      if (open.get(peer) === socket) open.delete(peer);
    });
    if (open.size <= maxOpen) return;
    const [oldest] = open.values();
    oldest?.destroy();
    open.delete(oldest === undefined ? peer : peerOf(oldest));
  });
  server.on('secureConnection', (socket: TLSSocket) => void open.delete(peerOf(socket)));
}

function peerOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
