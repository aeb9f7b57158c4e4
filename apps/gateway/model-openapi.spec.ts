import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { UNBATCHED_PROFILE } from '#application/serving';
import type { ModelSignature } from '#domain/inference';
import { modelOpenApi } from './model-openapi.ts';
import { servedOpenApi } from './served-openapi.ts';

const signature: ModelSignature = {
  inputs: [
    { name: 'pixels', datatype: 'FP32', shape: [-1, 2] },
    { name: 'flags', datatype: 'UINT8', shape: [2] },
  ],
  outputs: [{ name: 'label', datatype: 'BYTES', shape: [-1] }],
};
interface Document {
  readonly paths: Readonly<Record<string, object>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly examples?: readonly object[] }>>;
  };
}
const documentOf = (version?: string, of = signature, isOpen = false) => {
  const description = { name: 'a:b', versions: ['2'], signature: of, profile: UNBATCHED_PROFILE };
  return modelOpenApi(servedOpenApi(isOpen), description, version) as Document;
};

/** Whether a value is valid by a schema of the model's document. */
function validator(schemaName: string) {
  const document = documentOf();
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'model', ...document });
  const validate = ajv.compile({ $ref: `model#/components/schemas/${schemaName}` });
  return (value: unknown) => validate(value) as boolean;
}

const pixels = { name: 'pixels', datatype: 'FP32', shape: [1, 2], data: [1, 2] };
const flags = { name: 'flags', datatype: 'UINT8', shape: [2], data: [0, 255] };

describe("a model's OpenAPI document", () => {
  it('has the paths of the model, and of the version that was asked for', () => {
    expect(Object.keys(documentOf().paths)).toContain('/v2/models/a%3Ab/infer');
    expect(Object.keys(documentOf('2').paths)).toContain('/v2/models/a%3Ab/versions/2/generate_stream');
    for (const item of Object.values(documentOf('2').paths)) expect(item).toMatchObject({ parameters: [] });
  });

  it('asks for credentials where policies decide, and says nothing of them where access is open', () => {
    const { paths, components } = documentOf();
    expect(components).toMatchObject({ securitySchemes: { bearer: { scheme: 'bearer' } } });
    expect(paths['/v2/models/a%3Ab/infer']).toMatchObject({
      post: { security: [{ bearer: [] }, { certificate: [] }] },
    });
    const open = documentOf(undefined, signature, true);
    expect(Object.keys(open.paths)).toEqual(Object.keys(paths));
    expect(open.paths['/v2/models/a%3Ab/infer']).toMatchObject({ post: { operationId: 'infer' }, parameters: [] });
    expect(JSON.stringify(open)).not.toMatch(/"security|"bearer"/);
  });

  it('takes every input once, in any order, flat or nested', () => {
    const isValid = validator('InferenceRequest');
    expect(isValid({ inputs: [pixels, flags] })).toBe(true);
    expect(isValid({ inputs: [flags, { ...pixels, data: [[1, 2]] }], outputs: [{ name: 'label' }] })).toBe(true);
  });

  it.each([
    ['a missing input', { inputs: [pixels] }],
    ['an input twice', { inputs: [pixels, pixels] }],
    ['another rank', { inputs: [{ ...pixels, shape: [2] }, flags] }],
    ['another size of a fixed axis', { inputs: [{ ...pixels, shape: [1, 3] }, flags] }],
    ['another datatype', { inputs: [{ ...pixels, datatype: 'FP64' }, flags] }],
    ['a number that the datatype cannot hold', { inputs: [pixels, { ...flags, data: [0, 256] }] }],
    ['too few elements', { inputs: [pixels, { ...flags, data: [0] }] }],
    ['an unknown output', { inputs: [pixels, flags], outputs: [{ name: 'nothing' }] }],
  ])('refuses %s', (_name, body) => {
    expect(validator('InferenceRequest')(body)).toBe(false);
  });

  it('knows the keys of generate', () => {
    const isValid = validator('GenerateRequest');
    expect(isValid({ pixels: [1, 2], flags: [0, 1], timeout: 5, temperature: 0.5 })).toBe(true);
    expect(isValid({ pixels: [1, 2] })).toBe(false);
    expect(isValid({ pixels: 'two', flags: [0, 1] })).toBe(false);
    expect(isValid({ pixels: [1, 2], flags: [0, 1], nested: {} })).toBe(false);
  });

  it('shows examples that are valid, and none that would be enormous', () => {
    for (const name of ['InferenceRequest', 'GenerateRequest']) {
      const { examples = [] } = documentOf().components.schemas[name] ?? {};
      expect(examples).toHaveLength(1);
      expect(validator(name)(examples[0])).toBe(true);
    }
    const large = { ...signature, inputs: [{ name: 'image', datatype: 'FP32', shape: [3, 224, 224] } as const] };
    expect(documentOf(undefined, large).components.schemas['InferenceRequest']?.examples).toBeUndefined();
  });
});
