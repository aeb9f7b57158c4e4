import { status } from '@grpc/grpc-js';
import type { Peer } from '#adapters/http-access';
import { decodeGrpcRequest, decompressed, readInferRequest, writeInferResponse } from '#adapters/open-inference';
import { FREE_PASS } from '#application/access';
import type { InferenceResult } from '#application/serving';
import { type CallHeaders, headerReader } from './call-headers.ts';
import type { CallMessage } from './call-message.ts';
import { refuseWhileDraining } from './draining.ts';
import { release } from './external-memory.ts';
import { serviceError } from './grpc-answers.ts';
import { grpcOperation } from './inference-operation.ts';
import type { RequestRecord } from './inference-telemetry.ts';
import type { RestParts } from './serving-parts.ts';
import { carrierOf } from './trace-carrier.ts';

/** How a unary call ends. */
export interface CallEnd {
  /** A length-prefixed message; `undefined` when the call failed. */
  readonly frame: Buffer | undefined;
  readonly code: number;
  readonly details: string;
  readonly trailers: Readonly<Record<string, string>>;
}

const MODEL_INFER = grpcOperation('inference.GRPCInferenceService', 'ModelInfer');

/** What is known of a call before its message. */
export interface AskedCall {
  readonly headers: CallHeaders;
  /** Who makes it, or passes it on. */
  readonly peer: Peer;
  /** Whether nobody waits for an answer any more. */
  readonly isGone: () => boolean;
}

/** Ends the call of somebody who is not let in, without waiting for its message. @param end called once, or not at all. */
export function refuseStranger({ headers, peer }: AskedCall, parts: RestParts, end: (end: CallEnd) => void): void {
  const refuse = (error: unknown) => fail(error, parts.telemetry.begin(MODEL_INFER, carrierOf(headers)), parts, end);
  try {
    parts.access.checkSender({ authorization: authorizationIn(headers), peer, headers })?.catch(refuse);
  } catch (error) {
    refuse(error);
  }
}

/** The hot path of gRPC; HOT_PATH.md draws it. @param end called once. */
export async function answerInference(
  { message, ...call }: AskedCall & { readonly message: CallMessage },
  parts: RestParts,
  end: (end: CallEnd) => void,
): Promise<void> {
  const { access, pipeline, telemetry, isDraining } = parts;
  const { headers, peer } = call;
  const record = telemetry.begin(MODEL_INFER, carrierOf(headers));
  let pass = FREE_PASS;
  try {
    refuseWhileDraining(isDraining);
    const bytes = message.encoding === undefined ? message.bytes : await unpacked(call, message, parts);
    const request = readInferRequest(bytes);
    const asked = { authorization: authorizationIn(headers), peer, headers, modelName: request.modelName };
    const passing = access.passInference(asked, bytes.byteLength);
    pass = passing instanceof Promise ? await passing : passing;
    pipeline.refuseIfFull(request.modelName);
    const decoded = decodeGrpcRequest(request);
    const observer = record.asked(decoded.modelName, decoded, request.id);
    const result = await pipeline.infer({ ...decoded, header: headerReader(headers), observer });
    const frame = writeInferResponse(result, request.id);
    record.answered(result);
    // Its runs are over but a mirrored one, and what is kept of the inputs, or given back as outputs, is in the frame or a copy.
    if (result.isMirrored !== true) release(bytes);
    end({ frame, code: status.OK, details: '', trailers: trailersOf(result, record) });
  } catch (error) {
    fail(error, record, parts, end);
  } finally {
    pass.end();
  }
}

/**
 * A message without its compression. Nothing is unpacked for strangers.
 *
 * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE; UNSUPPORTED, REQUEST_MALFORMED, REQUEST_TOO_LARGE
 */
export async function unpacked(
  { headers, peer, isGone }: AskedCall,
  { bytes, encoding }: CallMessage,
  { access, maxBodyBytes }: RestParts,
): Promise<Buffer> {
  await access.checkSender({ authorization: authorizationIn(headers), peer, headers });
  return decompressed(bytes, encoding, maxBodyBytes, { address: peer.address, isGone });
}

function fail(error: unknown, record: RequestRecord, { logger }: RestParts, end: (end: CallEnd) => void): void {
  record.failed(error);
  const { code, details } = serviceError(error, logger);
  end({ frame: undefined, code, details, trailers: traced({}, record) });
}

function authorizationIn(headers: CallHeaders): string | undefined {
  return headers['authorization']?.toString();
}

function trailersOf(
  { modelVersion, role, isFallback }: InferenceResult,
  record: RequestRecord,
): Record<string, string> {
  const trailers: Record<string, string> = { 'slipway-served-by': String(modelVersion) };
  if (role !== 'stable') trailers['slipway-role'] = role;
  if (isFallback) trailers['slipway-fallback'] = 'true';
  return traced(trailers, record);
}

function traced(trailers: Record<string, string>, { traceparent }: RequestRecord): Record<string, string> {
  if (traceparent !== undefined) trailers['traceparent'] = traceparent;
  return trailers;
}
