import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { DomainError } from '#domain/errors';

export type { KeyObject };

/** The curves of ECDSA keys, as Node.js names them, each with the digest that belongs to it in Sigstore's formats. */
const CURVE_DIGESTS: Readonly<Record<string, string>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};

/** Reads a public key in PEM. @param where names it in messages. @throws INPUT_INVALID */
export function readPublicKey(pem: string, where: string): KeyObject {
  // A private key would be taken for its public half: whoever puts one here has made a mistake that matters.
  if (pem.includes('PRIVATE KEY')) throw invalid(where, 'it holds a private key; a public key is expected');
  return readKey(() => createPublicKey(pem), where);
}

/** Reads a private key in PEM, without a passphrase. @throws INPUT_INVALID */
export function readPrivateKey(pem: string, where: string): KeyObject {
  if (pem.includes('ENCRYPTED')) {
    throw invalid(where, 'the key has a passphrase; take it off first (openssl pkey -in KEY -out PLAIN)');
  }
  return readKey(() => createPrivateKey(pem), where);
}

/** SHA-256 of the public key in PEM, in hexadecimal: the hint in a bundle. @param key public or private */
export function keyIdOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'pem' }))
    .digest('hex');
}

/** What a key's signatures are made over; `null` for Ed25519, which takes the bytes themselves. */
export function digestNameOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  if (asymmetricKeyType === 'ed25519') return null;
  const digest = CURVE_DIGESTS[asymmetricKeyDetails?.namedCurve ?? ''];
  if (asymmetricKeyType === 'ec' && digest !== undefined) return digest;
  throw new Error(`no digest for a key of type ${asymmetricKeyType}`);
}

function readKey(read: () => KeyObject, where: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (error) {
    throw invalid(where, `no key in PEM: ${(error as Error).message}`);
  }
  try {
    digestNameOf(key);
    return key;
  } catch {
    const { asymmetricKeyType, asymmetricKeyDetails } = key;
    const shown = [asymmetricKeyType, asymmetricKeyDetails?.namedCurve].filter(Boolean).join(' ');
    throw invalid(where, `the key is of type ${shown}; Ed25519 and ECDSA with P-256, P-384 or P-521 are taken`);
  }
}

function invalid(where: string, problem: string): DomainError {
  return new DomainError('INPUT_INVALID', `${where}: ${problem}`);
}
