import type { SignedStatement } from '#domain/signing';
import { bytesOf, fieldsOf, jsonOf, listOf, problem, textOf } from './bundle-fields.ts';
import { PAYLOAD_TYPE, signPayload } from './dsse.ts';
import { type KeyObject, keyIdOf } from './signing-key.ts';
import { statementFromJson, statementToJson } from './statement-json.ts';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** Holds the names and digests of about 500 files. A bundle is kept in the status of its version. */
export const MAX_BUNDLE_BYTES = 128 * 1024;

/** A bundle as it is written. */
export interface BundleContent {
  readonly statement: SignedStatement;
  /** The bytes that were signed. */
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** The hint at the key; empty: none. */
  readonly keyId: string;
}

/**
 * Reads a Sigstore bundle, v0.3, with one DSSE signature of a key over a statement of OpenSSF Model Signing v1.0.
 *
 * @throws VERSION_SIGNATURE_INVALID naming the field that is wrong, and what is expected there.
 */
export function readBundle(text: string): BundleContent {
  const size = Buffer.byteLength(text);
  if (size > MAX_BUNDLE_BYTES) throw problem('it', `has ${size} bytes; ${MAX_BUNDLE_BYTES} are the most`);
  const bundle = fieldsOf(jsonOf(text, 'it'), 'it');
  const mediaType = textOf(bundle['mediaType'], 'mediaType');
  if (mediaType !== MEDIA_TYPE) {
    throw problem('mediaType', `is ${JSON.stringify(mediaType.slice(0, 80))}; ${MEDIA_TYPE} is expected`);
  }
  const keyId = keyHintOf(bundle['verificationMaterial']);
  if (bundle['dsseEnvelope'] === undefined) throw problem('dsseEnvelope', 'is missing: other signatures are not taken');
  const envelope = fieldsOf(bundle['dsseEnvelope'], 'dsseEnvelope');
  const payloadType = textOf(envelope['payloadType'], 'dsseEnvelope.payloadType');
  if (payloadType !== PAYLOAD_TYPE) throw problem('dsseEnvelope.payloadType', `is not ${PAYLOAD_TYPE}`);
  const [signature, ...others] = listOf(envelope['signatures'], 'dsseEnvelope.signatures');
  if (signature === undefined || others.length > 0) {
    throw problem(
      'dsseEnvelope.signatures',
      `has ${others.length + (signature === undefined ? 0 : 1)} entries, not one`,
    );
  }
  const payload = bytesOf(envelope['payload'], 'dsseEnvelope.payload');
  return {
    payload,
    keyId,
    signature: bytesOf(fieldsOf(signature, 'dsseEnvelope.signatures[0]')['sig'], 'dsseEnvelope.signatures[0].sig'),
    statement: statementFromJson(jsonOf(utf8Of(payload), 'the payload')),
  };
}

/** Signs a statement. @param key private, of {@link readPrivateKey} */
export function writeBundle(statement: SignedStatement, key: KeyObject): string {
  const payload = Buffer.from(statementToJson(statement));
  return bundleText({ payload, signature: signPayload(payload, key), keyId: keyIdOf(key) });
}

/** The one text of a signature: whatever else was around it is left out. */
export function bundleText({ payload, signature, keyId }: Omit<BundleContent, 'statement'>): string {
  return JSON.stringify({
    mediaType: MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint: keyId }, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: signature.toString('base64'), keyid: '' }],
    },
  });
}

function keyHintOf(value: unknown): string {
  const material = fieldsOf(value, 'verificationMaterial');
  if (material['publicKey'] === undefined) {
    throw problem(
      'verificationMaterial',
      'has no publicKey: signatures of keys are taken, those of certificates are not',
    );
  }
  const { hint } = fieldsOf(material['publicKey'], 'verificationMaterial.publicKey');
  return hint == null ? '' : textOf(hint, 'verificationMaterial.publicKey.hint').slice(0, 200);
}

function utf8Of(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw problem('dsseEnvelope.payload', 'is no UTF-8');
  }
}
