import { afterEach, describe, expect, it } from 'vitest';
import { JsonRecordCodec, YamlManifestParser, YamlPolicyParser } from '#adapters/json-schema';
import { decodeGenerateRequest, decodeRestRequest } from '#adapters/open-inference';
import { isDomainError } from '#domain/errors';
import type { ModelSignature } from '#domain/inference';

const signature: ModelSignature = {
  inputs: [{ name: '__proto__', datatype: 'FP32', shape: [-1] }],
  outputs: [{ name: 'constructor', datatype: 'FP32', shape: [-1] }],
};
const before = Object.getOwnPropertyNames(Object.prototype).sort();

afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

/** Objects that would change every other one, if they were merged into one carelessly. */
const EVIL = [
  '{"__proto__": {"polluted": true}}',
  '{"constructor": {"prototype": {"polluted": true}}}',
  '{"a": {"__proto__": {"polluted": true}}}',
  '[{"__proto__": {"polluted": true}}]',
];

/** Reads something that may be refused as what it is not. */
function read(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (isDomainError(error)) return undefined;
    throw error;
  }
}

describe.each(EVIL)('%s', (evil) => {
  it('in a manifest or a policy is a field that there is not', () => {
    for (const kind of ['ModelDeployment', 'Policy'])
      for (const place of ['metadata', 'spec', 'more']) {
        const text = `apiVersion: slipway.dev/v1\nkind: ${kind}\n${place}: ${evil}\n`;
        const found = [...new YamlManifestParser().parse(text), ...new YamlPolicyParser().parse(text)];
        expect(found.map((document) => document.kind).filter((found) => found === 'deployment')).toEqual([]);
        expect(found.some((document) => document.kind === 'invalid')).toBe(true);
      }
  });

  it('in a request is no tensor, no parameter and no setting', () => {
    for (const body of [
      evil,
      `{"inputs": ${evil}}`,
      `{"inputs": [], "parameters": ${evil}}`,
      `{"inputs": [{"name": "__proto__", "datatype": "FP32", "shape": [1], "data": [1], "parameters": ${evil}}]}`,
      `{"text_input": ${evil}, "parameters": ${evil}, "__proto__": 1}`,
    ]) {
      read(() => decodeRestRequest(Buffer.from(body), undefined, () => signature));
      read(() => decodeGenerateRequest(Buffer.from(body), signature));
    }
  });

  it.each(['model', 'version', 'namespace', 'alias', 'batch'] as const)('in the bucket is no %s', (kind) => {
    expect(() => new JsonRecordCodec().decode(kind, Buffer.from(evil))).toThrow(/breaks its schema/);
  });
});

it('a tensor that is called so is a tensor like any other', () => {
  const body = '{"inputs": [{"name": "__proto__", "datatype": "FP32", "shape": [1], "data": [1]}]}';
  expect(decodeRestRequest(Buffer.from(body), undefined, () => signature).inputs.map(({ name }) => name)).toEqual([
    '__proto__',
  ]);
});
