import { credentials, type ServiceError } from '@grpc/grpc-js';
import { DomainError, ERROR_CATALOGUE, type ErrorCode } from '#domain/errors';
import type { Datatype, Tensor } from '#domain/inference';
import {
  GRPCInferenceServiceClient,
  ModelInferRequest,
  type ModelInferResponse,
} from '#generated/inference/open_inference';

/** An answer over gRPC; tensors as raw bytes. */
export interface GrpcInferenceAnswer {
  readonly outputs: readonly Tensor[];
  readonly modelVersion: string;
}

/** A client of the Open Inference Protocol over gRPC, with raw contents. Errors as in RestInferenceClient. */
export class GrpcInferenceClient {
  readonly #client: GRPCInferenceServiceClient;

  /** @param address host and port. */
  constructor(address: string) {
    this.#client = new GRPCInferenceServiceClient(address, credentials.createInsecure());
  }

  async infer(model: string, inputs: readonly Tensor[]): Promise<GrpcInferenceAnswer> {
    const request = ModelInferRequest.fromPartial({
      modelName: model,
      inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(BigInt) })),
      rawInputContents: inputs.map((input) => input.data),
    });
    const response = await new Promise<ModelInferResponse>((resolve, reject) => {
      this.#client.modelInfer(request, (error, answer) =>
        error === null ? resolve(answer) : reject(serverError(error)),
      );
    });
    const outputs = response.outputs.map(({ name, datatype, shape }, index) => ({
      name,
      datatype: datatype as Datatype,
      shape: shape.map(Number),
      data: response.rawOutputContents[index] ?? new Uint8Array(),
    }));
    return { outputs, modelVersion: response.modelVersion };
  }

  close(): void {
    this.#client.close();
  }
}

/** The gateway begins its details with the code. */
function serverError({ details }: ServiceError): DomainError {
  const [code = '', ...rest] = details.split(': ');
  if (Object.hasOwn(ERROR_CATALOGUE, code)) return new DomainError(code as ErrorCode, rest.join(': '));
  return new DomainError('GATEWAY_UNAVAILABLE', `the gateway cannot be reached: ${details}`);
}
