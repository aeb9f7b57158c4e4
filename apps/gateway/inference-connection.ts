import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Peer, peerOf } from '#adapters/http-access';
import { joinedBody } from './body-collector.ts';
import type { ConnectionTimes } from './connection-limits.ts';
import { httpDate } from './http-date.ts';
import { type PlainHead, readPlainHead } from './plain-head.ts';
import type { RestExchange, UnreadRequest } from './rest-exchange.ts';
import type { RestReply } from './rest-reply.ts';

/** What becomes of plain inference requests. */
export interface PlainInferences {
  /** A body that is larger is left to Node.js, as is all that is refused before it is read. */
  readonly maxBodyBytes: number;
  /** Whether a request is worth waiting for its body. */
  wants(request: UnreadRequest): boolean;
  /** Answers a request that has come whole, once. */
  answer(exchange: UnreadRequest & RestExchange, reply: RestReply): void;
}

/** Told that a connection is no longer ours: it is over, or somebody has to read it from its next byte on. */
type Leave = (isOver: boolean) => void;

/** What Node.js takes for a head, too. */
const MAX_HEAD_BYTES = 16 * 1024;
/** A longer head is read each time. */
const MAX_KEPT_HEAD_BYTES = 2048;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const REQUEST_TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';

type State = 'new' | 'idle' | 'reading' | 'answering';

interface ReadHead {
  /** With the empty line. */
  readonly bytes: Buffer;
  readonly read: PlainHead;
}

/** A request whose body is still to come. */
interface UnfinishedRequest {
  readonly head: PlainHead;
  readonly chunks: Buffer[];
  received: number;
}

/**
 * A connection that brings plain inference requests, one after the other. With the first byte of anything else it is handed over, and
 * never comes back.
 */
export class InferenceConnection implements RestReply {
  readonly #socket: Socket;
  readonly #peer: Peer;
  readonly #inferences: PlainInferences;
  readonly #leave: Leave;
  readonly #keepAlive: string;
  #state: State = 'new';
  /** How long it has been in its state, as far as {@link expire} has counted. */
  #ageMs = 0;
  #unread: UnfinishedRequest | undefined;
  #isLast = false;
  /** Most clients send one head again and again. */
  #lastHead: ReadHead | undefined;

  constructor(socket: Socket, inferences: PlainInferences, { keepAliveTimeout }: ConnectionTimes, leave: Leave) {
    this.#socket = socket;
    this.#peer = peerOf(socket);
    this.#inferences = inferences;
    this.#leave = leave;
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveTimeout / 1000)}\r\n\r\n`;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  get isGone(): boolean {
    return this.#socket.destroyed;
  }

  send(status: number, headers: readonly string[], body: string | Uint8Array, isLast = false): void {
    this.#isLast ||= isLast;
    const length = Buffer.byteLength(body);
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
    head += `content-length: ${length}\r\nDate: ${httpDate()}\r\n`;
    head += this.#isLast ? 'Connection: close\r\n\r\n' : this.#keepAlive;
    this.#write(head, body, length);
    this.#goOn();
  }

  /** Ends the connection if no request is on it, and otherwise when that is answered. */
  endSoon(): void {
    this.#isLast = true;
    if (this.#state === 'idle' || this.#state === 'new') this.#socket.destroySoon();
  }

  /** Ends the connection if its client has taken too long. @param passedMs since the last call. */
  expire(passedMs: number, { headersTimeout, requestTimeout, keepAliveTimeout }: ConnectionTimes): void {
    this.#ageMs += passedMs;
    if (this.#state === 'idle' && this.#ageMs > keepAliveTimeout) this.#socket.destroy();
    else if (this.#state === 'new' && this.#ageMs > headersTimeout) this.#breakOff(REQUEST_TIMEOUT);
    else if (this.#state === 'reading' && this.#ageMs > requestTimeout) this.#breakOff(REQUEST_TIMEOUT);
  }

  readonly #onData = (chunk: Buffer) => {
    if (this.#state === 'answering') this.#putBack(chunk);
    else if (this.#unread === undefined) this.#begin(chunk);
    else this.#read(this.#unread, chunk);
  };

  readonly #onEnd = () => {
    this.#isLast = true;
    if (this.#state === 'reading') this.#breakOff(BAD_REQUEST);
    else if (this.#state !== 'answering') this.#socket.end();
  };

  readonly #onError = () => this.#socket.destroy();

  readonly #onClose = () => this.#leave(true);

  #begin(chunk: Buffer): void {
    const head = this.#headOf(chunk);
    if (head === undefined || head.read.contentLength > this.#inferences.maxBodyBytes) {
      this.#handOver(chunk);
      return;
    }
    const { bytes, read } = head;
    const bodyBytes = chunk.byteLength - bytes.byteLength;
    if (bodyBytes >= read.contentLength) {
      const end = bytes.byteLength + read.contentLength;
      if (bodyBytes > read.contentLength) this.#putBack(chunk.subarray(end));
      this.#answer(read, chunk.subarray(bytes.byteLength, end));
    } else if (this.#inferences.wants({ ...read, peer: this.#peer })) {
      this.#enter('reading');
      const chunks = bodyBytes === 0 ? [] : [chunk.subarray(bytes.byteLength)];
      this.#unread = { head: read, chunks, received: bodyBytes };
    } else this.#handOver(chunk);
  }

  /** The head at a chunk's beginning; `undefined` when it is not plain, or not whole. */
  #headOf(chunk: Buffer): ReadHead | undefined {
    const last = this.#lastHead;
    if (last !== undefined && beginsWith(chunk, last.bytes)) return last;
    const end = chunk.indexOf(END_OF_HEAD);
    if (end < 0 || end > MAX_HEAD_BYTES) return undefined;
    const read = readPlainHead(chunk.toString('latin1', 0, end));
    if (read === undefined) return undefined;
    const head = { bytes: Buffer.from(chunk.subarray(0, end + END_OF_HEAD.byteLength)), read };
    if (head.bytes.byteLength <= MAX_KEPT_HEAD_BYTES) this.#lastHead = head;
    return head;
  }

  #read(unread: UnfinishedRequest, chunk: Buffer): void {
    const missing = unread.head.contentLength - unread.received;
    if (chunk.byteLength > missing) this.#putBack(chunk.subarray(missing));
    const part = chunk.byteLength > missing ? chunk.subarray(0, missing) : chunk;
    unread.chunks.push(part);
    unread.received += part.byteLength;
    if (unread.received < unread.head.contentLength) return;
    this.#unread = undefined;
    this.#answer(unread.head, joinedBody(unread.chunks, unread.received));
  }

  #answer({ headers, params }: PlainHead, body: Buffer): void {
    this.#enter('answering');
    this.#inferences.answer({ headers, params, body, peer: this.#peer }, this);
  }

  #write(head: string, body: string | Uint8Array, length: number): void {
    const socket = this.#socket;
    if (typeof body === 'string') {
      const isAscii = length === body.length;
      socket.write(head + body, isAscii ? 'latin1' : 'utf8');
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(body);
    socket.uncork();
  }

  #goOn(): void {
    this.#enter('idle');
    if (this.#isLast) this.#socket.destroySoon();
    else if (this.#socket.writableNeedDrain) {
      this.#socket.pause();
      this.#socket.once('drain', () => this.#socket.resume());
    } else if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** What comes before the request in work is answered waits for that. */
  #putBack(chunk: Buffer): void {
    this.#socket.pause();
    this.#socket.unshift(chunk);
  }

  #handOver(chunk: Buffer): void {
    const socket = this.#socket;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
    this.#putBack(chunk);
    this.#leave(false);
    socket.resume();
  }

  #breakOff(answer: string): void {
    this.#socket.write(answer, 'latin1');
    this.#socket.destroySoon();
  }

  #enter(state: State): void {
    this.#state = state;
    this.#ageMs = 0;
  }
}

function beginsWith(chunk: Buffer, bytes: Buffer): boolean {
  const { byteLength } = bytes;
  return chunk.byteLength >= byteLength && chunk.compare(bytes, 0, byteLength, 0, byteLength) === 0;
}
