import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { gatewayDescriptors } from '#generated/gateway-descriptors';
import { DescriptorIndex } from './descriptor-index.ts';

const index = new DescriptorIndex(Buffer.from(gatewayDescriptors, 'base64'));
const names = (files: Uint8Array[] | undefined) =>
  files?.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);

describe('DescriptorIndex', () => {
  it('answers a file with all that it imports, itself first', () => {
    const expected = ['inference/open_inference.proto', 'inference/model_config.proto'];
    expect(names(index.file('inference/open_inference.proto'))).toEqual(expected);
    expect(names(index.file('nothing.proto'))).toBeUndefined();
  });

  it.each([
    'inference.GRPCInferenceService',
    'inference.GRPCInferenceService.ModelInfer',
    'inference.ModelInferRequest',
    'inference.ModelInferRequest.InferInputTensor',
    'inference.ModelInferRequest.model_name',
    'inference.InferParameter.parameter_choice',
  ])('finds the file of %s', (symbol) => {
    expect(names(index.fileContaining(symbol))?.[0]).toBe('inference/open_inference.proto');
  });

  it('finds enums, and their values beside them', () => {
    const symbols = ['inference.DataType', 'inference.TYPE_FP32', 'inference.ModelInstanceGroup.KIND_CPU'];
    for (const symbol of symbols) expect(names(index.fileContaining(symbol))).toEqual(['inference/model_config.proto']);
    expect(index.fileContaining('inference.DataType.TYPE_FP32')).toBeUndefined();
  });

  it('has the services that every client may ask for', () => {
    for (const service of ['grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection'])
      expect(index.fileContaining(service)).toHaveLength(1);
  });
});
