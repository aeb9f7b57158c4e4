import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallMessage } from './call-message.ts';
import { StreamCall } from './stream-call.ts';

const MAX_BYTES = 100_000;
const frameOf = (message: Uint8Array, { flag = 0, length = message.byteLength } = {}) => {
  const frame = Buffer.alloc(5 + message.byteLength);
  frame[0] = flag;
  frame.writeUInt32BE(length, 1);
  frame.set(message, 5);
  return frame;
};
const message = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, index) => index % 251));

describe('a call of many messages on its bare stream', () => {
  let server: Http2Server;
  let client: ClientHttp2Session;
  let messages: CallMessage[];
  let calls: StreamCall[];
  let answer: (message: CallMessage, call: StreamCall) => Promise<void>;
  let served: Promise<void>[];

  beforeEach(async () => {
    messages = [];
    calls = [];
    served = [];
    answer = async ({ bytes }, call) => call.write(frameOf(bytes));
    const serve = async (call: StreamCall) => {
      calls.push(call);
      for await (const each of call.messages()) {
        messages.push({ ...each, bytes: Buffer.from(each.bytes) });
        await answer(each, call);
      }
      call.end(status.OK, '');
    };
    server = createServer().on('stream', (stream, headers) =>
      served.push(serve(new StreamCall(stream, headers, MAX_BYTES))),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(() => {
    client.destroy();
    server.close();
  });

  const open = (headers: Record<string, string> = {}) =>
    client.request({ ':method': 'POST', ':path': '/', ...headers });

  /** How a stream ends, with all that was answered. */
  const outcomeOf = async (stream: ClientHttp2Stream) => {
    const received: Buffer[] = [];
    const fields: IncomingHttpHeaders = {};
    stream.on('response', (head) => Object.assign(fields, head));
    stream.on('trailers', (trailers) => Object.assign(fields, trailers));
    stream.on('data', (chunk: Buffer) => received.push(chunk));
    await once(stream, 'end');
    await new Promise(setImmediate);
    const text = decodeURI(String(fields['grpc-message'] ?? ''));
    return { body: Buffer.concat(received), code: Number(fields['grpc-status']), text };
  };

  const call = async (pieces: readonly Uint8Array[], headers: Record<string, string> = {}) => {
    const stream = open(headers);
    const outcome = outcomeOf(stream);
    for (const piece of pieces) {
      stream.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    stream.end();
    return outcome;
  };

  it('takes messages of every length, however they are cut and joined', async () => {
    const lengths = [0, 1, 5, 1000, MAX_BYTES, 3];
    const whole = Buffer.concat(lengths.map((length) => frameOf(message(length))));
    for (const cuts of [[], [1], [3, 7], [5, 6, 11], [4000], [1022, 50_000, 101_035]]) {
      messages = [];
      const pieces = [0, ...cuts].map((start, index) => whole.subarray(start, cuts[index] ?? whole.length));
      const { body, code } = await call(pieces);
      expect(code).toBe(status.OK);
      expect(body.equals(whole)).toBe(true);
      expect(messages.map(({ bytes }) => bytes.byteLength)).toEqual(lengths);
    }
  });

  it('leaves messages packed, and says by what', async () => {
    const pieces = [frameOf(message(3), { flag: 1 }), frameOf(message(4))];
    await call(pieces, { 'grpc-encoding': 'gzip' });
    expect(messages.map(({ encoding }) => encoding)).toEqual(['gzip', undefined]);
  });

  it.each<[string, Uint8Array[], number, string]>([
    ['half a head', [Buffer.alloc(3)], status.INTERNAL, 'no whole length'],
    ['half a message', [frameOf(message(10), { length: 20 })], status.INTERNAL, 'has 10 of its 20 bytes'],
    ['a message marked as compressed by nothing', [frameOf(message(10), { flag: 1 })], status.INTERNAL, 'compressed'],
    ['too much', [frameOf(message(MAX_BYTES + 1))], status.RESOURCE_EXHAUSTED, `than the ${MAX_BYTES} bytes`],
  ])('ends at %s, after what was right', async (_, pieces, code, text) => {
    const { body, ...end } = await call([frameOf(message(2)), ...pieces]);
    expect(end).toEqual({ code, text: expect.stringContaining(text) });
    expect(body.equals(frameOf(message(2)))).toBe(true);
    expect((await call([frameOf(message(3))])).code).toBe(status.OK);
  });

  it('ends without an answer where there was no message', async () => {
    expect(await call([])).toEqual({ body: Buffer.alloc(0), code: status.OK, text: '' });
  });

  it('refuses to send an answer that is too large, and reads no more', async () => {
    answer = (_, each) => each.write(frameOf(message(MAX_BYTES + 1)));
    const { code } = await call([frameOf(message(1)), frameOf(message(1))]);
    expect([code, messages.length]).toEqual([status.RESOURCE_EXHAUSTED, 1]);
  });

  it("lasts no longer than the client's deadline", async () => {
    const stream = open({ 'grpc-timeout': '40m' });
    stream.write(frameOf(message(1)));
    expect(await outcomeOf(stream)).toMatchObject({ code: status.DEADLINE_EXCEEDED, body: frameOf(message(1)) });
    stream.close();
    expect(await call([], { 'grpc-timeout': 'soon' })).toMatchObject({ code: status.INTERNAL });
  });

  it('waits for a client that reads slowly, and for none that is gone', async () => {
    answer = async (_, each) => {
      for (let count = 0; count < 100; count += 1) await each.write(frameOf(message(MAX_BYTES)));
    };
    const stream = open();
    stream.on('error', () => {});
    stream.write(frameOf(message(1)));
    await once(stream, 'response');
    const reader = once(stream, 'data');
    await reader;
    stream.pause();
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Neither all of it is written, nor is it given up.
    expect(calls[0]?.isOver).toBe(false);
    stream.close(8);
    await served[0];
    expect(calls[0]?.isOver).toBe(true);
    answer = async ({ bytes }, each) => each.write(frameOf(bytes));
    expect((await call([frameOf(message(3))])).code).toBe(status.OK);
  });

  it('ends the messages of a client that breaks off', async () => {
    const stream = open();
    stream.on('error', () => {});
    stream.write(frameOf(message(1)));
    while (messages.length === 0) await new Promise(setImmediate);
    stream.close(8);
    await served[0];
    expect(messages).toHaveLength(1);
  });
});
