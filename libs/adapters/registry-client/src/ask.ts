import http from 'node:http';
import https from 'node:https';
import type { RegistryServer } from './registry-server.ts';

/** The answer to a question may take this long; transfers of bytes are not limited. */
const TIMEOUT_MS = 30_000;

/** A small request. */
export interface Question {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back, whole. */
export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Opens a request; those of a registry over TLS go by the agent that knows whom to trust. */
export function openRequest(
  url: string,
  options: http.RequestOptions,
  agent: RegistryServer['agent'],
): http.ClientRequest {
  if (!url.startsWith('https:')) return http.request(url, options);
  return https.request(url, agent === undefined ? options : { ...options, agent });
}

/** Asks the registry something, and reads the answer. @throws the connection's error. */
export function ask(url: string, { method, headers, body }: Question, agent: RegistryServer['agent']): Promise<Reply> {
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = openRequest(url, { method, headers: { ...headers, ...length } }, agent);
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      outcome();
    };
    const fail = (error: Error) => settle(() => reject(error));
    request.once('error', fail);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', fail);
      response.once('end', () =>
        settle(() =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        ),
      );
    });
    request.end(body);
  });
}
