import type http from 'node:http';
import { pipeline } from 'node:stream/promises';
import { openRequest } from './ask.ts';
import type { RegistryServer } from './registry-server.ts';

/** Silence for so long counts as a broken connection. */
const SILENCE_MS = 60_000;

/** How bytes are sent. */
export interface BytesRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly length: number;
  /** Time for the answer once everything is sent, in milliseconds. */
  readonly answerMs?: number;
  /** Of the registry; bytes for a bucket have none. */
  readonly agent?: RegistryServer['agent'];
}

/** What a server answered to bytes. */
export interface BytesReply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/**
 * Streams bytes to a URL with a length that is known before, which `fetch` does not send and S3 demands.
 *
 * @throws the connection's error; whatever the bytes' source throws is passed on.
 */
export async function sendBytes(
  url: string,
  request: BytesRequest,
  bytes: AsyncIterable<Uint8Array>,
): Promise<BytesReply> {
  const options = { method: request.method, headers: { ...request.headers, 'content-length': request.length } };
  const sent = openRequest(url, options, request.agent);
  sent.setTimeout(SILENCE_MS, () => sent.destroy(Object.assign(new Error('silence'), { code: 'ETIMEDOUT' })));
  const answered = replyTo(sent);
  // A server that refuses before it has read everything closes the connection: its answer says more than the broken pipe.
  const piped = pipeline(bytes, sent).then(() => sent.setTimeout(request.answerMs ?? SILENCE_MS));
  const [reply, pipe] = await Promise.allSettled([answered, piped]);
  if (reply.status === 'fulfilled' && (pipe.status === 'fulfilled' || reply.value.status >= 400)) return reply.value;
  throw pipe.status === 'rejected' ? pipe.reason : (reply as PromiseRejectedResult).reason;
}

function replyTo(sent: http.ClientRequest): Promise<BytesReply> {
  return new Promise((resolve, reject) => {
    sent.once('error', reject);
    sent.once('close', () => reject(new Error('the connection was closed')));
    sent.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body = `${body}${text}`.slice(0, 10_000);
      });
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
  });
}
