import type { ServerDuplexStream } from '@grpc/grpc-js';
import { authorizationOf } from '#adapters/grpc-access';
import { decodeGrpcRequest, encodeGrpcResponse, readInferRequest } from '#adapters/open-inference';
import { FREE_PASS } from '#application/access';
import { DomainError, isDomainError } from '#domain/errors';
import type { ModelInferRequest, ModelStreamInferResponse } from '#generated/inference/open_inference';
import { headerReader } from './call-headers.ts';
import { refuseWhileDraining } from './draining.ts';
import { serviceError } from './grpc-answers.ts';
import type { ShownSender } from './serving-access.ts';
import type { GrpcParts } from './serving-parts.ts';

type InferCall = ServerDuplexStream<Buffer, ModelStreamInferResponse>;

/** Requests of one stream in work at once; beyond it the stream is not read, and the client feels it. */
export const MAX_STREAM_IN_FLIGHT = 32;
/** Every request has one answer, which is its last. */
const FINAL = { triton_final_response: { parameterChoice: { $case: 'boolParam', value: true } } } as const;

/**
 * Inferences over one stream: several in work at once, answered in their order. A request that fails is answered with its error, and
 * the stream goes on. It ends when the client has no more requests and every one is answered, or when it has no credential that is valid and
 * needs one: each request is asked for anew whether it may be.
 *
 * @see Triton's ModelStreamInfer, for models that are not decoupled
 */
export function inferStream(call: InferCall, parts: GrpcParts): void {
  const headers = call.metadata.toHttp2Headers();
  const asked: AskedStream = {
    authorization: authorizationOf(call.metadata),
    peer: parts.peers.of(call),
    headers,
    header: headerReader(headers),
  };
  let inFlight = 0;
  let answered: Promise<void> = Promise.resolve();
  call.on('data', (request: Buffer) => {
    inFlight += 1;
    if (inFlight >= MAX_STREAM_IN_FLIGHT) call.pause();
    const answer = answerOf(request, asked, parts);
    answered = answered.then(async () => {
      const given = await answer;
      if (given instanceof DomainError) call.emit('error', serviceError(given, parts.logger));
      else await write(call, given);
      inFlight -= 1;
      if (inFlight < MAX_STREAM_IN_FLIGHT) call.resume();
    });
  });
  // A client that breaks off wants no answer, and an error without a listener would end the process.
  call.on('error', () => {});
  call.on('end', () => void answered.then(() => call.end()));
}

/** What holds for all requests of a stream. */
interface AskedStream extends ShownSender {
  readonly header: (name: string) => string | undefined;
}

/** Never fails: a failure is an answer, but that the stream has no valid credential, which ends it. */
async function answerOf(
  bytes: Buffer,
  { header, ...sender }: AskedStream,
  parts: GrpcParts,
): Promise<ModelStreamInferResponse | DomainError> {
  let named: Pick<ModelInferRequest, 'id' | 'modelName' | 'modelVersion'> = { id: '', modelName: '', modelVersion: '' };
  let pass = FREE_PASS;
  try {
    const request = readInferRequest(bytes);
    named = request;
    refuseWhileDraining(parts.isDraining);
    pass = await parts.access.passInference({ ...sender, modelName: request.modelName }, bytes.byteLength);
    const result = await parts.pipeline.infer({ ...decodeGrpcRequest(request), header });
    const response = encodeGrpcResponse(result, request.id);
    return { errorMessage: '', inferResponse: { ...response, parameters: { ...response.parameters, ...FINAL } } };
  } catch (error) {
    if (isDomainError(error, 'UNAUTHENTICATED')) return error;
    const { details } = serviceError(error, parts.logger);
    const { id, modelName, modelVersion } = named;
    const inferResponse = { id, modelName, modelVersion, parameters: FINAL, outputs: [], rawOutputContents: [] };
    return { errorMessage: details, inferResponse };
  } finally {
    pass.end();
  }
}

/** Waits while the client reads more slowly than it is answered. */
async function write(call: InferCall, answer: ModelStreamInferResponse): Promise<void> {
  if (call.cancelled || call.destroyed || call.writableEnded || call.write(answer)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const event of EVENTS_AFTER_A_WRITE) call.off(event, done);
      resolve();
    };
    for (const event of EVENTS_AFTER_A_WRITE) call.once(event, done);
  });
}

const EVENTS_AFTER_A_WRITE = ['drain', 'cancelled', 'close', 'error'] as const;
