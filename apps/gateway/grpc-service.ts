import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import {
  decodeGrpcRequest,
  encodeGrpcResponse,
  readInferRequest,
  toGrpcStatistics,
  toModelConfig,
} from '#adapters/open-inference';
import type { TraceCarrier } from '#adapters/telemetry';
import type { TensorSpec } from '#domain/inference';
import {
  type GRPCInferenceServiceServer,
  GRPCInferenceServiceService,
  type LogSettingsResponse_SettingValue,
  type ModelInferResponse,
  type ModelMetadataResponse_TensorMetadata,
  type ModelStreamInferResponse,
} from '#generated/inference/open_inference';
import { refuseWhileDraining } from './draining.ts';
import { release } from './external-memory.ts';
import { serviceError, unary } from './grpc-answers.ts';
import { inferStream } from './infer-stream.ts';
import { grpcOperation } from './inference-operation.ts';
import { PLATFORM, SERVER_EXTENSIONS, SERVER_NAME, SERVER_VERSION } from './server-identity.ts';
import {
  logSettings,
  refuseLogSettings,
  refuseSharedMemory,
  refuseTraceSettings,
  TRACE_SETTINGS,
} from './server-settings.ts';
import type { GrpcParts } from './serving-parts.ts';

const MODEL_INFER = grpcOperation('inference.GRPCInferenceService', 'ModelInfer');
const asBytes = (bytes: Buffer) => bytes;

/** The service, but for inferences, whose requests are left as bytes: what is wrong with them is told as over REST, and bounded. */
export const InferenceService = {
  ...GRPCInferenceServiceService,
  modelInfer: { ...GRPCInferenceServiceService.modelInfer, requestDeserialize: asBytes },
  modelStreamInfer: { ...GRPCInferenceServiceService.modelStreamInfer, requestDeserialize: asBytes },
} as const;

type InferenceServer = Omit<GRPCInferenceServiceServer, 'modelInfer' | 'modelStreamInfer'> & {
  readonly modelInfer: handleUnaryCall<Buffer, ModelInferResponse>;
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
    modelInfer: (call, callback) => void infer(call, callback, parts),
    modelStreamInfer: (call) => inferStream(call, parts),
  };
}

/** The hot path of gRPC. */
async function infer(
  call: ServerUnaryCall<Buffer, ModelInferResponse>,
  callback: sendUnaryData<ModelInferResponse>,
  { pipeline, telemetry, isDraining, logger }: GrpcParts,
): Promise<void> {
  const record = telemetry.begin(MODEL_INFER, new MetadataCarrier(call.metadata));
  try {
    refuseWhileDraining(isDraining);
    const request = readInferRequest(call.request);
    pipeline.refuseIfFull(request.modelName);
    const decoded = decodeGrpcRequest(request);
    const observer = record.asked(decoded.modelName, decoded, request.id);
    const result = await pipeline.infer({ ...decoded, observer });
    const response = encodeGrpcResponse(result, request.id);
    record.answered(result);
    const trailer = trailerWith(record.traceparent);
    trailer.set('slipway-served-by', String(result.modelVersion));
    if (result.isFallback) trailer.set('slipway-fallback', 'true');
    callback(null, response, trailer);
    // An ensemble may give an input back, and who sends it when is not told.
    if (!result.outputs.some(({ data }) => data.buffer === call.request.buffer)) release(call.request);
  } catch (error) {
    record.failed(error);
    callback({ ...serviceError(error, logger), metadata: trailerWith(record.traceparent) });
  }
}

/** The trace context of a call. Metadata is looked through when somebody asks. */
class MetadataCarrier implements TraceCarrier {
  readonly #metadata: Metadata;

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  get traceparent(): string | undefined {
    return this.#metadata.get('traceparent')[0]?.toString();
  }

  get tracestate(): string | undefined {
    return this.#metadata.get('tracestate').join(',') || undefined;
  }
}

function trailerWith(traceparent: string | undefined): Metadata {
  const trailer = new Metadata();
  if (traceparent !== undefined) trailer.set('traceparent', traceparent);
  return trailer;
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
