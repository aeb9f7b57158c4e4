import { status } from '@grpc/grpc-js';
import type { Peer } from '#adapters/http-access';
import { decodeGrpcRequest, decompressed, readInferRequest, writeInferResponse } from '#adapters/open-inference';
import { type Caller, FREE_PASS } from '#application/access';
import type { InferenceResult } from '#application/serving';
import { type CallHeaders, headerReader } from './call-headers.ts';
import type { CallMessage } from './call-message.ts';
import { refuseWhileDraining } from './draining.ts';
import { release } from './external-memory.ts';
import { serviceError } from './grpc-answers.ts';
import { grpcOperation } from './inference-operation.ts';
import type { RequestRecord } from './inference-telemetry.ts';
import type { ShownSender } from './serving-access.ts';
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

/** What the headers of a call show of its sender. */
export function senderOf(headers: CallHeaders, peer: Peer): ShownSender {
  return { authorization: headers['authorization']?.toString(), peer, headers };
}

/** A call of somebody who was let in, and its message. */
export interface AdmittedCall extends AskedCall {
  /** Absent where nobody is asked who they are. */
  readonly caller: Caller | undefined;
  readonly message: CallMessage;
}

/**
 * Finds out who makes a call, once and without waiting for its message. The call of somebody who is not let in ends here.
 *
 * @param end called once, or not at all.
 * @returns hands the caller over, at once or when it is known who they are; never, when they are not let in.
 */
export function admitCall(
  { headers, peer }: AskedCall,
  parts: RestParts,
  end: (end: CallEnd) => void,
): (proceed: (caller: Caller | undefined) => void) => void {
  const refuse = (error: unknown) => fail(error, parts.telemetry.begin(MODEL_INFER, carrierOf(headers)), parts, end);
  try {
    const caller = parts.access.callerOf(senderOf(headers, peer));
    if (!(caller instanceof Promise)) return (proceed) => proceed(caller);
    caller.catch(refuse);
    return (proceed) => void caller.then(proceed, () => {});
  } catch (error) {
    refuse(error);
    return () => {};
  }
}

/** The hot path of gRPC; HOT_PATH.md draws it. @param end called once. */
export async function answerInference(
  { message, caller, headers, peer, isGone }: AdmittedCall,
  parts: RestParts,
  end: (end: CallEnd) => void,
): Promise<void> {
  const { access, pipeline, telemetry, isDraining } = parts;
  const record = telemetry.begin(MODEL_INFER, carrierOf(headers));
  let pass = FREE_PASS;
  try {
    refuseWhileDraining(isDraining);
    const bytes = message.encoding === undefined ? message.bytes : await unpacked({ peer, isGone }, message, parts);
    const request = readInferRequest(bytes);
    pass = access.passCaller(caller, request.modelName, bytes.byteLength);
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
 * The message of a call that was admitted, without its compression: nothing is unpacked for strangers.
 *
 * @throws UNSUPPORTED, REQUEST_MALFORMED, REQUEST_TOO_LARGE
 */
export function unpacked(
  { peer, isGone }: Pick<AskedCall, 'peer' | 'isGone'>,
  { bytes, encoding }: CallMessage,
  { maxBodyBytes }: RestParts,
): Promise<Buffer> {
  return decompressed(bytes, encoding, maxBodyBytes, { address: peer.address, isGone });
}

function fail(error: unknown, record: RequestRecord, { logger }: RestParts, end: (end: CallEnd) => void): void {
  record.failed(error);
  const { code, details } = serviceError(error, logger);
  end({ frame: undefined, code, details, trailers: traced({}, record) });
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
