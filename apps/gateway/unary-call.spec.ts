import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer, type Http2Server, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallEnd } from './grpc-infer.ts';
import { UnaryCall } from './unary-call.ts';

const MAX_BYTES = 100_000;
const frameOf = (message: Uint8Array, { flag = 0, length = message.byteLength } = {}) => {
  const frame = Buffer.alloc(5 + message.byteLength);
  frame[0] = flag;
  frame.writeUInt32BE(length, 1);
  frame.set(message, 5);
  return frame;
};
const message = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, index) => index % 251));
const echo = (bytes: Buffer): CallEnd => ({
  frame: frameOf(bytes),
  code: status.OK,
  details: '',
  trailers: { 'slipway-served-by': '2' },
});

describe('a unary call on its bare stream', () => {
  let server: Http2Server;
  let client: ClientHttp2Session;
  let asked: Buffer[];
  let answer: (bytes: Buffer) => CallEnd | undefined;

  beforeEach(async () => {
    asked = [];
    answer = echo;
    server = createServer().on('stream', (stream, headers) =>
      new UnaryCall(stream, MAX_BYTES).take(headers, ({ bytes }, end) => {
        asked.push(Buffer.from(bytes));
        const wanted = answer(bytes);
        if (wanted !== undefined) end(wanted);
      }),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => {
    client.destroy();
    server.close();
  });

  /** Sends pieces one after the other; answers what came back. */
  const call = async (pieces: readonly Uint8Array[], headers: Record<string, string> = {}) => {
    const stream = client.request({ ':method': 'POST', ':path': '/', ...headers });
    const received: Buffer[] = [];
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on('response', (fields) => Object.assign(head, fields));
    stream.on('trailers', (fields) => Object.assign(trailers, fields));
    stream.on('data', (chunk: Buffer) => received.push(chunk));
    const ended = once(stream, 'end');
    for (const piece of pieces) {
      stream.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stream.end();
    await ended;
    await new Promise(setImmediate);
    if (head['grpc-status'] !== undefined) [head, trailers] = [{}, head];
    const text = decodeURI(String(trailers['grpc-message'] ?? ''));
    return { body: Buffer.concat(received), code: Number(trailers['grpc-status']), text, trailers };
  };

  it.each([0, 1, 1000, 60_000, MAX_BYTES])('answers a message of %d bytes', async (length) => {
    const { body, code, trailers } = await call([frameOf(message(length))]);
    expect(code).toBe(status.OK);
    expect(trailers['slipway-served-by']).toBe('2');
    expect(body.equals(frameOf(message(length)))).toBe(true);
  });

  it('puts a message together, however it is cut', async () => {
    const frame = frameOf(message(50));
    for (const cuts of [[1], [3, 4], [5], [4, 5, 6], [30]]) {
      const pieces = [0, ...cuts].map((start, index) => frame.subarray(start, cuts[index] ?? frame.length));
      expect((await call(pieces)).body.equals(frame)).toBe(true);
    }
  });

  it.each<[string, Uint8Array[], number, string]>([
    ['nothing', [], status.UNIMPLEMENTED, 'without a message'],
    ['half a head', [Buffer.alloc(3)], status.INTERNAL, 'no whole length'],
    ['half a message', [frameOf(message(10), { length: 20 })], status.INTERNAL, 'has 10 of its 20 bytes'],
    ['two messages', [frameOf(message(10)), frameOf(message(10))], status.UNIMPLEMENTED, 'more than one message'],
    ['a message that is marked as compressed', [frameOf(message(10), { flag: 1 })], status.INTERNAL, 'compressed'],
    ['too much', [frameOf(message(MAX_BYTES + 1))], status.RESOURCE_EXHAUSTED, `than the ${MAX_BYTES} bytes`],
  ])('refuses %s', async (_, pieces, code, text) => {
    expect(await call(pieces)).toMatchObject({ code, text: expect.stringContaining(text), body: Buffer.alloc(0) });
    expect(asked).toEqual([]);
    expect((await call([frameOf(message(3))])).code).toBe(status.OK);
  });

  it('refuses to send an answer that is too large', async () => {
    answer = () => echo(message(MAX_BYTES + 1));
    expect(await call([frameOf(message(1))])).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });

  it('tells of an error, in any script', async () => {
    answer = () => ({ frame: undefined, code: status.NOT_FOUND, details: 'keine „größe“ da', trailers: { a: 'b' } });
    const end = await call([frameOf(message(1))]);
    expect(end).toMatchObject({ code: status.NOT_FOUND, text: 'keine „größe“ da', body: Buffer.alloc(0) });
    expect(end.trailers['a']).toBe('b');
  });

  it("waits no longer than the client's deadline", async () => {
    answer = () => undefined;
    const startedMs = performance.now();
    for (const timeout of ['40m', '40000u', '1n'])
      expect(await call([frameOf(message(1))], { 'grpc-timeout': timeout })).toMatchObject({
        code: status.DEADLINE_EXCEEDED,
      });
    expect(performance.now() - startedMs).toBeGreaterThan(80);
    answer = echo;
    for (const timeout of ['1H', '99999999H', '20S'])
      expect((await call([frameOf(message(1))], { 'grpc-timeout': timeout })).code).toBe(status.OK);
  });

  it.each(['soon', '5', '1234567890m', '5 m'])('refuses the deadline %j', async (timeout) => {
    const end = await call([frameOf(message(1))], { 'grpc-timeout': timeout });
    expect(end).toMatchObject({ code: status.INTERNAL, text: expect.stringContaining('grpc-timeout') });
    expect(asked).toEqual([]);
  });

  it('answers nobody who is gone', async () => {
    let end: (() => void) | undefined;
    const pending = new Promise<void>((resolve) => {
      answer = () => {
        end = resolve;
        return undefined;
      };
    });
    const stream = client.request({ ':method': 'POST', ':path': '/' });
    stream.on('error', () => {});
    stream.end(frameOf(message(4)));
    while (end === undefined) await new Promise(setImmediate);
    stream.close(8);
    end();
    await pending;
    expect((await call([frameOf(message(3))], { 'grpc-timeout': '50m' })).code).toBe(status.DEADLINE_EXCEEDED);
  });
});
