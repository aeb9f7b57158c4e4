import {
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { decodeGrpcRequest, encodeGrpcResponse, readInferRequest } from '#adapters/open-inference';
import type { Logger } from '#adapters/telemetry';
import { toWireError } from '#adapters/wire-errors';
import { DomainError } from '#domain/errors';
import type { TensorSpec } from '#domain/inference';
import {
  type GRPCInferenceServiceServer,
  GRPCInferenceServiceService,
  type ModelInferResponse,
  type ModelMetadataResponse_TensorMetadata,
} from '#generated/inference/open_inference';
import type { RestParts } from './rest-routes.ts';
import { PLATFORM, SERVER_EXTENSIONS, SERVER_NAME, SERVER_VERSION } from './server-identity.ts';

/** The service, but for requests that are left as bytes: what is wrong with them is told as over REST, and bounded. */
export const InferenceService = {
  ...GRPCInferenceServiceService,
  modelInfer: { ...GRPCInferenceServiceService.modelInfer, requestDeserialize: (bytes: Buffer) => bytes },
} as const;

type InferenceServer = Omit<GRPCInferenceServiceServer, 'modelInfer'> & {
  readonly modelInfer: handleUnaryCall<Buffer, ModelInferResponse>;
};

/**
 * The Open Inference Protocol over gRPC.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/open_inference_grpc.proto
 */
export function createInferenceService(parts: RestParts): InferenceServer {
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
  call: ServerUnaryCall<Buffer, ModelInferResponse>,
  callback: sendUnaryData<ModelInferResponse>,
  { pipeline, isDraining, logger }: RestParts,
): Promise<void> {
  try {
    if (isDraining())
      throw new DomainError('SHUTTING_DOWN', 'the server is shutting down: send the request to another one');
    const request = readInferRequest(call.request);
    const result = await pipeline.infer(decodeGrpcRequest(request));
    const trailer = new Metadata();
    trailer.set('slipway-served-by', String(result.modelVersion));
    if (result.isFallback) trailer.set('slipway-fallback', 'true');
    callback(null, encodeGrpcResponse(result, request.id), trailer);
  } catch (error) {
    callback(serviceError(error, logger));
  }
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
