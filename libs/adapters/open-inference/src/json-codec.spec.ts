import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Datatype } from '#domain/inference';
import { decodeJsonRequest, encodeJsonResponse } from './json-codec.ts';

const bodyOf = (input: object, rest: object = {}) =>
  Buffer.from(
    JSON.stringify({ inputs: [{ name: 'x', shape: [2], datatype: 'FP32', data: [1, 2], ...input }], ...rest }),
  );
const resultOf = (datatype: Datatype, shape: number[], data: Uint8Array) => ({
  outputs: [{ name: 'y', datatype, shape, data }],
  modelName: 'm',
  modelVersion: 7,
  role: 'stable' as const,
  isFallback: false,
});

describe('decodeJsonRequest', () => {
  it('takes flat and nested data alike', () => {
    const flat = decodeJsonRequest(bodyOf({ shape: [2, 2], data: [1, 2, 3, 4] })).inputs[0];
    expect(
      decodeJsonRequest(
        bodyOf({
          shape: [2, 2],
          data: [
            [1, 2],
            [3, 4],
          ],
        }),
      ).inputs[0],
    ).toEqual(flat);
  });

  it.each([
    ['a text instead of JSON', Buffer.from('{"inputs":'), /the body is not JSON/],
    ['an array', Buffer.from('[]'), /must be a JSON object/],
    ['no inputs', Buffer.from('{"inputs":[]}'), /inputs must be an array with at least one tensor/],
    ['an input that is null', Buffer.from('{"inputs":[null]}'), /inputs\[0\]: must be an object/],
    ['too few elements', bodyOf({ data: [1] }), /shape \[2\] needs 2 elements, got 1/],
    ['too deep data', bodyOf({ data: [[[1, 2]]] }), /nested deeper than its 1 axes/],
    ['a negative axis', bodyOf({ shape: [-1] }), /axis sizes must be whole numbers from 0 on, not -1/],
    ['an enormous shape', bodyOf({ shape: [2 ** 31, 2 ** 31] }), /has too many elements/],
    ['an unknown datatype', bodyOf({ datatype: 'FLOAT' }), /"FLOAT" is not a datatype of the protocol/],
    ['a text among numbers', bodyOf({ data: [1, '2'] }), /inputs\[0\]\.data\[1\]: must be FP32, not "2"/],
    ['a number out of range', bodyOf({ datatype: 'INT8', data: [1, 300] }), /must be INT8, not 300/],
    ['an INT64 that JSON has rounded', bodyOf({ datatype: 'INT64', data: [1, 2 ** 60] }), /within ±2\^53/],
    ['FP16', bodyOf({ datatype: 'FP16' }), /FP16 has no JSON form/],
    ['binary output', bodyOf({}, { parameters: { binary_data_output: true } }), /does not have the extension/],
  ])('refuses %s, naming the field', (_, body, problem) => {
    expect(() => decodeJsonRequest(body)).toThrow(problem);
  });

  it('never fails otherwise than by a DomainError, whatever the body', () => {
    const body = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(body, (bytes) => {
        try {
          decodeJsonRequest(Buffer.from(bytes));
        } catch (error) {
          expect((error as Error).name).toBe('DomainError');
        }
      }),
    );
  });
});

describe('encodeJsonResponse', () => {
  it('names model, version and id, and writes the elements', () => {
    const data = new Uint8Array(Float32Array.from([1.5, -2]).buffer);
    expect(JSON.parse(encodeJsonResponse(resultOf('FP32', [2], data), 'a"b'))).toEqual({
      id: 'a"b',
      model_name: 'm',
      model_version: '7',
      outputs: [{ name: 'y', datatype: 'FP32', shape: [2], data: [1.5, -2] }],
    });
  });

  it('writes null for floats that JSON cannot say', () => {
    const data = new Uint8Array(Float64Array.from([Number.NaN, Number.POSITIVE_INFINITY, 1]).buffer);
    expect(JSON.parse(encodeJsonResponse(resultOf('FP64', [3], data), undefined)).outputs[0].data).toEqual([
      null,
      null,
      1,
    ]);
  });

  it('gives back every FP32, INT64 and string that went in', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
        const { inputs } = decodeJsonRequest(bodyOf({ shape: [values.length], data: values }));
        const text = encodeJsonResponse(resultOf('FP32', [values.length], inputs[0]!.data), undefined);
        expect(JSON.parse(text).outputs[0].data.map(Math.fround)).toEqual(
          values.map((value) => Math.fround(value) + 0),
        );
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (values) => {
        const { inputs } = decodeJsonRequest(bodyOf({ shape: [values.length], datatype: 'BYTES', data: values }));
        const text = encodeJsonResponse(resultOf('BYTES', [values.length], inputs[0]!.data), undefined);
        expect(JSON.parse(text).outputs[0].data).toEqual(values);
      }),
    );
  });
});
