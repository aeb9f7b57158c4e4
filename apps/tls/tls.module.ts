import type { Server as HttpServer, RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { FastifyServerFactory } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import { ConfigError, type ConfigOf, type clientTlsSettings, type serverTlsSettings } from '#adapters/config';
import { certificateOf } from '#adapters/http-access';
import type { Logger } from '#adapters/telemetry';
import {
  ClientTls,
  type FollowEvents,
  type NamedFile,
  ServerTls,
  type ServerTlsParts,
  type ServerTlsSettings,
  TlsMaterialError,
} from '#adapters/tls-material';
import { CertificateTerm } from './certificate-term.ts';
import { RefusalLog } from './refusal-log.ts';

type ServerConfig = ConfigOf<typeof serverTlsSettings>;
type ClientConfig = ConfigOf<typeof clientTlsSettings>;

const MS_PER_SECOND = 1000;
const nowMs = () => Date.now();

/** TLS of a program's ports. */
export interface ProgramTls extends Pick<ServerTls, 'serverOptions' | 'attend' | 'listenForGrpc' | 'identity'> {
  /** HTTP for Fastify, with the times that are given to it. */
  readonly serverFactory: FastifyServerFactory;
  /** Ends that files are followed. */
  close(): void;
}

/**
 * TLS as the settings have it; `undefined` where there is no certificate, and ports speak in the clear.
 *
 * @throws ConfigError when half of it is set, or a file cannot be used.
 */
export function openServerTls(config: ServerConfig, logger: Logger): ProgramTls | undefined {
  const refusals = new RefusalLog(logger, nowMs);
  const tls = serverTlsOf(config, (from, reason) => refusals.add(from, reason));
  if (tls === undefined) return undefined;
  const term = new CertificateTerm(() => tls.identity, 'certificate', logger, nowMs);
  const ends = [
    tls.keepUp(config.tlsReloadSeconds * MS_PER_SECOND, eventsIn(logger, 'certificate', term)),
    term.keepUp(),
  ];
  return {
    get serverOptions() {
      return tls.serverOptions;
    },
    get identity() {
      return tls.identity;
    },
    attend: (server) => tls.attend(server),
    listenForGrpc: (server, place) => tls.listenForGrpc(server, place),
    serverFactory: serverFactoryOf(tls),
    close: () => {
      for (const end of ends) end();
    },
  };
}

/** DNS names of the certificate that the settings name; none without one. @throws ConfigError as {@link openServerTls}. */
export function certifiedDnsNames(config: ServerConfig): readonly string[] {
  return serverTlsOf(config, () => {})?.identity.dnsNames ?? [];
}

function serverTlsOf(config: ServerConfig, onRefused: ServerTlsParts['onRefused']): ServerTls | undefined {
  assertWhole(config);
  const certificate = fileOf('SLIPWAY_TLS_CERT', config.tlsCertificate);
  const key = fileOf('SLIPWAY_TLS_KEY', config.tlsKey);
  if (certificate === undefined || key === undefined) return undefined;
  const settings: ServerTlsSettings = {
    files: {
      certificate,
      key,
      clientAuthorities: fileOf('SLIPWAY_TLS_CLIENT_CA', config.tlsClientCa),
      revocations: fileOf('SLIPWAY_TLS_CRL', config.tlsRevoked),
    },
    minVersion: `TLSv${config.tlsMinVersion}`,
    clientAuth: config.tlsClientAuth,
    clientNames: config.tlsClientNames,
  };
  return asConfigured(() => new ServerTls(settings, { nowMs, namesOf: certificateOf, onRefused }));
}

/** TLS towards the servers that a program calls. @throws ConfigError as {@link openServerTls}. */
export function openClientTls(config: ClientConfig, logger?: Logger): ClientTls {
  const certificate = fileOf('SLIPWAY_TLS_CLIENT_CERT', config.tlsClientCertificate);
  const key = fileOf('SLIPWAY_TLS_CLIENT_KEY', config.tlsClientKey);
  if ((certificate === undefined) !== (key === undefined))
    throw new ConfigError(['SLIPWAY_TLS_CLIENT_CERT and SLIPWAY_TLS_CLIENT_KEY go together: set both or none']);
  const authorities = fileOf('SLIPWAY_TLS_CA', config.tlsCa);
  const tls = asConfigured(() => new ClientTls({ authorities, certificate, key }, config.tlsServerName, nowMs));
  if (logger === undefined || (authorities ?? certificate) === undefined) return tls;
  const term = new CertificateTerm(() => tls.identity, 'client certificate', logger, nowMs);
  tls.keepUp(config.tlsReloadSeconds * MS_PER_SECOND, eventsIn(logger, 'client certificate', term));
  term.keepUp();
  return tls;
}

/** Adds to a program's metrics when its certificate expires. */
export function expiryGauge(registry: Registry, tls: ProgramTls | undefined): void {
  if (tls === undefined) return;
  new Gauge({
    name: 'slipway_tls_certificate_expiry_timestamp_seconds',
    help: 'When the certificate of this program’s ports expires, in seconds since 1970.',
    registers: [registry],
    collect() {
      this.set(tls.identity.expiresAtMs / MS_PER_SECOND);
    },
  });
}

function assertWhole(config: ServerConfig): void {
  const isSet = config.tlsCertificate !== undefined;
  const asksClients = config.tlsClientAuth !== 'none';
  const problems: string[] = [];
  if (isSet !== (config.tlsKey !== undefined))
    problems.push('SLIPWAY_TLS_CERT and SLIPWAY_TLS_KEY go together: set both or none');
  if (!isSet && asksClients)
    problems.push('SLIPWAY_TLS_CLIENT_AUTH asks for certificates of clients: it needs SLIPWAY_TLS_CERT, too');
  if (asksClients && config.tlsClientCa === undefined)
    problems.push('SLIPWAY_TLS_CLIENT_AUTH needs SLIPWAY_TLS_CLIENT_CA: who issues the certificates of clients');
  const forClients = {
    SLIPWAY_TLS_CLIENT_CA: config.tlsClientCa !== undefined,
    SLIPWAY_TLS_CLIENT_NAMES: config.tlsClientNames.length > 0,
    SLIPWAY_TLS_CRL: config.tlsRevoked !== undefined,
  };
  if (!asksClients)
    for (const [name, isGiven] of Object.entries(forClients))
      if (isGiven)
        problems.push(`${name} has no effect without SLIPWAY_TLS_CLIENT_AUTH: set that to optional or required`);
  if (problems.length > 0) throw new ConfigError(problems);
}

function fileOf(setting: string, path: string | undefined): NamedFile | undefined {
  return path === undefined ? undefined : { setting, path };
}

function asConfigured<Tls>(open: () => Tls): Tls {
  try {
    return open();
  } catch (error) {
    if (error instanceof TlsMaterialError) throw new ConfigError([error.message]);
    throw error;
  }
}

function eventsIn(logger: Logger, what: string, term: CertificateTerm): FollowEvents {
  return {
    onReplaced: () => {
      logger.info(`the ${what} was read anew: new connections have it`);
      term.look();
    },
    onRefused: ({ message }) =>
      logger.error(
        { reason: message },
        `the changed files of the ${what} cannot be used; the last good ones stay in force`,
      ),
  };
}

function serverFactoryOf(tls: ServerTls): FastifyServerFactory {
  return (handle, options) => {
    const server = createServer({ ...tls.serverOptions }, handle as RequestListener);
    // As Fastify does with a server of its own.
    server.keepAliveTimeout = options['keepAliveTimeout'] as number;
    server.requestTimeout = options['requestTimeout'] as number;
    tls.attend(server);
    return server as unknown as HttpServer;
  };
}
