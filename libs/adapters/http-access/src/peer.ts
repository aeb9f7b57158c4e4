import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '#application/access';
import { certificateOf } from './presented.ts';

/** Who is at the other end of a connection. */
export interface Peer {
  readonly address: string | undefined;
  /** Absent where none was verified. */
  readonly certificate: ClientCertificate | undefined;
}

const known = new WeakMap<Socket, Peer>();

/** The peer of a connection; found out once. */
export function peerOf(socket: Socket): Peer {
  let peer = known.get(socket);
  if (peer === undefined) {
    peer = { address: socket.remoteAddress, certificate: certificateOf(socket as Partial<TLSSocket>) };
    known.set(socket, peer);
  }
  return peer;
}
