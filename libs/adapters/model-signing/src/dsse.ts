import { sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { digestNameOf, type KeyObject } from './signing-key.ts';

/** The only type of payload that there is in a model's signature. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/**
 * What a DSSE signature is made over: the payload, with its type and both lengths before it.
 *
 * @see https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md
 */
export function preAuthenticationEncoding(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
}

/** Signs a payload. @param key private */
export function signPayload(payload: Uint8Array, key: KeyObject): Buffer {
  return signBytes(digestNameOf(key), preAuthenticationEncoding(payload), key);
}

/** Whether a key has signed a payload. @param key public */
export function isSignedBy(payload: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  try {
    return verifyBytes(digestNameOf(key), preAuthenticationEncoding(payload), key, signature);
  } catch {
    // What has not even the form of a signature.
    return false;
  }
}
