import type { IncomingHttpHeaders } from 'node:http';
import type { Peer } from '#adapters/http-access';
import { type BodySender, type DecodedBody, decodeRestRequest } from '#adapters/open-inference';
import type { InferenceResult } from '#application/serving';
import { DomainError } from '#domain/errors';
import { headerReader } from './call-headers.ts';
import { refuseWhileDraining } from './draining.ts';
import { restOperation } from './inference-operation.ts';
import type { RequestRecord } from './inference-telemetry.ts';
import { bodyOf } from './rest-body.ts';
import type { AskedInference } from './serving-access.ts';
import type { RestParts } from './serving-parts.ts';
import { carrierOf } from './trace-carrier.ts';

/** What an inference needs of an HTTP request, whoever has read it. */
export interface RestExchange {
  readonly headers: IncomingHttpHeaders;
  readonly params: ModelParams;
  readonly body: Buffer | undefined;
}

/** What is known of a request before its body. */
export interface UnreadRequest extends Pick<RestExchange, 'headers' | 'params'> {
  /** Who has sent it, or passed it on. */
  readonly peer: Peer;
}

/** What a path names. */
export interface ModelParams {
  readonly model: string;
  readonly version?: string;
}

const INFER = restOperation('/v2/models/{model}/infer');

/** Follows an inference request from here on. */
export function follow({ headers }: Pick<RestExchange, 'headers'>, { telemetry }: RestParts): RequestRecord {
  return telemetry.begin(INFER, carrierOf(headers));
}

/** Refuses what would be refused in the end, before any work is done for it. @throws SHUTTING_DOWN, QUEUE_FULL */
export function refuseInVain({ model }: ModelParams, { pipeline, isDraining }: RestParts): void {
  refuseWhileDraining(isDraining);
  pipeline.refuseIfFull(model);
}

/** Finds out whether a request is allowed, before it is read: see `ServingAccess.checkInference`. */
export function checkSender(request: UnreadRequest, { access }: RestParts): Promise<unknown> | undefined {
  return access.checkInference(askedBy(request));
}

/** What a request asks for, as access sees it. */
export function askedBy({ headers, params, peer }: UnreadRequest): AskedInference {
  return { authorization: headers.authorization, peer, headers, modelName: params.model };
}

/** Whether a request's body is worth waiting for. What has to find out who sends it does not know that yet. */
export function isWorthReading(request: UnreadRequest, parts: RestParts): boolean {
  try {
    const checking = checkSender(request, parts);
    checking?.catch(() => {});
    refuseInVain(request.params, parts);
    return checking === undefined;
  } catch {
    return false;
  }
}

/**
 * Decodes a request; one that is not compressed at once.
 *
 * @throws REQUEST_MALFORMED, TENSOR_INVALID, UNSUPPORTED, REQUEST_TOO_LARGE
 */
export function decode(
  exchange: RestExchange,
  sender: BodySender,
  parts: RestParts,
): DecodedBody | Promise<DecodedBody> {
  const { model, version } = exchange.params;
  const signature = () => parts.directory.describe(model, version).signature;
  const decodeBody = (body: Buffer) => decodeRestRequest(body, headerLengthOf(exchange), signature);
  const body = bodyOf(exchange, parts.maxBodyBytes, sender);
  return body instanceof Promise ? body.then(decodeBody) : decodeBody(body);
}

export function run(
  { params, headers }: RestExchange,
  { pipeline }: RestParts,
  record: RequestRecord,
  decoded: Pick<DecodedBody, 'id' | 'inputs' | 'outputNames' | 'timeoutMs' | 'priority' | 'sequence' | 'parameter'>,
): Promise<InferenceResult> {
  const { model, version = '' } = params;
  const { inputs, outputNames, timeoutMs, priority, sequence, parameter } = decoded;
  return pipeline.infer({
    modelName: model,
    modelVersion: version,
    inputs,
    outputNames,
    timeoutMs,
    priority,
    sequence,
    parameter,
    header: headerReader(headers),
    observer: record.asked(model, decoded, decoded.id),
  });
}

/** @throws REQUEST_MALFORMED */
function headerLengthOf({ headers }: RestExchange): number | undefined {
  const text = headers['inference-header-content-length'];
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^\d{1,10}$/.test(text)) return Number(text);
  throw new DomainError('REQUEST_MALFORMED', 'inference-header-content-length must be a number of bytes');
}
