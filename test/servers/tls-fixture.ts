import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { pino } from 'pino';
import { loadConfig, serverTlsSettings } from '#adapters/config';
import { openServerTls, type ProgramTls } from '../../apps/tls/index.ts';
import { TestAuthority } from './test-authority.ts';

/** TLS for a server in a test's own process. */
export interface TlsFixture {
  readonly authority: TestAuthority;
  readonly tls: ProgramTls;
  remove(): void;
}

/** Makes a certificate for this machine, which everything in this process trusts until the fixture is removed. */
export async function createTls(environment: Readonly<Record<string, string>> = {}): Promise<TlsFixture> {
  const authority = await TestAuthority.create();
  const { cert, key } = authority.issue();
  const files = { SLIPWAY_TLS_CERT: cert, SLIPWAY_TLS_KEY: key };
  const config = loadConfig(serverTlsSettings, { ...files, ...environment });
  const tls = openServerTls(config, pino({ level: 'silent' })) as ProgramTls;
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, readFileSync(authority.cert, 'utf8')]);
  return {
    authority,
    tls,
    remove: () => {
      tls.close();
      setDefaultCACertificates(before);
      authority.remove();
    },
  };
}
