import { describe, expect, it } from 'vitest';
import { UNBATCHED_PROFILE } from '#application/serving';
import { DATATYPE_SIZE_BYTES, type Datatype } from '#domain/inference';
import { ModelConfig } from '#generated/inference/model_config';
import { toJsonModelConfig, toModelConfig } from './model-config.ts';

const model = {
  name: 'digits',
  versions: ['2', '3'],
  signature: {
    inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
    outputs: [{ name: 'label', datatype: 'BYTES', shape: [-1] }],
  },
  profile: UNBATCHED_PROFILE,
} as const;
const batched = {
  ...model,
  profile: { maxBatchSize: 16, instances: 2, intraOpThreads: 3, preferredBatchSizes: [8, 16] },
};

describe('a model configuration', () => {
  it('has whole shapes and no scheduler where requests are not put together', () => {
    expect(toJsonModelConfig(model)).toEqual({
      name: 'digits',
      platform: 'onnxruntime_onnx',
      backend: 'onnxruntime',
      version_policy: { specific: { versions: [2, 3] } },
      max_batch_size: 0,
      input: [{ name: 'pixels', data_type: 'TYPE_FP32', dims: [-1, 64] }],
      output: [{ name: 'label', data_type: 'TYPE_STRING', dims: [-1] }],
      instance_group: [{ name: 'digits_0', kind: 'KIND_CPU', count: 1 }],
      default_model_filename: 'model.onnx',
      parameters: { intra_op_thread_count: { string_value: '1' } },
      model_transaction_policy: { decoupled: false },
    });
  });

  it('leaves the batch axis out and names its scheduler where they are', () => {
    expect(toJsonModelConfig(batched)).toMatchObject({
      max_batch_size: 16,
      input: [{ dims: [64] }],
      output: [{ dims: [] }],
      dynamic_batching: { preferred_batch_size: [8, 16] },
      instance_group: [{ count: 2 }],
      parameters: { intra_op_thread_count: { string_value: '3' } },
    });
  });

  it('survives its way over the wire', () => {
    const config = toModelConfig(batched);
    expect(ModelConfig.decode(ModelConfig.encode(config).finish())).toEqual(config);
  });

  it('has a word for every datatype', () => {
    for (const datatype of Object.keys(DATATYPE_SIZE_BYTES) as Datatype[]) {
      const signature = { inputs: [{ name: 'x', datatype, shape: [1] }], outputs: [] };
      const [input] = toModelConfig({ ...model, signature }).input;
      expect(input?.dataType).toBe(datatype === 'BYTES' ? 'TYPE_STRING' : `TYPE_${datatype}`);
    }
  });
});
