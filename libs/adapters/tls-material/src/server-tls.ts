import { constants } from 'node:crypto';
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { type Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { type CertifiedNames, isListed } from './client-names.ts';
import type { FollowEvents, FollowedFiles } from './followed-files.ts';
import { boundHandshakes } from './open-handshakes.ts';
import type { Identity } from './pem-file.ts';
import { followServerFiles, type ServerFiles, type ServerMaterial } from './server-material.ts';

/** How a server speaks TLS. */
export interface ServerTlsSettings {
  readonly files: ServerFiles;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly clientAuth: 'none' | 'optional' | 'required';
  /** See `isListed`. */
  readonly clientNames: readonly string[];
}

/** What a server with TLS works with. */
export interface ServerTlsParts {
  readonly nowMs: () => number;
  /** Who a connection's certificate names; `undefined` without one that was verified. */
  readonly namesOf: (socket: TLSSocket) => CertifiedNames | undefined;
  /** Told of each connection that comes to nothing. */
  readonly onRefused: (from: string | undefined, reason: string) => void;
}

/** Where a gRPC server listens. */
export interface GrpcPlace {
  readonly host: string;
  readonly port: number;
  readonly backlog?: number;
}

/** Long enough for clients on the other side of the world, and short for those who hold sockets only. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** TLS of the servers of a program: one certificate, which can be replaced while they serve. */
export class ServerTls {
  readonly #settings: ServerTlsSettings;
  readonly #parts: ServerTlsParts;
  readonly #followed: FollowedFiles<keyof ServerFiles, ServerMaterial>;

  /** @throws TlsMaterialError when what lies there cannot be used. */
  constructor(settings: ServerTlsSettings, parts: ServerTlsParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#followed = followServerFiles(settings.files, parts.nowMs);
  }

  /** What is shown at present. */
  get identity(): Identity {
    return this.#followed.current.identity;
  }

  /** For a server that is then given to {@link attend}. */
  get serverOptions(): TlsOptions {
    const { clientAuth } = this.#settings;
    return {
      ...this.#contextOptions(this.#followed.current),
      requestCert: clientAuth !== 'none',
      rejectUnauthorized: clientAuth === 'required',
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    };
  }

  /**
   * Looks after a server that was made with {@link serverOptions} and has its listeners of `secureConnection`: those are told of connections
   * whose client is who it must be, and new connections get the newest certificate.
   */
  attend(server: Server): void {
    const serve = server.listeners('secureConnection');
    server.removeAllListeners('secureConnection');
    boundHandshakes(server);
    server.on('secureConnection', (socket: TLSSocket) => {
      const refusal = this.#refusalOf(socket);
      if (refusal === undefined) for (const listener of serve) listener.call(server, socket);
      else this.#refuse(socket, refusal);
    });
    server.on('tlsClientError', (error: Error & { code?: string; reason?: string }, socket: TLSSocket) => {
      const reason = socket.authorizationError ?? error.reason ?? error.code ?? error.message;
      this.#refuse(socket, String(reason));
    });
    const leave = this.#followed.onChange((material) => server.setSecureContext(this.#contextOptions(material)));
    server.once('close', leave);
  }

  /**
   * Has a gRPC server serve a port. The connections are taken here and handed over: grpc-js would let nobody look at certificates before a
   * call is on its way.
   */
  async listenForGrpc(server: GrpcServer, place: GrpcPlace): Promise<{ readonly port: number; close(): void }> {
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    const listener = createServer({ ...this.serverOptions, ALPNProtocols: ['h2'], noDelay: true }, (socket) => {
      // An error without a listener would end the process.
      socket.on('error', () => socket.destroy());
      if (socket.alpnProtocol === 'h2') injector.injectConnection(socket);
      else this.#refuse(socket, 'no HTTP/2');
    });
    this.attend(listener);
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(place, () => {
        listener.off('error', reject);
        resolve();
      });
    });
    const address = listener.address();
    return {
      port: typeof address === 'object' && address !== null ? address.port : place.port,
      close: () => void listener.close(),
    };
  }

  /** Follows the files. @returns ends that. */
  keepUp(pauseMs: number, events: FollowEvents): () => void {
    return this.#followed.keepUp(pauseMs, events);
  }

  #contextOptions({ identity, clientAuthorities, revocations }: ServerMaterial): TlsOptions {
    const { minVersion, clientAuth } = this.#settings;
    return {
      minVersion,
      cert: identity.certificate,
      key: identity.key,
      ...(clientAuthorities === undefined ? {} : { ca: clientAuthorities }),
      ...(revocations === undefined ? {} : { crl: revocations }),
      // A session that is taken up again would bring its client's certificate unchecked.
      ...(clientAuth === 'none' ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
    };
  }

  /** Why a connection is not taken, after its handshake. */
  #refusalOf(socket: TLSSocket): string | undefined {
    const { clientAuth, clientNames } = this.#settings;
    if (clientAuth === 'none') return undefined;
    const hasShownNone = socket.getPeerX509Certificate() === undefined;
    if (hasShownNone) return clientAuth === 'required' ? 'no certificate' : undefined;
    if (!socket.authorized) return String(socket.authorizationError);
    const names = this.#parts.namesOf(socket);
    if (names === undefined) return 'no certificate that was verified';
    return isListed(clientNames, names) ? undefined : `${names.uris[0] ?? names.subject} is not on the list of clients`;
  }

  #refuse(socket: TLSSocket, reason: string): void {
    this.#parts.onRefused(socket.remoteAddress, reason);
    socket.destroy();
  }
}
