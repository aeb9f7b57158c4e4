import { createHash } from 'node:crypto';
import type { SignedResource, SignedStatement } from '#domain/signing';
import { fieldsOf, listOf, problem, textOf } from './bundle-fields.ts';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const PREDICATE_TYPE = 'https://model_signing/signature/v1.0';
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Writes a statement as an in-toto Statement of OpenSSF Model Signing v1.0.
 *
 * @see https://github.com/sigstore/model-transparency/blob/main/docs/model_signing_format.md
 */
export function statementToJson({ subject, resources }: SignedStatement): string {
  return JSON.stringify({
    _type: STATEMENT_TYPE,
    subject: [{ name: subject, digest: { sha256: rootDigestOf(resources) } }],
    predicateType: PREDICATE_TYPE,
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false },
      resources: resources.map(({ name, sha256 }) => ({ name, algorithm: 'sha256', digest: sha256 })),
    },
  });
}

/** Reads a statement. @throws VERSION_SIGNATURE_INVALID naming the field that is wrong */
export function statementFromJson(document: unknown): SignedStatement {
  const statement = fieldsOf(document, 'the payload');
  expectText(statement['_type'], STATEMENT_TYPE, '_type');
  expectText(statement['predicateType'], PREDICATE_TYPE, 'predicateType');
  const [subject, ...others] = listOf(statement['subject'], 'subject');
  if (subject === undefined || others.length > 0) throw problem('subject', 'has one entry, of the whole model');
  const predicate = fieldsOf(statement['predicate'], 'predicate');
  const serialization = fieldsOf(predicate['serialization'], 'predicate.serialization');
  expectText(serialization['method'], 'files', 'predicate.serialization.method');
  expectText(serialization['hash_type'], 'sha256', 'predicate.serialization.hash_type');
  const resources = listOf(predicate['resources'], 'predicate.resources').map(readResource);
  const { name, digest } = fieldsOf(subject, 'subject[0]');
  const root = textOf(fieldsOf(digest, 'subject[0].digest')['sha256'], 'subject[0].digest.sha256');
  if (root !== rootDigestOf(resources)) {
    throw problem('subject[0].digest.sha256', 'is not the digest of the resources that are listed');
  }
  return { subject: textOf(name, 'subject[0].name'), resources };
}

function readResource(item: unknown, index: number): SignedResource {
  const at = `predicate.resources[${index}]`;
  const { name, algorithm, digest } = fieldsOf(item, at);
  expectText(algorithm, 'sha256', `${at}.algorithm`);
  const sha256 = textOf(digest, `${at}.digest`);
  if (!SHA256.test(sha256)) throw problem(`${at}.digest`, 'is no SHA-256 in hexadecimal, in lower case');
  return { name: textOf(name, `${at}.name`), sha256 };
}

/** Over the bytes of all digests, in the order in which they are listed. */
function rootDigestOf(resources: readonly SignedResource[]): string {
  const hash = createHash('sha256');
  for (const { sha256 } of resources) hash.update(Buffer.from(sha256, 'hex'));
  return hash.digest('hex');
}

function expectText(value: unknown, expected: string, at: string): void {
  const found = textOf(value, at);
  if (found !== expected) {
    throw problem(at, `is ${JSON.stringify(found.slice(0, 80))}; ${JSON.stringify(expected)} is expected`);
  }
}
