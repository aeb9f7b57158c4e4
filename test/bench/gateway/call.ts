import http from 'node:http';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Workload } from './workload.ts';

/** How requests travel: JSON or binary tensors over HTTP/1.1, or gRPC. */
export type Way = 'json' | 'binary' | 'grpc';

/** One request that is sent again and again, and how to read the reply. */
export type Call = HttpCall | GrpcCall;

interface CallParts {
  readonly body: Buffer;
  /** Numbers by output name. */
  readonly decode: (reply: Reply) => Readonly<Record<string, readonly number[]>>;
}

/** A POST. */
export interface HttpCall extends CallParts {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A unary method. The body is the message, not yet framed. */
export interface GrpcCall extends CallParts {
  readonly kind: 'grpc';
  /** Host and port. */
  readonly address: string;
  readonly path: string;
  /** Beside those of gRPC itself. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly body: Buffer;
  readonly headers: http.IncomingHttpHeaders;
}

/** The largest relative difference to the right answer: batches round differently. */
const TOLERANCE = 1e-3;
const CALL_TIMEOUT_MS = 60_000;

/**
 * Makes a call once and compares the answer with the right one.
 *
 * @returns the reply's size in bytes.
 * @throws Error when the server answers with an error, or wrongly.
 */
export async function checkCall(call: Call, expected: Workload['expected'], agent?: http.Agent): Promise<number> {
  const reply = await callOnce(call, agent);
  const outputs = call.decode(reply);
  for (const { name, data } of expected) {
    const answered = outputs[name] ?? [];
    const wrong = data.findIndex((value, index) => !isClose(answered[index], value));
    if (answered.length !== data.length || wrong >= 0)
      throw new Error(
        `wrong answer: ${name} has ${answered.length} of ${data.length} values, [${wrong}] is ${answered[wrong]} instead of ${data[wrong]}`,
      );
  }
  return reply.body.length;
}

function isClose(answered: number | undefined, expected: number): boolean {
  return answered !== undefined && Math.abs(answered - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
}

/** @throws Error unless the status is 200, or OK. */
export function callOnce(call: Call, agent?: http.Agent): Promise<Reply> {
  return call.kind === 'http' ? postOnce(call, agent) : invokeOnce(call);
}

function postOnce({ url, headers, body }: HttpCall, agent?: http.Agent): Promise<Reply> {
  const options = { method: 'POST', headers: { ...headers, 'content-length': body.length }, timeout: CALL_TIMEOUT_MS };
  return new Promise((resolve, reject) => {
    const request = http.request(url, agent === undefined ? options : { ...options, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const answer = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve({ body: answer, headers: response.headers });
        else reject(new Error(`status ${response.statusCode}: ${answer.subarray(0, 300)}`));
      });
    });
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('error', reject);
    request.end(body);
  });
}

function invokeOnce({ address, path, body, headers = {} }: GrpcCall): Promise<Reply> {
  const client = new Client(address, credentials.createInsecure());
  const raw = (bytes: Buffer) => bytes;
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return new Promise((resolve, reject) => {
    const deadline = { deadline: Date.now() + CALL_TIMEOUT_MS };
    client.makeUnaryRequest(path, raw, raw, body, metadata, deadline, (error: ServiceError | null, answer?: Buffer) => {
      client.close();
      if (error !== null || answer === undefined) reject(error ?? new Error('no answer'));
      else resolve({ body: answer, headers: {} });
    });
  });
}
