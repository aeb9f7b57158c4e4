import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, parse } from 'graphql';
import { expect, it } from 'vitest';

const schemas = ['registry', 'controller'].map((name) =>
  readFileSync(join(import.meta.dirname, `../../registry-schema/graphql/${name}.graphql`), 'utf8'),
);
const SECRET = /secret|password|token|credential|hash|key/i;
/** What such names mean otherwise, and the one answer that shows a key to the one who has just made it. */
const HARMLESS = [
  'Query.apiKeys',
  'Mutation.createApiKey',
  'Mutation.revokeApiKey',
  'NewApiKey.key',
  'NewApiKey.apiKey',
  // Of a specification in Git, and the name of a gate.
  'DesiredVersion.specHash',
  'GateStatus.key',
  // Digest of a public key.
  'VersionSignature.keyId',
];

it('no field of an answer can hold a secret, but for a new key', () => {
  const found = schemas
    .flatMap((schema) => parse(schema).definitions)
    .flatMap((type) =>
      type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.OBJECT_TYPE_EXTENSION ? [type] : [],
    )
    .flatMap(({ name, fields = [] }) => fields.map((field) => `${name.value}.${field.name.value}`))
    .filter((field) => SECRET.test(field.split('.')[1] ?? ''));
  expect(found.sort()).toEqual([...HARMLESS].sort());
});
