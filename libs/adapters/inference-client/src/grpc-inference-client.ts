import { once } from 'node:events';
import {
  type ChannelCredentials,
  type ChannelOptions,
  credentials,
  InterceptingCall,
  type Interceptor,
  type ServiceError,
} from '@grpc/grpc-js';
import { DomainError, ERROR_CATALOGUE, type ErrorCode } from '#domain/errors';
import type { Datatype, Tensor } from '#domain/inference';
import { type HealthCheckResponse, HealthClient } from '#generated/grpc/health/v1/health';
import type { ModelConfig } from '#generated/inference/model_config';
import {
  GRPCInferenceServiceClient,
  type InferParameter,
  type ModelConfigResponse,
  ModelInferRequest,
  type ModelInferResponse,
  type ModelStatistics,
  type ModelStatisticsResponse,
  type ModelStreamInferResponse,
} from '#generated/inference/open_inference';

/** An inference beside its tensors. */
export interface GrpcInferenceCall {
  /** A version to insist on; without one the server's route decides. */
  readonly version?: string;
  /** Comes back with the answer. */
  readonly id?: string;
  /** Names of the outputs wanted; without them all. */
  readonly outputs?: readonly string[];
  readonly parameters?: Readonly<Record<string, string | number | bigint | boolean>>;
}

/** An answer over gRPC; tensors as raw bytes. */
export interface GrpcInferenceAnswer {
  readonly outputs: readonly Tensor[];
  readonly modelVersion: string;
  readonly id: string;
}

/** What one request of a stream came back with: an answer or an error, and the request's id with either. */
export type StreamAnswer =
  | { readonly kind: 'answer'; readonly id: string; readonly answer: GrpcInferenceAnswer }
  | { readonly kind: 'error'; readonly id: string; readonly error: DomainError };

/** How a gRPC server is reached. */
export interface GrpcChannelParts {
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
}

/** How a client shows itself and reaches its server. */
export interface GrpcInferenceClientOptions {
  /** An API key or token; absent: none. */
  readonly credential?: string | undefined;
  /** Absent: in the clear. */
  readonly channel?: GrpcChannelParts | undefined;
}

const IN_THE_CLEAR: GrpcChannelParts = { credentials: credentials.createInsecure(), options: {} };

/** A client of the Open Inference Protocol over gRPC, with raw contents. Errors as in RestInferenceClient. */
export class GrpcInferenceClient {
  readonly #client: GRPCInferenceServiceClient;
  readonly #health: HealthClient;

  /** @param address host and port. */
  constructor(address: string, { credential, channel = IN_THE_CLEAR }: GrpcInferenceClientOptions = {}) {
    const interceptors = credential === undefined ? [] : [showing(credential)];
    const options = { ...channel.options, interceptors };
    this.#client = new GRPCInferenceServiceClient(address, channel.credentials, options);
    this.#health = new HealthClient(address, channel.credentials, options);
  }

  /** Whether the server, or a model of it, can answer now. @throws GATEWAY_UNAVAILABLE, also for a model that is not there. */
  async isServing(model = ''): Promise<boolean> {
    const { status } = await answered<HealthCheckResponse>((done) => this.#health.check({ service: model }, done));
    return status === 'SERVING';
  }

  async infer(model: string, inputs: readonly Tensor[], call: GrpcInferenceCall = {}): Promise<GrpcInferenceAnswer> {
    const request = toRequest(model, inputs, call);
    return toAnswer(await answered<ModelInferResponse>((done) => this.#client.modelInfer(request, done)));
  }

  /** How the model is served, in Triton's words. */
  async config(model: string, version = ''): Promise<ModelConfig> {
    const { config } = await answered<ModelConfigResponse>((done) =>
      this.#client.modelConfig({ name: model, version }, done),
    );
    if (config !== undefined) return config;
    throw new DomainError('INTERNAL', 'the gateway answered no configuration');
  }

  /** Counts and durations of every served version of the model, or of the one that is named. */
  async statistics(model: string, version = ''): Promise<readonly ModelStatistics[]> {
    const { modelStats } = await answered<ModelStatisticsResponse>((done) =>
      this.#client.modelStatistics({ name: model, version }, done),
    );
    return modelStats;
  }

  /**
   * Inferences over one stream. Answers come in the order of the requests; one that fails is answered with its error, and the stream
   * goes on. Whoever stops reading ends the stream.
   */
  async *inferStream(
    model: string,
    requests: AsyncIterable<{ readonly inputs: readonly Tensor[]; readonly call?: GrpcInferenceCall }>,
  ): AsyncGenerator<StreamAnswer> {
    const stream = this.#client.modelStreamInfer();
    // What ends the stream reaches the reader below; after the last answer nobody waits for it any more.
    stream.on('error', () => {});
    const sent = (async () => {
      for await (const { inputs, call } of requests) {
        if (!stream.write(toRequest(model, inputs, call ?? {}))) await once(stream, 'drain');
      }
      stream.end();
    })();
    sent.catch((error: unknown) => stream.destroy(error as Error));
    try {
      for await (const answer of stream) yield toStreamAnswer(answer as ModelStreamInferResponse);
    } catch (error) {
      throw (error as ServiceError).details === undefined ? error : serverError(error as ServiceError);
    } finally {
      stream.cancel();
    }
  }

  close(): void {
    this.#client.close();
    this.#health.close();
  }
}

/** Shows a credential with every call. */
function showing(credential: string): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        metadata.set('authorization', `Bearer ${credential}`);
        next(metadata, listener);
      },
    });
}

function toRequest(model: string, inputs: readonly Tensor[], call: GrpcInferenceCall): ModelInferRequest {
  const parameters = Object.entries(call.parameters ?? {}).map(([name, value]) => [name, toParameter(value)]);
  return ModelInferRequest.fromPartial({
    modelName: model,
    modelVersion: call.version ?? '',
    id: call.id ?? '',
    parameters: Object.fromEntries(parameters),
    inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(BigInt) })),
    outputs: (call.outputs ?? []).map((name) => ({ name })),
    rawInputContents: inputs.map((input) => input.data),
  });
}

function toParameter(value: string | number | bigint | boolean): InferParameter {
  switch (typeof value) {
    case 'boolean':
      return { parameterChoice: { $case: 'boolParam', value } };
    case 'string':
      return { parameterChoice: { $case: 'stringParam', value } };
    case 'bigint':
      return { parameterChoice: { $case: value < 0n ? 'int64Param' : 'uint64Param', value } };
    default:
      return Number.isInteger(value)
        ? toParameter(BigInt(value))
        : { parameterChoice: { $case: 'doubleParam', value } };
  }
}

function toAnswer({ outputs, rawOutputContents, modelVersion, id }: ModelInferResponse): GrpcInferenceAnswer {
  const tensors = outputs.map(({ name, datatype, shape }, index) => ({
    name,
    datatype: datatype as Datatype,
    shape: shape.map(Number),
    data: rawOutputContents[index] ?? new Uint8Array(),
  }));
  return { outputs: tensors, modelVersion, id };
}

function toStreamAnswer({ errorMessage, inferResponse }: ModelStreamInferResponse): StreamAnswer {
  const id = inferResponse?.id ?? '';
  if (errorMessage !== '' || inferResponse === undefined) return { kind: 'error', id, error: errorOf(errorMessage) };
  return { kind: 'answer', id, answer: toAnswer(inferResponse) };
}

/** The answer of a unary call. */
function answered<Response>(
  call: (callback: (error: ServiceError | null, answer: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, answer) => (error === null ? resolve(answer) : reject(serverError(error))));
  });
}

function serverError({ details }: ServiceError): DomainError {
  return errorOf(details);
}

/** The gateway begins its details with the code. */
function errorOf(details: string): DomainError {
  const [code = '', ...rest] = details.split(': ');
  if (Object.hasOwn(ERROR_CATALOGUE, code)) return new DomainError(code as ErrorCode, rest.join(': '));
  return new DomainError('GATEWAY_UNAVAILABLE', `the gateway cannot be reached: ${details}`);
}
