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
import { UnaryMethods } from './grpc-answers.ts';
import { answerInference } from './grpc-infer.ts';
import { inferStream } from './infer-stream.ts';
import { ANYBODY, DESCRIBE, DESCRIBE_EACH, READ_EACH, SETTINGS } from './operation-access.ts';
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
const nameOf = <Request extends { readonly name: string }>({ name }: Request) => name;
const modelNameOf = <Request extends { readonly modelName: string }>({ modelName }: Request) => modelName;

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
  const methods = new UnaryMethods(parts);
  return {
    ...describingMethods(methods, parts),
    ...repositoryMethods(methods, parts),
    ...settingMethods(methods, parts),
    modelInfer: (call, callback) => inferByGrpcJs(call, callback, parts),
    modelStreamInfer: (call) => inferStream(call, parts),
  };
}

/** An inference that did not come by the short way of inference-streams.ts. */
function inferByGrpcJs(call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>, parts: GrpcParts): void {
  const asked = { message: call.request, headers: call.metadata.toHttp2Headers(), peer: parts.peers.of(call) };
  void answerInference(asked, parts, ({ frame, code, details, trailers }) => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
    if (frame === undefined) callback({ code, details, metadata });
    else callback(null, frame.subarray(FRAME_HEADER_BYTES), metadata);
  });
}

function describingMethods(methods: UnaryMethods, { access, directory, servingSet, isDraining }: GrpcParts) {
  return {
    serverLive: methods.publicly(() => ({ live: true })),
    serverReady: methods.publicly(() => ({ ready: servingSet.isReady && !isDraining() })),
    modelReady: methods.ofServer(DESCRIBE_EACH, ({ name, version }, caller) => ({
      ready: access.may(caller, DESCRIBE_EACH.action, name) && directory.isReady(name, version),
    })),
    serverMetadata: methods.ofServer(ANYBODY, () => ({
      name: SERVER_NAME,
      version: SERVER_VERSION,
      extensions: [...SERVER_EXTENSIONS],
    })),
    modelMetadata: methods.ofModel(DESCRIBE, nameOf, ({ name, version }) => {
      const { versions, signature } = directory.describe(name, version);
      return {
        name,
        versions: [...versions],
        platform: PLATFORM,
        inputs: signature.inputs.map(toTensorMetadata),
        outputs: signature.outputs.map(toTensorMetadata),
      };
    }),
    modelConfig: methods.ofModel(DESCRIBE, nameOf, ({ name, version }) => ({
      config: toModelConfig(directory.describe(name, version)),
    })),
    modelStatistics: methods.ofServer(READ_EACH, ({ name, version }, caller) => {
      if (name !== '') access.require(caller, READ_EACH.action, name);
      const statistics = directory.statistics(name, version);
      const seen = statistics.filter((each) => access.may(caller, READ_EACH.action, each.name));
      return { modelStats: seen.map(toGrpcStatistics) };
    }),
  } satisfies Partial<GRPCInferenceServiceServer>;
}

function repositoryMethods(methods: UnaryMethods, { access, repository }: GrpcParts) {
  return {
    repositoryIndex: methods.ofServer(DESCRIBE_EACH, ({ ready }, caller) => ({
      models: repository.index(ready).filter(({ name }) => access.may(caller, DESCRIBE_EACH.action, name)),
    })),
    repositoryModelLoad: methods.ofModel(DESCRIBE, modelNameOf, ({ modelName, parameters }) => {
      repository.load(modelName, Object.keys(parameters));
      return {};
    }),
    repositoryModelUnload: methods.ofModel(DESCRIBE, modelNameOf, ({ modelName }) => repository.unload(modelName)),
  } satisfies Partial<GRPCInferenceServiceServer>;
}

function settingMethods(methods: UnaryMethods, { logger }: GrpcParts) {
  return {
    systemSharedMemoryStatus: methods.ofServer(SETTINGS, () => ({ regions: {} })),
    systemSharedMemoryRegister: methods.ofServer(SETTINGS, () => refuseSharedMemory('system')),
    systemSharedMemoryUnregister: methods.ofServer(SETTINGS, () => ({})),
    cudaSharedMemoryStatus: methods.ofServer(SETTINGS, () => ({ regions: {} })),
    cudaSharedMemoryRegister: methods.ofServer(SETTINGS, () => refuseSharedMemory('cuda')),
    cudaSharedMemoryUnregister: methods.ofServer(SETTINGS, () => ({})),
    traceSetting: methods.ofServer(SETTINGS, ({ settings }) => {
      refuseTraceSettings(Object.keys(settings));
      return { settings: mapped(TRACE_SETTINGS, (value) => ({ value: [...value] })) };
    }),
    logSettings: methods.ofServer(SETTINGS, ({ settings }) => {
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
