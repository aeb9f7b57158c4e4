import { toGrpcStatistics, toModelConfig } from '#adapters/open-inference';
import type { TensorSpec } from '#domain/inference';
import {
  type GRPCInferenceServiceServer,
  GRPCInferenceServiceService,
  type LogSettingsResponse_SettingValue,
  type ModelMetadataResponse_TensorMetadata,
} from '#generated/inference/open_inference';
import { UnaryMethods } from './grpc-answers.ts';
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

const nameOf = <Request extends { readonly name: string }>({ name }: Request) => name;
const modelNameOf = <Request extends { readonly modelName: string }>({ modelName }: Request) => modelName;

const { modelInfer: _one, modelStreamInfer: _many, ...others } = GRPCInferenceServiceService;

/** The service, but for inferences, which are answered before grpc-js sees them: inference-streams.ts. */
export const InferenceService = others;

type InferenceServer = Omit<GRPCInferenceServiceServer, 'modelInfer' | 'modelStreamInfer'>;

/**
 * The Open Inference Protocol over gRPC, with Triton's extensions, but for inferences.
 *
 * @see registry-schema/proto/inference/open_inference.proto
 */
export function createInferenceService(parts: GrpcParts): InferenceServer {
  const methods = new UnaryMethods(parts);
  return {
    ...describingMethods(methods, parts),
    ...repositoryMethods(methods, parts),
    ...settingMethods(methods, parts),
  };
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
