import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { FRAME_HEADER_BYTES, toGrpcStatistics, toModelConfig } from '#adapters/open-inference';
import type { TensorSpec } from '#domain/inference';
import {
  type GRPCInferenceServiceServer,
  GRPCInferenceServiceService,
  type LogSettingsResponse_SettingValue,
  type ModelMetadataResponse_TensorMetadata,
  type ModelStreamInferResponse,
} from '#generated/inference/open_inference';
import { unary } from './grpc-answers.ts';
import { answerInference } from './grpc-infer.ts';
import { inferStream } from './infer-stream.ts';
import { PLATFORM, SERVER_EXTENSIONS, SERVER_NAME, SERVER_VERSION } from './server-identity.ts';
import {
  logSettings,
  refuseLogSettings,
  refuseSharedMemory,
  refuseTraceSettings,
  TRACE_SETTINGS,
} from './server-settings.ts';
import type { GrpcParts } from './serving-parts.ts';

const asBytes = (bytes: Buffer) => bytes;

/** The service, but for inferences, which stay bytes here: what is wrong with them is told as over REST, and bounded. */
export const InferenceService = {
  ...GRPCInferenceServiceService,
  modelInfer: { ...GRPCInferenceServiceService.modelInfer, requestDeserialize: asBytes, responseSerialize: asBytes },
  modelStreamInfer: { ...GRPCInferenceServiceService.modelStreamInfer, requestDeserialize: asBytes },
} as const;

type InferenceServer = Omit<GRPCInferenceServiceServer, 'modelInfer' | 'modelStreamInfer'> & {
  readonly modelInfer: handleUnaryCall<Buffer, Buffer>;
  readonly modelStreamInfer: handleBidiStreamingCall<Buffer, ModelStreamInferResponse>;
};

/**
 * The Open Inference Protocol over gRPC, with Triton's extensions.
 *
 * @see registry-schema/proto/inference/open_inference.proto
 */
export function createInferenceService(parts: GrpcParts): InferenceServer {
  return {
    ...describingMethods(parts),
    ...repositoryMethods(parts),
    ...settingMethods(parts),
    modelInfer: (call, callback) => inferByGrpcJs(call, callback, parts),
    modelStreamInfer: (call) => inferStream(call, parts),
  };
}

/** An inference that did not come by the short way of inference-streams.ts. */
function inferByGrpcJs(call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>, parts: GrpcParts): void {
  void answerInference(call.request, call.metadata.toHttp2Headers(), parts, ({ frame, code, details, trailers }) => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
    if (frame === undefined) callback({ code, details, metadata });
    else callback(null, frame.subarray(FRAME_HEADER_BYTES), metadata);
  });
}

function describingMethods({ directory, servingSet, isDraining, logger }: GrpcParts) {
  return {
    serverLive: unary(logger, () => ({ live: true })),
    serverReady: unary(logger, () => ({ ready: servingSet.isReady && !isDraining() })),
    modelReady: unary(logger, ({ name, version }) => ({ ready: directory.isReady(name, version) })),
    serverMetadata: unary(logger, () => ({
      name: SERVER_NAME,
      version: SERVER_VERSION,
      extensions: [...SERVER_EXTENSIONS],
    })),
    modelMetadata: unary(logger, ({ name, version }) => {
      const { versions, signature } = directory.describe(name, version);
      return {
        name,
        versions: [...versions],
        platform: PLATFORM,
        inputs: signature.inputs.map(toTensorMetadata),
        outputs: signature.outputs.map(toTensorMetadata),
      };
    }),
    modelConfig: unary(logger, ({ name, version }) => ({ config: toModelConfig(directory.describe(name, version)) })),
    modelStatistics: unary(logger, ({ name, version }) => ({
      modelStats: directory.statistics(name, version).map(toGrpcStatistics),
    })),
  } satisfies Partial<GRPCInferenceServiceServer>;
}

function repositoryMethods({ repository, logger }: GrpcParts) {
  return {
    repositoryIndex: unary(logger, ({ ready }) => ({ models: [...repository.index(ready)] })),
    repositoryModelLoad: unary(logger, ({ modelName, parameters }) => {
      repository.load(modelName, Object.keys(parameters));
      return {};
    }),
    repositoryModelUnload: unary(logger, ({ modelName }) => repository.unload(modelName)),
  } satisfies Partial<GRPCInferenceServiceServer>;
}

function settingMethods({ logger }: GrpcParts) {
  return {
    systemSharedMemoryStatus: unary(logger, () => ({ regions: {} })),
    systemSharedMemoryRegister: unary(logger, () => refuseSharedMemory('system')),
    systemSharedMemoryUnregister: unary(logger, () => ({})),
    cudaSharedMemoryStatus: unary(logger, () => ({ regions: {} })),
    cudaSharedMemoryRegister: unary(logger, () => refuseSharedMemory('cuda')),
    cudaSharedMemoryUnregister: unary(logger, () => ({})),
    traceSetting: unary(logger, ({ settings }) => {
      refuseTraceSettings(Object.keys(settings));
      return { settings: mapped(TRACE_SETTINGS, (value) => ({ value: [...value] })) };
    }),
    logSettings: unary(logger, ({ settings }) => {
      refuseLogSettings(Object.keys(settings));
      return { settings: mapped(logSettings(logger.level), toLogSetting) };
    }),
  } satisfies Partial<GRPCInferenceServiceServer>;
}

function mapped<Value, Mapped>(record: Readonly<Record<string, Value>>, map: (value: Value) => Mapped) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function toLogSetting(value: string | boolean | number): LogSettingsResponse_SettingValue {
  switch (typeof value) {
    case 'boolean':
      return { parameterChoice: { $case: 'boolParam', value } };
    case 'number':
      return { parameterChoice: { $case: 'uint32Param', value } };
    default:
      return { parameterChoice: { $case: 'stringParam', value } };
  }
}

function toTensorMetadata({ name, datatype, shape }: TensorSpec): ModelMetadataResponse_TensorMetadata {
  return { name, datatype, shape: shape.map(BigInt) };
}
