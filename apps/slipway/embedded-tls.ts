import { get } from 'node:https';
import { ConfigError, clientTlsSettings, type Environment, loadConfig, serverTlsSettings } from '#adapters/config';
import { certifiedDnsNames, openClientTls } from '#apps/tls';

/**
 * What the programs of the all-in-one need beside the settings to call each other over TLS: they do so at addresses of this machine, and
 * ask for a name that their certificate has.
 *
 * @throws ConfigError when clients must show certificates, and they have none.
 */
export function embeddedTls(environment: Environment): Environment {
  const server = loadConfig(serverTlsSettings, environment);
  const [name] = certifiedDnsNames(server);
  const client = loadConfig(clientTlsSettings, environment);
  if (server.tlsClientAuth === 'required' && client.tlsClientCertificate === undefined)
    throw new ConfigError([
      'SLIPWAY_TLS_CLIENT_AUTH is required, and the programs of the all-in-one call each other: set SLIPWAY_TLS_CLIENT_CERT and SLIPWAY_TLS_CLIENT_KEY, too',
    ]);
  if (name === undefined || client.tlsServerName !== undefined) return {};
  // Any name that a wildcard stands for will do.
  return { SLIPWAY_TLS_SERVER_NAME: name.replace(/^\*/, 'slipway') };
}

/** Makes sure that the programs can call each other. @throws ConfigError saying why not. */
export async function assertReachable(url: string, environment: Environment): Promise<void> {
  if (!url.startsWith('https:')) return;
  const { agent } = openClientTls(loadConfig(clientTlsSettings, environment));
  try {
    await new Promise<void>((resolve, reject) => {
      get(`${url}/health/live`, { agent }, (response) => resolve(void response.resume())).once('error', reject);
    });
  } catch (error) {
    throw new ConfigError([
      `the programs of the all-in-one cannot call each other at ${url}: ${(error as Error).message}. SLIPWAY_TLS_CA must name who issued the certificate`,
    ]);
  } finally {
    agent.destroy();
  }
}
