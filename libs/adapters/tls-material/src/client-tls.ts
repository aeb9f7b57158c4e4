import { Agent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { type ChannelCredentials, type ChannelOptions, credentials, experimental } from '@grpc/grpc-js';
import { type FollowEvents, FollowedFiles } from './followed-files.ts';
import { authoritiesIn, type Identity, identityOf, type NamedFile, type PemFile } from './pem-file.ts';

/** What a client trusts and shows. */
export interface ClientFiles {
  /** Who issues the certificates of servers; without it those that Node.js knows. */
  readonly authorities: NamedFile | undefined;
  /** Its own certificate, with the key. */
  readonly certificate: NamedFile | undefined;
  readonly key: NamedFile | undefined;
}

interface ClientMaterial {
  readonly authorities: string | undefined;
  readonly identity: Identity | undefined;
}

/** How a gRPC server is reached. */
export interface GrpcChannel {
  /** Host and port. */
  readonly target: string;
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
}

type Contents = Readonly<Record<keyof ClientFiles, PemFile | undefined>>;
type CaListener = Parameters<experimental.CertificateProvider['addCaCertificateListener']>[0];
type IdentityListener = Parameters<experimental.CertificateProvider['addIdentityCertificateListener']>[0];

const GRPC_OVER_TLS = 'grpcs://';

/**
 * TLS of the clients of a program. What servers show is always verified, their names too: there is no way not to. New connections have the
 * newest certificates.
 */
export class ClientTls {
  /** For HTTPS. */
  readonly agent: Agent;
  readonly #followed: FollowedFiles<keyof ClientFiles, ClientMaterial>;
  readonly #serverName: string | undefined;

  /**
   * @param serverName that certificates of servers must have, whatever the address.
   * @throws TlsMaterialError when what lies there cannot be used.
   */
  constructor(files: ClientFiles, serverName: string | undefined, nowMs: () => number) {
    this.#serverName = serverName;
    this.#followed = new FollowedFiles({ ...files }, ({ authorities, certificate, key }: Contents) => ({
      authorities: authorities && authoritiesIn(authorities),
      identity: certificate && key && identityOf(certificate, key, nowMs()),
    }));
    let context: SecureContext | undefined;
    this.#followed.onChange(() => {
      context = undefined;
    });
    this.agent = new FollowingAgent(() => {
      context ??= contextOf(this.#followed.current);
      return context;
    }, serverName);
  }

  /** What is shown to servers that ask at present. */
  get identity(): Identity | undefined {
    return this.#followed.current.identity;
  }

  /** @param address as `host:port`, or `grpcs://host:port` for TLS. */
  channelTo(address: string): GrpcChannel {
    if (!address.startsWith(GRPC_OVER_TLS))
      return { target: address, credentials: credentials.createInsecure(), options: {} };
    const hasIdentity = this.#followed.current.identity !== undefined;
    const provider = this.#provider();
    return {
      target: address.slice(GRPC_OVER_TLS.length),
      credentials: experimental.createCertificateProviderChannelCredentials(provider, hasIdentity ? provider : null),
      options: this.#serverName === undefined ? {} : { 'grpc.ssl_target_name_override': this.#serverName },
    };
  }

  /** Follows the files. @returns ends that. */
  keepUp(pauseMs: number, events: FollowEvents): () => void {
    return this.#followed.keepUp(pauseMs, events);
  }

  #provider(): experimental.CertificateProvider {
    const ends = new Map<unknown, () => void>();
    const listen = (listener: unknown, tell: (material: ClientMaterial) => void) => {
      tell(this.#followed.current);
      ends.set(listener, this.#followed.onChange(tell));
    };
    const leave = (listener: unknown) => {
      ends.get(listener)?.();
      ends.delete(listener);
    };
    return {
      addCaCertificateListener: (listener: CaListener) =>
        listen(listener, ({ authorities = knownAuthorities() }) =>
          listener({ caCertificate: Buffer.from(authorities) }),
        ),
      removeCaCertificateListener: leave,
      addIdentityCertificateListener: (listener: IdentityListener) =>
        listen(listener, ({ identity }) =>
          listener(
            identity === undefined
              ? null
              : { certificate: Buffer.from(identity.certificate), privateKey: Buffer.from(identity.key) },
          ),
        ),
      removeIdentityCertificateListener: leave,
    };
  }
}

/** Keeps connections, and opens new ones with what is in force then. */
class FollowingAgent extends Agent {
  readonly #context: () => SecureContext;
  readonly #serverName: string | undefined;

  constructor(context: () => SecureContext, serverName: string | undefined) {
    // A session that is taken up again would show the certificate of its beginning.
    super({ keepAlive: true, maxCachedSessions: 0 });
    this.#context = context;
    this.#serverName = serverName;
  }

  override createConnection(
    options: AgentOptions & { servername?: string },
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const named = this.#serverName === undefined ? options : { ...options, servername: this.#serverName };
    return super.createConnection(Object.assign({ secureContext: this.#context() }, named), callback);
  }
}

function contextOf({ authorities, identity }: ClientMaterial): SecureContext {
  return createSecureContext({
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.key }),
  });
}

function knownAuthorities(): string {
  return getCACertificates('default').join('\n');
}
