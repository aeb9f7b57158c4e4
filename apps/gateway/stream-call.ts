import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { FRAME_HEADER_BYTES } from '#adapters/open-inference';
import { CALL_HEAD, MESSAGES_AND_TRAILERS, statusOf, TRAILERS_ONLY, watchDeadline } from './call-answer.ts';
import { type CallMessage, FramingError, MessageReader } from './call-message.ts';

/**
 * A gRPC call of many messages and many answers on its bare stream. Messages stay as they came, compressed ones too, until they are asked for.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export class StreamCall {
  readonly #stream: ServerHttp2Stream;
  readonly #reader: MessageReader;
  readonly #maxMessageBytes: number;
  #stopTimer = () => {};
  #isOver = false;

  /** @param maxMessageBytes of each message and of each answer. */
  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, maxMessageBytes: number) {
    this.#stream = stream;
    this.#maxMessageBytes = maxMessageBytes;
    this.#reader = new MessageReader(headers['grpc-encoding'], maxMessageBytes);
    // Whoever breaks off wants no answer, and an error without a listener would end the process.
    stream.on('error', () => {});
    this.#stopTimer = watchDeadline(stream, headers, (code, details) => this.end(code, details));
  }

  /** Whether nobody waits for its answers any more. */
  get isOver(): boolean {
    return this.#isOver || this.#stream.destroyed || this.#stream.closed;
  }

  /** The client's messages, until it has no more or the call is over. No more is read of the stream than is taken. */
  async *messages(): AsyncGenerator<CallMessage, void, undefined> {
    const reader = this.#reader;
    try {
      for await (const chunk of this.#stream.iterator({ destroyOnReturn: false })) {
        // What still comes of a call that is over makes room for others on its connection.
        if (this.#isOver) continue;
        if (!reader.add(chunk as Buffer)) {
          const problem = `the message is larger than the ${this.#maxMessageBytes} bytes that this server takes`;
          this.end(status.RESOURCE_EXHAUSTED, problem);
        }
        for (let message = this.#next(); message !== undefined; message = this.#next()) yield message;
      }
    } catch {
      // The client broke off.
      return;
    }
    if (reader.pendingBytes > 0) this.end(status.INTERNAL, reader.explainPending());
  }

  /** Answers, and waits while the client reads more slowly than it is answered. @param frame a length-prefixed message. */
  async write(frame: Buffer): Promise<void> {
    if (this.isOver) return;
    const stream = this.#stream;
    if (frame.byteLength > FRAME_HEADER_BYTES + this.#maxMessageBytes) {
      this.end(
        status.RESOURCE_EXHAUSTED,
        `the answer is larger than the ${this.#maxMessageBytes} bytes that this server sends`,
      );
      return;
    }
    if (!stream.headersSent) stream.respond(CALL_HEAD, MESSAGES_AND_TRAILERS);
    if (stream.write(frame)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        for (const event of EVENTS_AFTER_A_WRITE) stream.off(event, done);
        resolve();
      };
      for (const event of EVENTS_AFTER_A_WRITE) stream.once(event, done);
    });
  }

  /** Ends the call, if it is not over: what is sent of it then is not read. */
  end(code: number, details: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reader.clear();
    this.#stopTimer();
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    if (!stream.headersSent) stream.respond({ ...CALL_HEAD, ...statusOf(code, details) }, TRAILERS_ONLY);
    else {
      stream.once('wantTrailers', () => stream.sendTrailers(statusOf(code, details)));
      stream.end();
    }
  }

  #next(): CallMessage | undefined {
    if (this.#isOver) return undefined;
    try {
      return this.#reader.next();
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.end(status.INTERNAL, error.message);
      return undefined;
    }
  }
}

const EVENTS_AFTER_A_WRITE = ['drain', 'close', 'error'] as const;
