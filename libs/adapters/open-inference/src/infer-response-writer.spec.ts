import { describe, expect, it } from 'vitest';
import type { InferenceResult } from '#application/serving';
import type { Tensor } from '#domain/inference';
import { ModelInferResponse } from '#generated/inference/open_inference';
import { encodeGrpcResponse } from './grpc-codec.ts';
import { FRAME_HEADER_BYTES, writeInferResponse } from './infer-response-writer.ts';

const resultWith = (fields: Partial<InferenceResult>): InferenceResult => ({
  outputs: [],
  modelName: 'digits',
  modelVersion: 2,
  role: 'stable',
  isFallback: false,
  run: { outputs: [], rows: 1, batchSize: 1, queueMs: 0, runMs: 0 },
  startedAtMs: 0,
  endedAtMs: 1,
  ...fields,
});
const tensor = (shape: readonly number[], byteLength: number, name = 'scores'): Tensor => ({
  name,
  datatype: 'FP32',
  shape,
  data: Uint8Array.from({ length: byteLength }, (_, index) => index % 251),
});

describe('writeInferResponse', () => {
  it.each<[string, Partial<InferenceResult>, string]>([
    ['no outputs, no id', {}, ''],
    ['one output', { outputs: [tensor([1, 3], 12)] }, 'a-request'],
    ['an answer of stable for the candidate', { isFallback: true, outputs: [tensor([1], 4)] }, 'x'],
    ['a scalar', { outputs: [tensor([], 4)] }, ''],
    ['an empty tensor', { outputs: [tensor([0, 7], 0)] }, ''],
    ['several outputs', { outputs: [tensor([2], 8), tensor([1, 1, 200], 800), tensor([3], 12, '')] }, 'x'],
    [
      'lengths of two and three bytes',
      { outputs: [tensor([32, 1000], 128_000), tensor([40], 160, 'n'.repeat(300))] },
      'x',
    ],
    ['texts beyond ASCII', { modelName: 'größe', outputs: [tensor([1], 4, '分類')] }, 'ключ'],
    ['no name', { modelName: '', modelVersion: 4_294_967_295 }, ''],
    ['a large empty shape', { outputs: [tensor([0, 2 ** 28, 2 ** 35 + 5, Number.MAX_SAFE_INTEGER], 0)] }, ''],
  ])('writes what the generated writer does: %s', (_, fields, id) => {
    const result = resultWith(fields);
    const frame = writeInferResponse(result, id);
    const message = frame.subarray(FRAME_HEADER_BYTES);
    expect([...frame.subarray(0, FRAME_HEADER_BYTES)]).toEqual([0, ...uint32(message.byteLength)]);
    expect(message.equals(ModelInferResponse.encode(encodeGrpcResponse(result, id)).finish())).toBe(true);
  });
});

function uint32(value: number): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return [...bytes];
}
