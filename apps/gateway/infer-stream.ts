import { status } from '@grpc/grpc-js';
import { decodeGrpcRequest, encodeGrpcResponse, FRAME_HEADER_BYTES, readInferRequest } from '#adapters/open-inference';
import { FREE_PASS } from '#application/access';
import { DomainError, isDomainError } from '#domain/errors';
import { type ModelInferRequest, ModelStreamInferResponse } from '#generated/inference/open_inference';
import { headerReader } from './call-headers.ts';
import type { CallMessage } from './call-message.ts';
import { refuseWhileDraining } from './draining.ts';
import { release } from './external-memory.ts';
import { serviceError } from './grpc-answers.ts';
import { type AskedCall, senderOf, unpacked } from './grpc-infer.ts';
import type { RestParts } from './serving-parts.ts';
import type { StreamCall } from './stream-call.ts';

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
export async function inferStream(call: StreamCall, asked: AskedCall, parts: RestParts): Promise<void> {
  const inWork: Promise<void>[] = [];
  let last: Promise<void> = Promise.resolve();
  for await (const message of call.messages()) {
    const answer = answerOf(message, asked, parts);
    const before = last;
    last = before.then(async () => give(await answer, call, parts));
    inWork.push(last);
    if (inWork.length >= MAX_STREAM_IN_FLIGHT) await inWork.shift();
  }
  await last;
  call.end(status.OK, '');
}

async function give(answer: Buffer | DomainError, call: StreamCall, { logger }: RestParts): Promise<void> {
  if (!(answer instanceof DomainError)) return call.write(answer);
  const { code, details } = serviceError(answer, logger);
  call.end(code, details);
}

/** Never fails: a failure is an answer, but that the stream has no valid credential, which ends it. */
async function answerOf(message: CallMessage, asked: AskedCall, parts: RestParts): Promise<Buffer | DomainError> {
  const { headers, peer } = asked;
  let named: Pick<ModelInferRequest, 'id' | 'modelName' | 'modelVersion'> = { id: '', modelName: '', modelVersion: '' };
  let pass = FREE_PASS;
  try {
    const caller = await parts.access.callerOf(senderOf(headers, peer));
    const bytes = message.encoding === undefined ? message.bytes : await unpacked(asked, message, parts);
    const request = readInferRequest(bytes);
    named = request;
    refuseWhileDraining(parts.isDraining);
    pass = parts.access.passCaller(caller, request.modelName, bytes.byteLength);
    const result = await parts.pipeline.infer({ ...decodeGrpcRequest(request), header: headerReader(headers) });
    const response = encodeGrpcResponse(result, request.id);
    const answer = framed({
      errorMessage: '',
      inferResponse: { ...response, parameters: { ...response.parameters, ...FINAL } },
    });
    // As for a single inference.
    if (result.isMirrored !== true) release(bytes);
    return answer;
  } catch (error) {
    if (isDomainError(error, 'UNAUTHENTICATED')) return error;
    const { details } = serviceError(error, parts.logger);
    const { id, modelName, modelVersion } = named;
    const inferResponse = { id, modelName, modelVersion, parameters: FINAL, outputs: [], rawOutputContents: [] };
    return framed({ errorMessage: details, inferResponse });
  } finally {
    pass.end();
  }
}

/** As gRPC frames a message that is not compressed. */
function framed(answer: ModelStreamInferResponse): Buffer {
  const head = Buffer.alloc(FRAME_HEADER_BYTES);
  const message = ModelStreamInferResponse.encode(answer).finish();
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}
