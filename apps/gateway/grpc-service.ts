import { Metadata, type ServerUnaryCall, type ServiceError, type sendUnaryData } from '@grpc/grpc-js';
import { decodeGrpcRequest, encodeGrpcResponse } from '#adapters/open-inference';
import type { Logger, TraceCarrier } from '#adapters/telemetry';
import { toWireError } from '#adapters/wire-errors';
import { DomainError } from '#domain/errors';
import type { TensorSpec } from '#domain/inference';
import type {
  GRPCInferenceServiceServer,
  ModelInferRequest,
  ModelInferResponse,
  ModelMetadataResponse_TensorMetadata,
} from '#generated/inference/open_inference';
import { grpcOperation } from './inference-operation.ts';
import type { RestParts } from './rest-routes.ts';
import { PLATFORM, SERVER_EXTENSIONS, SERVER_NAME, SERVER_VERSION } from './server-identity.ts';

const MODEL_INFER = grpcOperation('inference.GRPCInferenceService', 'ModelInfer');

/**
 * The Open Inference Protocol over gRPC.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/open_inference_grpc.proto
 */
export function createInferenceService(parts: RestParts): GRPCInferenceServiceServer {
  const { directory, servingSet, isDraining, logger } = parts;
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
    modelInfer: (call, callback) => void infer(call, callback, parts),
  };
}

/** The hot path of gRPC. */
async function infer(
  call: ServerUnaryCall<ModelInferRequest, ModelInferResponse>,
  callback: sendUnaryData<ModelInferResponse>,
  { pipeline, telemetry, isDraining, logger }: RestParts,
): Promise<void> {
  const record = telemetry.begin(MODEL_INFER, new MetadataCarrier(call.metadata));
  try {
    if (isDraining())
      throw new DomainError('SHUTTING_DOWN', 'the server is shutting down: send the request to another one');
    const decoded = decodeGrpcRequest(call.request);
    const observer = record.asked(decoded.modelName, decoded, call.request.id);
    const result = await pipeline.infer({ ...decoded, observer });
    const response = encodeGrpcResponse(result, call.request.id);
    record.answered(result);
    const trailer = trailerWith(record.traceparent);
    trailer.set('slipway-served-by', String(result.modelVersion));
    if (result.isFallback) trailer.set('slipway-fallback', 'true');
    callback(null, response, trailer);
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

function unary<Request, Response>(logger: Logger, answer: (request: Request) => Response) {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
    try {
      callback(null, answer(call.request));
    } catch (error) {
      callback(serviceError(error, logger));
    }
  };
}

function serviceError(error: unknown, logger: Logger): Partial<ServiceError> {
  const wire = toWireError(error);
  if (wire.correlationId !== undefined)
    logger.error({ err: error, correlationId: wire.correlationId }, 'inference failed');
  return { code: wire.grpcStatus, details: `${wire.code}: ${wire.message}` };
}

function toTensorMetadata({ name, datatype, shape }: TensorSpec): ModelMetadataResponse_TensorMetadata {
  return { name, datatype, shape: shape.map(BigInt) };
}
