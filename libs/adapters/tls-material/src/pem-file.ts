import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** A file that a setting names. */
export interface NamedFile {
  /** Of the setting. */
  readonly setting: string;
  readonly path: string;
}

/** A file with what it holds. */
export interface PemFile extends NamedFile {
  readonly text: string;
}

/** A certificate with its key, that may be shown now. */
export interface Identity {
  /** PEM, with the chain behind it. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  readonly validFromMs: number;
  readonly expiresAtMs: number;
  /** Alternative names of the kind DNS. */
  readonly dnsNames: readonly string[];
}

/** A file for TLS that cannot be used. */
export class TlsMaterialError extends Error {
  override readonly name = 'TlsMaterialError';
}

/** What is wrong, with which file. */
export function faultIn({ setting, path }: NamedFile, problem: string): TlsMaterialError {
  return new TlsMaterialError(`${setting} (${path}): ${problem}`);
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const REVOCATIONS = /-----BEGIN X509 CRL-----[\s\S]+?-----END X509 CRL-----/;

/** @throws TlsMaterialError when the key is not that of the certificate, or the certificate is not valid now. */
export function identityOf(certificate: PemFile, key: PemFile, nowMs: number): Identity {
  const [own] = certificatesIn(certificate);
  if (own === undefined) throw faultIn(certificate, 'holds no certificate in PEM');
  const [validFromMs, expiresAtMs] = [Date.parse(own.validFrom), Date.parse(own.validTo)];
  if (expiresAtMs <= nowMs) throw faultIn(certificate, `the certificate expired at ${isoOf(expiresAtMs)}: renew it`);
  if (validFromMs > nowMs) throw faultIn(certificate, `the certificate is not valid before ${isoOf(validFromMs)}`);
  if (!own.checkPrivateKey(privateKeyIn(key)))
    throw faultIn(key, `is not the key of the certificate in ${certificate.path}`);
  assertUsable(certificate, { cert: certificate.text, key: key.text });
  return { certificate: certificate.text, key: key.text, validFromMs, expiresAtMs, dnsNames: dnsNamesOf(own) };
}

/** @throws TlsMaterialError when there are no certificates of issuers. */
export function authoritiesIn(file: PemFile): string {
  const certificates = certificatesIn(file);
  if (certificates.length === 0) throw faultIn(file, 'holds no certificate in PEM');
  return file.text;
}

/** @throws TlsMaterialError when there is no list of revoked certificates. */
export function revocationsIn(file: PemFile): string {
  if (!REVOCATIONS.test(file.text)) throw faultIn(file, 'holds no list of revoked certificates (X509 CRL) in PEM');
  assertUsable(file, { crl: file.text });
  return file.text;
}

function certificatesIn(file: PemFile): readonly X509Certificate[] {
  return (file.text.match(CERTIFICATE) ?? []).map((pem, index) => {
    try {
      return new X509Certificate(pem);
    } catch (error) {
      throw faultIn(file, `certificate ${index + 1} cannot be read: ${(error as Error).message}`);
    }
  });
}

function privateKeyIn(file: PemFile) {
  if (/ENCRYPTED/.test(file.text)) throw faultIn(file, 'the key has a passphrase: give one without');
  try {
    return createPrivateKey(file.text);
  } catch {
    // OpenSSL's words could quote the key.
    throw faultIn(file, 'holds no private key in PEM');
  }
}

/** Asks OpenSSL, which knows more reasons: a key that is too short, say. */
function assertUsable(file: PemFile, options: Parameters<typeof createSecureContext>[0]): void {
  try {
    createSecureContext(options);
  } catch (error) {
    throw faultIn(file, `cannot be used: ${(error as Error).message}`);
  }
}

function dnsNamesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return [...subjectAltName.matchAll(/(?:^|, )DNS:([^,"]+)/g)].flatMap(([, name]) => name ?? []);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
