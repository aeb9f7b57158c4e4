import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { FRAME_HEADER_BYTES } from '#adapters/open-inference';
import { release } from './external-memory.ts';
import type { CallEnd } from './grpc-infer.ts';

/** Answers a call whose message has come whole. @param end to be called once. */
export type AnswerCall = (message: Buffer, headers: IncomingHttpHeaders, end: (end: CallEnd) => void) => void;

const HEAD = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,deflate,gzip',
};
const MESSAGE_AND_TRAILERS = { waitForTrailers: true, sendDate: false };
const TRAILERS_ONLY = { endStream: true, sendDate: false };

const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * A unary gRPC call on its bare stream. Its message is not compressed.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export class UnaryCall {
  readonly #stream: ServerHttp2Stream;
  readonly #maxMessageBytes: number;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param maxMessageBytes of the request and of its answer. */
  constructor(stream: ServerHttp2Stream, maxMessageBytes: number) {
    this.#stream = stream;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Reads the message and has it answered. */
  take(headers: IncomingHttpHeaders, answer: AnswerCall): void {
    const stream = this.#stream;
    // Whoever breaks off wants no answer, and an error without a listener would end the process.
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.on('end', () => {
      const message = this.#isOver || stream.aborted ? undefined : this.#message();
      if (message !== undefined) answer(message, headers, (end) => this.end(end));
    });
    const timeout = headers['grpc-timeout'];
    if (timeout !== undefined) this.#startTimer(String(timeout));
  }

  /** Ends the call, if it is not over: what comes of its message then is not read. */
  end({ frame, code, details, trailers }: CallEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#chunks.length = 0;
    clearTimeout(this.#timer);
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    if (frame === undefined) stream.respond({ ...HEAD, ...trailers, ...statusOf(code, details) }, TRAILERS_ONLY);
    else if (frame.byteLength > FRAME_HEADER_BYTES + this.#maxMessageBytes) {
      const problem = `the answer is larger than the ${this.#maxMessageBytes} bytes that this server sends`;
      stream.respond({ ...HEAD, ...statusOf(status.RESOURCE_EXHAUSTED, problem) }, TRAILERS_ONLY);
    } else {
      stream.respond(HEAD, MESSAGE_AND_TRAILERS);
      stream.once('wantTrailers', () => stream.sendTrailers({ ...trailers, 'grpc-status': code }));
      stream.end(frame);
    }
  }

  #startTimer(timeout: string): void {
    const [, amount, unit] = TIMEOUT.exec(timeout) ?? [];
    if (amount === undefined || unit === undefined) {
      this.#fail(status.INTERNAL, `grpc-timeout: ${JSON.stringify(timeout.slice(0, 40))} is none`);
      return;
    }
    const timeoutMs = Math.min(Number(amount) * (UNIT_MS[unit] ?? 1), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#fail(status.DEADLINE_EXCEEDED, 'Deadline exceeded'), timeoutMs);
    this.#stream.on('close', () => clearTimeout(this.#timer));
  }

  #read(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#chunks.push(chunk);
    this.#received += chunk.byteLength;
    if (this.#received <= FRAME_HEADER_BYTES + this.#maxMessageBytes) return;
    const problem = `the message is larger than the ${this.#maxMessageBytes} bytes that this server takes`;
    this.#fail(status.RESOURCE_EXHAUSTED, problem);
  }

  /** Takes the message out of its frame; `undefined` when there is none, which is told the client. */
  #message(): Buffer | undefined {
    if (this.#received === 0) return this.#fail(status.UNIMPLEMENTED, 'the call ended without a message');
    if (this.#received < FRAME_HEADER_BYTES) return this.#fail(status.INTERNAL, 'the message has no whole length');
    const head = this.#head();
    const length = head.readUInt32BE(1);
    const rest = this.#received - FRAME_HEADER_BYTES;
    if (rest < length) return this.#fail(status.INTERNAL, `the message has ${rest} of its ${length} bytes`);
    if (rest > length) return this.#fail(status.UNIMPLEMENTED, 'the call has more than one message');
    if (head[0] !== 0)
      return this.#fail(status.INTERNAL, 'the message is marked as compressed, without a grpc-encoding');
    return withoutHead(this.#chunks, length);
  }

  #head(): Buffer {
    const first = this.#chunks[0] as Buffer;
    return first.byteLength >= FRAME_HEADER_BYTES ? first : Buffer.concat(this.#chunks, FRAME_HEADER_BYTES);
  }

  #fail(code: number, details: string): undefined {
    this.end({ frame: undefined, code, details, trailers: {} });
  }
}

function statusOf(code: number, details: string) {
  return { 'grpc-status': code, 'grpc-message': encodeURI(details.toWellFormed()) };
}

/** Joined in memory of its own, which can be given back; what it came in is given back at once. */
function withoutHead(chunks: readonly Buffer[], length: number): Buffer {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first.subarray(FRAME_HEADER_BYTES);
  const message = Buffer.allocUnsafeSlow(length);
  let at = -FRAME_HEADER_BYTES;
  for (const chunk of chunks) {
    if (at + chunk.byteLength > 0) chunk.copy(message, Math.max(0, at), Math.max(0, -at));
    at += chunk.byteLength;
    release(chunk);
  }
  return message;
}
