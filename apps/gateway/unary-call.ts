import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { FRAME_HEADER_BYTES } from '#adapters/open-inference';
import { CALL_HEAD, MESSAGES_AND_TRAILERS, statusOf, TRAILERS_ONLY, watchDeadline } from './call-answer.ts';
import { type CallMessage, FramingError, MessageReader } from './call-message.ts';
import type { CallEnd } from './grpc-infer.ts';

/** Answers a call whose message has come whole. @param end to be called once. */
export type AnswerCall = (message: CallMessage, end: (end: CallEnd) => void) => void;

/**
 * A unary gRPC call on its bare stream.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export class UnaryCall {
  readonly #stream: ServerHttp2Stream;
  readonly #maxMessageBytes: number;
  #message: CallMessage | undefined;
  #isOver = false;
  #stopTimer = () => {};

  /** @param maxMessageBytes of the request and of its answer. */
  constructor(stream: ServerHttp2Stream, maxMessageBytes: number) {
    this.#stream = stream;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Whether nobody waits for its answer any more. */
  get isOver(): boolean {
    return this.#isOver || this.#stream.destroyed || this.#stream.closed;
  }

  /** Reads the message and has it answered; that of a call which is over is read and let go. */
  take(headers: IncomingHttpHeaders, answer: AnswerCall): void {
    const stream = this.#stream;
    const reader = new MessageReader(headers['grpc-encoding'], this.#maxMessageBytes);
    // Whoever breaks off wants no answer, and an error without a listener would end the process.
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => {
      if (this.#isOver) return;
      this.#read(reader, chunk);
      if (this.#isOver) reader.clear();
    });
    stream.on('end', () => {
      if (this.#isOver || stream.aborted) return;
      const message = this.#message;
      if (message !== undefined) answer(message, (end) => this.end(end));
      else if (reader.pendingBytes > 0) this.#fail(status.INTERNAL, reader.explainPending());
      else this.#fail(status.UNIMPLEMENTED, 'the call ended without a message');
    });
    if (this.#isOver) return;
    this.#stopTimer = watchDeadline(stream, headers, (code, details) => this.#fail(code, details));
  }

  /** Ends the call, if it is not over: what comes of its message then is not read. */
  end({ frame, code, details, trailers }: CallEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#message = undefined;
    this.#stopTimer();
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    if (frame === undefined) stream.respond({ ...CALL_HEAD, ...trailers, ...statusOf(code, details) }, TRAILERS_ONLY);
    else if (frame.byteLength > FRAME_HEADER_BYTES + this.#maxMessageBytes) {
      const problem = `the answer is larger than the ${this.#maxMessageBytes} bytes that this server sends`;
      stream.respond({ ...CALL_HEAD, ...statusOf(status.RESOURCE_EXHAUSTED, problem) }, TRAILERS_ONLY);
    } else {
      stream.respond(CALL_HEAD, MESSAGES_AND_TRAILERS);
      stream.once('wantTrailers', () => stream.sendTrailers({ ...trailers, 'grpc-status': code }));
      stream.end(frame);
    }
  }

  /** Takes the message out of what has come, or tells the client what is wrong with it. */
  #read(reader: MessageReader, chunk: Buffer): void {
    if (!reader.add(chunk)) {
      const problem = `the message is larger than the ${this.#maxMessageBytes} bytes that this server takes`;
      this.#fail(status.RESOURCE_EXHAUSTED, problem);
      return;
    }
    try {
      this.#message ??= reader.next();
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#fail(status.INTERNAL, error.message);
      return;
    }
    if (this.#message !== undefined && reader.pendingBytes > 0)
      this.#fail(status.UNIMPLEMENTED, 'the call has more than one message');
  }

  #fail(code: number, details: string): void {
    this.end({ frame: undefined, code, details, trailers: {} });
  }
}
