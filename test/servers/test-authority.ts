import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from './system-program.ts';

/** A certificate and its key, as files. */
export interface IssuedFiles {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is to say. */
export interface CertificateRequest {
  /** As `/O=Example/CN=shop`. */
  readonly subject?: string;
  /** Alternative names as OpenSSL writes them: `DNS:localhost`, `URI:spiffe://…`. */
  readonly names?: readonly string[];
  /** From now; negative ones are over. */
  readonly validDays?: number;
  readonly usage?: 'serverAuth' | 'clientAuth' | 'serverAuth,clientAuth';
}

const MS_PER_DAY = 86_400_000;
const SETTINGS = `
[ca]
default_ca = test
[test]
dir = .
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
default_crl_days = 30
policy = any
copy_extensions = none
unique_subject = no
[any]
organizationName = optional
commonName = optional
`;

/** An issuer of certificates, made with OpenSSL; it can revoke them. */
export class TestAuthority {
  /** Where everything lies. */
  readonly folder: string;
  /** Certificate of the authority itself. */
  readonly cert: string;
  #issued = 0;

  private constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), 'slipway-authority-'));
    this.cert = join(this.folder, 'ca.crt');
    writeFileSync(join(this.folder, 'ca.conf'), SETTINGS);
    writeFileSync(join(this.folder, 'index.txt'), '');
    const { key, request } = this.#keyAndRequest('ca', `/CN=${name}`);
    const basics =
      'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash';
    writeFileSync(join(this.folder, 'ca.ext'), basics);
    const days = ['-days', '30', '-extfile', 'ca.ext'];
    this.#openssl('x509', '-req', '-in', request, '-key', key, '-out', this.cert, ...days);
  }

  static async create(name = 'Test Authority'): Promise<TestAuthority> {
    await requireProgram('openssl', ['openssl']);
    return new TestAuthority(name);
  }

  issue(asked: CertificateRequest = {}): IssuedFiles {
    const { subject = '/CN=test', names = ['DNS:localhost', 'IP:127.0.0.1'], validDays = 90 } = asked;
    this.#issued += 1;
    const name = `issued-${this.#issued}`;
    const { key, request } = this.#keyAndRequest(name, subject);
    const extensions = [
      'basicConstraints=CA:FALSE',
      'subjectKeyIdentifier=hash',
      'authorityKeyIdentifier=keyid',
      `extendedKeyUsage=${asked.usage ?? 'serverAuth,clientAuth'}`,
      ...(names.length === 0 ? [] : [`subjectAltName=${names.join(',')}`]),
    ];
    writeFileSync(join(this.folder, `${name}.ext`), extensions.join('\n'));
    const cert = join(this.folder, `${name}.crt`);
    const [from, to] = validDays > 0 ? [-1, validDays] : [validDays - 1, validDays];
    const times = ['-startdate', timeOf(from), '-enddate', timeOf(to), '-extfile', `${name}.ext`];
    this.#authority('-in', request, '-out', cert, '-notext', ...times);
    return { cert, key };
  }

  /** Revokes certificates; none is a list of none. @returns the path of a new list of all that were. */
  revoke(...certificates: readonly IssuedFiles[]): string {
    for (const { cert } of certificates) this.#authority('-revoke', cert);
    const list = join(this.folder, 'revoked.crl');
    this.#authority('-gencrl', '-out', list);
    return list;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #keyAndRequest(name: string, subject: string): { key: string; request: string } {
    const [key, request] = [join(this.folder, `${name}.key`), join(this.folder, `${name}.csr`)];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    this.#openssl('req', '-new', ...kind, '-keyout', key, '-out', request, '-subj', subject);
    return { key, request };
  }

  #authority(...args: readonly string[]): void {
    this.#openssl('ca', '-batch', '-config', 'ca.conf', '-cert', 'ca.crt', '-keyfile', 'ca.key', ...args);
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' });
  }
}

/** As OpenSSL wants it. */
function timeOf(daysFromNow: number): string {
  return `${new Date(Date.now() + daysFromNow * MS_PER_DAY).toISOString().replaceAll(/[-:T]|\.\d+/g, '')}`;
}
