import { describe, expect, it } from 'vitest';
import type { InferenceResult } from '#application/serving';
import type { ModelSignature, Tensor } from '#domain/inference';
import { decodeGenerateRequest, encodeGenerateResponse } from './generate-codec.ts';

const signature = (shape: number[], datatype: 'FP32' | 'INT64' | 'BYTES' = 'FP32'): ModelSignature => ({
  inputs: [{ name: 'x', datatype, shape }],
  outputs: [],
});
const decode = (body: unknown, of: ModelSignature) =>
  decodeGenerateRequest(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), of);

describe('decodeGenerateRequest', () => {
  it.each([
    [7, [1], [1]],
    [7, [-1], [1]],
    [7, [-1, -1], [1, 1]],
    [[1, 2], [2], [2]],
    [
      [1, 2, 3, 4],
      [-1, 2],
      [2, 2],
    ],
    [[[1, 2]], [-1, 2], [1, 2]],
    [
      [1, 2, 3],
      [-1, -1],
      [1, 3],
    ],
    [[], [-1], [0]],
  ])('lets %j fill shape %j as %j', (value, shape, expected) => {
    expect(decode({ x: value }, signature(shape)).inputs).toMatchObject([{ name: 'x', shape: expected }]);
  });

  it.each([
    [
      [1, 2, 3],
      [-1, 2],
    ],
    [[1, 2], [1]],
    [[], [1]],
    [[1], [-1, 0]],
  ])('refuses %j for shape %j', (value, shape) => {
    expect(() => decode({ x: value }, signature(shape))).toThrow(/elements do not fill shape/);
  });

  it('reads text, and integers beyond 2^53', () => {
    const text = decode({ x: 'grün' }, signature([1], 'BYTES')).inputs[0] as Tensor;
    expect(Buffer.from(text.data).toString('utf8', 4)).toBe('grün');
    const integer = decode('{"x": 9007199254740993}', signature([1], 'INT64')).inputs[0] as Tensor;
    expect(Buffer.from(integer.data).readBigInt64LE()).toBe(9_007_199_254_740_993n);
  });

  it('takes what is no input for a parameter, wherever it stands', () => {
    const decoded = decode({ id: 'r', x: 1, timeout: 2000, parameters: { sequence_id: 4 } }, signature([1]));
    expect(decoded).toMatchObject({ id: 'r', timeoutMs: 2, sequence: { id: '4' } });
  });

  it.each([
    ['[]', /must be a JSON object/],
    ['{', /not JSON/],
    [{ y: [1] }, /^y is no input of the model, and no parameter: the inputs are x/],
    [{ x: 1, id: 4 }, /^id must be a string/],
    [{ x: 1, parameters: [] }, /^parameters must be an object/],
    [{ x: 'seven' }, /^x\.data\[0\]: must be FP32, not "seven"/],
    [{ x: null }, /must be FP32/],
  ])('refuses %j', (body, problem) => {
    expect(() => decode(body, signature([1]))).toThrow(problem);
  });
});

it('encodeGenerateResponse gives one element alone and several in a row', () => {
  const floats = (name: string, ...values: number[]): Tensor => ({
    name,
    datatype: 'FP32',
    shape: [1, values.length],
    data: new Uint8Array(Float32Array.from(values).buffer),
  });
  const result: InferenceResult = {
    outputs: [floats('one', 1.5), floats('two', 1, 2)],
    modelName: 'm',
    modelVersion: 3,
    role: 'stable',
    isFallback: false,
    run: { outputs: [], rows: 1, batchSize: 1, queueMs: 0, runMs: 0 },
    startedAtMs: 0,
    endedAtMs: 1,
  };
  const expected = { model_name: 'm', model_version: '3', one: 1.5, two: [1, 2] };
  expect(JSON.parse(encodeGenerateResponse(result, { id: undefined }))).toEqual(expected);
  expect(JSON.parse(encodeGenerateResponse(result, { id: 'r' }))).toEqual({ id: 'r', ...expected });
});
