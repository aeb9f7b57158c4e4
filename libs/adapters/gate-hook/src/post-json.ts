import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';

/** A body, the headers that it needs beside its length, and how the host is found. */
export interface JsonPost {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly lookup: LookupFunction;
  /** Of the answer; what is longer is not read to its end. */
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
}

/** An answer; without its text when that is too long. */
export interface PostAnswer {
  readonly status: number;
  readonly text: string | undefined;
}

/**
 * Posts JSON on a connection of its own, and follows no redirect: it could lead to a host that is not allowed. Not by `fetch`, which does not let
 * its caller look at the addresses that it connects to.
 *
 * @throws what the signal was aborted with; Error that says why the host cannot be reached.
 */
export async function postJson(
  url: URL,
  { body, headers, lookup, maxAnswerBytes, signal }: JsonPost,
): Promise<PostAnswer> {
  const { request } = url.protocol === 'https:' ? https : http;
  try {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        agent: false,
        headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        lookup,
        signal,
      });
      sent.once('response', resolve).once('error', reject).end(body);
    });
    return { status: response.statusCode ?? 0, text: await textWithin(response, maxAnswerBytes) };
  } catch (error) {
    signal.throwIfAborted();
    // Of several addresses that all failed there is only a code.
    const { message, code } = error as NodeJS.ErrnoException;
    throw new Error(`${url.host} cannot be reached: ${message || code}`, { cause: error });
  }
}

/** The body; `undefined` when it is longer. */
async function textWithin(response: http.IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (sizeBytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
