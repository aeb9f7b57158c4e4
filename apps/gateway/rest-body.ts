import { type BodySender, decompressed } from '#adapters/open-inference';
import { DomainError } from '#domain/errors';
import type { RestRequest } from './route-set.ts';

/**
 * The body of a request without its compression; empty when there is none.
 *
 * @param maxBytes that it may have then.
 * @param sender of the request.
 * @throws UNSUPPORTED, REQUEST_MALFORMED, REQUEST_TOO_LARGE
 */
export function bodyOf(
  { body, headers }: Pick<RestRequest, 'body' | 'headers'>,
  maxBytes: number,
  sender: BodySender,
): Buffer | Promise<Buffer> {
  const encoding = headers['content-encoding'];
  const whole = body ?? Buffer.alloc(0);
  return encoding === undefined ? whole : decompressed(whole, encoding, maxBytes, sender);
}

/** Who sends a request that has come by Fastify. */
export function senderOf({ raw: { socket } }: RestRequest): BodySender {
  return { address: socket.remoteAddress, isGone: () => socket.destroyed };
}

/**
 * The JSON object of a control request; an absent body is an empty one.
 *
 * @throws REQUEST_MALFORMED, and as {@link bodyOf}
 */
export async function jsonObjectOf(request: RestRequest, maxBytes: number): Promise<Record<string, unknown>> {
  const body = await bodyOf(request, maxBytes, senderOf(request));
  if (body.byteLength === 0) return {};
  let document: unknown;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new DomainError('REQUEST_MALFORMED', `the body is not JSON: ${(error as Error).message}`);
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document))
    return document as Record<string, unknown>;
  throw new DomainError('REQUEST_MALFORMED', 'the body must be a JSON object');
}
