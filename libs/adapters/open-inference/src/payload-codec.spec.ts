import { describe, expect, it } from 'vitest';
import type { LoggedInference } from '#application/serving';
import type { Tensor } from '#domain/inference';
import { decodeRestRequest, encodePayload } from './index.ts';

const pixels: Tensor = {
  name: 'pixels',
  datatype: 'FP32',
  shape: [1, 2],
  data: new Uint8Array(Float32Array.of(0.5, 1).buffer),
};
const label: Tensor = {
  name: 'label',
  datatype: 'INT64',
  shape: [1],
  data: new Uint8Array(BigInt64Array.of(7n).buffer),
};
const inference: LoggedInference = {
  namespace: 'default',
  deployment: 'digits',
  modelName: 'digits',
  version: 2,
  role: 'stable',
  isFallback: false,
  requestId: 'r"1',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  atMs: Date.UTC(2026, 10, 24, 10, 47, 13, 123),
  tookMs: 1.23456,
  inputs: [pixels],
  outputNames: ['label'],
  outputs: [label],
  error: undefined,
  redact: [],
};
const read = (over: Partial<LoggedInference>, maxTensorBytes = 1000) =>
  JSON.parse(encodePayload({ ...inference, ...over }, maxTensorBytes));

describe('encodePayload', () => {
  it('writes the request and the answer as the protocol has them, on one line', () => {
    expect(encodePayload(inference, 1000)).not.toContain('\n');
    expect(read({})).toEqual({
      time: '2026-11-24T10:47:13.123Z',
      namespace: 'default',
      deployment: 'digits',
      version: 2,
      role: 'stable',
      fallback: false,
      result: 'ok',
      tookMs: 1.235,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      request: {
        id: 'r"1',
        inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 2], data: [0.5, 1] }],
        outputs: [{ name: 'label' }],
      },
      response: {
        id: 'r"1',
        model_name: 'digits',
        model_version: '2',
        outputs: [{ name: 'label', datatype: 'INT64', shape: [1], data: [7] }],
      },
    });
  });

  it('writes a request that can be sent again as it is', () => {
    const body = Buffer.from(JSON.stringify(read({}).request));
    const again = decodeRestRequest(body, undefined, () => ({ inputs: [], outputs: [] }));
    expect(again.inputs).toEqual([pixels]);
  });

  it('leaves the elements of redacted and of large tensors out', () => {
    expect(read({ redact: ['pixels'] }).request.inputs).toEqual([
      { name: 'pixels', datatype: 'FP32', shape: [1, 2], parameters: { omitted: 'redacted' } },
    ]);
    expect(read({ redact: ['label'] }).response.outputs[0].parameters).toEqual({ omitted: 'redacted' });
    expect(read({}, 7).request.inputs[0].parameters).toEqual({ omitted: 'too-large' });
  });

  it('says why there is no answer', () => {
    const failed = read({ outputs: undefined, error: 'MODEL_RUN_FAILED', outputNames: [], requestId: undefined });
    expect(failed).toMatchObject({ result: 'MODEL_RUN_FAILED' });
    expect(failed).not.toHaveProperty('response');
    expect(failed.request).not.toHaveProperty('id');
  });
});
