import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTls, type TlsFixture } from '../../test/servers/tls-fixture.ts';
import { inferenceServer, type RestInferences } from './inference-server.ts';
import type { RestExchange } from './rest-exchange.ts';
import type { RestReply } from './rest-reply.ts';

const TIMES = { headersTimeout: 300, requestTimeout: 300, keepAliveTimeout: 400, connectionsCheckingInterval: 50 };
const MAX_BODY_BYTES = 10_000_000;

const post = (body: string, ...fields: string[]) =>
  [
    `POST /v2/models/m/infer HTTP/1.1`,
    'Host: x',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...fields,
    '',
    body,
  ].join('\r\n');
const get = 'GET /v2/models HTTP/1.1\r\nHost: x\r\n\r\n';

describe.each(['in the clear', 'over TLS'])('the server below Fastify, %s', (how) => {
  let secured: TlsFixture | undefined;
  beforeAll(async () => {
    if (how === 'over TLS') secured = await createTls();
  });
  afterAll(() => secured?.remove());
  let server: Server;
  const sockets: Socket[] = [];
  let isWanted = true;
  /** Answers plain requests; by default with their body. */
  let answer: (exchange: RestExchange, reply: RestReply) => void;
  const plain: RestExchange[] = [];

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function start(maxBodyBytes = MAX_BODY_BYTES): Promise<void> {
    plain.length = 0;
    isWanted = true;
    answer = ({ body }, reply) => void setImmediate(() => reply.send(200, ['x-by', 'slipway'], body ?? ''));
    const inferences: RestInferences = {
      maxBodyBytes,
      wants: () => isWanted,
      answer: (exchange, reply) => {
        plain.push(exchange);
        answer(exchange, reply);
      },
      take: (message, response) => {
        const chunks: Buffer[] = [];
        message.on('data', (chunk: Buffer) => chunks.push(chunk));
        message.on('end', () => response.setHeader('x-by', 'node').end(Buffer.concat(chunks)));
      },
    };
    const handle = (_message: unknown, response: import('node:http').ServerResponse) =>
      void response.setHeader('x-by', 'fastify').end('models');
    server = inferenceServer(inferences, TIMES, secured?.tls)(handle as never, {}) as Server;
    await once(server.listen(0, '127.0.0.1'), 'listening');
  }

  /** A connection that collects what comes back. */
  function client(): {
    socket: Socket;
    /** Below TLS, if that is spoken. */
    tcp: Socket;
    text: () => string;
    has: (part: string) => Promise<void>;
    closed: Promise<unknown>;
  } {
    const place = { port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true };
    const tcp = connect(place);
    const socket = secured === undefined ? tcp : connectTls({ socket: tcp, host: place.host });
    socket.on('error', () => {});
    sockets.push(socket);
    let text = '';
    socket.setNoDelay().on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    const closed = Promise.race([once(socket, 'end'), once(socket, 'close')]);
    const has = async (part: string) => {
      for (const until = Date.now() + 3000; !text.includes(part); await sleep(2))
        if (Date.now() > until) throw new Error(`${JSON.stringify(part)} did not come: ${JSON.stringify(text)}`);
    };
    return { socket, tcp, text: () => text, has, closed };
  }

  const byIn = (text: string) => [...text.matchAll(/x-by: (\w+)/g)].map(([, by]) => by);

  it('answers plain requests one after the other on one connection', async () => {
    await start();
    const { socket, has, text } = client();
    socket.write(post('one'));
    await has('one');
    socket.write(post('two', 'X-Team: vision'));
    await has('two');
    expect(text()).toMatch(
      /^HTTP\/1\.1 200 OK\r\nx-by: slipway\r\ncontent-length: 3\r\nDate: .* GMT\r\nConnection: keep-alive\r\n/,
    );
    expect(byIn(text())).toEqual(['slipway', 'slipway']);
    expect(plain.map(({ headers }) => headers['x-team'])).toEqual([undefined, 'vision']);
  });

  it('takes a body in as many pieces as it comes in', async () => {
    await start();
    const { socket, has } = client();
    const text = post('0123456789');
    socket.write(text.slice(0, -10));
    for (const digit of '0123456789') {
      await sleep(3);
      socket.write(digit);
    }
    await has('\r\n\r\n0123456789');
    expect(plain).toHaveLength(1);
  });

  it('takes a body of megabytes, and what comes behind it', async () => {
    await start();
    const { socket, has } = client();
    const body = 'b'.repeat(3_000_000);
    socket.write(post(body) + post('behind'));
    await has('behind');
    expect(plain.map(({ body: read }) => read?.toString())).toEqual([body, 'behind']);
  });

  it('answers requests in order that came without waiting, one at a time', async () => {
    await start();
    let inWork = 0;
    answer = ({ body }, reply) => {
      inWork += 1;
      expect(inWork).toBe(1);
      setTimeout(() => {
        inWork -= 1;
        reply.send(200, [], body ?? '');
      }, 2);
    };
    const { socket, has, text } = client();
    const bodies = Array.from({ length: 50 }, (_, index) => `<${index}>`);
    socket.write(bodies.map((body) => post(body)).join(''));
    await has('<49>');
    expect(text().match(/<\d+>/g)).toEqual(bodies);
  });

  it('hands a connection over with the first request that is not plain, and Node.js goes on', async () => {
    await start();
    const { socket, has, text } = client();
    socket.write(post('one') + get);
    await has('models');
    socket.write(get + post('two'));
    await has('two');
    socket.write(
      `POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nend\r\n0\r\n\r\n`,
    );
    await has('end');
    expect(byIn(text())).toEqual(['slipway', 'fastify', 'fastify', 'node', 'node']);
  });

  it.each([
    ['a head in two pieces', [post('whole').slice(0, 30), post('whole').slice(30)], 'whole'],
    ['the length of nothing', ['POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\n\r\n'], 'node'],
    ['a head that is no HTTP', ['\x16\x03\x01\r\n\r\n'], '400 Bad Request'],
    ['a head without a host', [post('x').replace('Host', 'Ghost')], '400 Bad Request'],
    ['a head that is too long', [post('x', `A: ${'a'.repeat(17_000)}`)], '431 '],
    ['a request that is the last one', [post('last', 'Connection: close')], 'last'],
    ['a client that waits to be asked', [post('x', 'Expect: 100-continue').slice(0, -1)], '100 Continue'],
  ])('leaves %s to Node.js', async (_what, parts, expected) => {
    await start();
    const { socket, has } = client();
    for (const part of parts) {
      socket.write(part, 'latin1');
      await sleep(20);
    }
    await has(expected);
    expect(plain).toEqual([]);
  });

  it('leaves what would be refused before its body has come, or is too large, to Node.js', async () => {
    await start(5);
    const tooLarge = client();
    tooLarge.socket.write(post('123456'));
    await tooLarge.has('node');
    isWanted = false;
    const unwanted = client();
    unwanted.socket.write(post('12345').slice(0, -1));
    await sleep(20);
    unwanted.socket.write('5');
    await unwanted.has('node');
    expect(plain).toEqual([]);
  });

  it('answers text beyond ASCII, bytes and errors with the length that they have', async () => {
    await start();
    const replies: Parameters<RestReply['send']>[] = [
      [200, [], 'größer – 模型'],
      [200, [], 'grün'],
      [200, [], Uint8Array.from([0, 255, 13, 10])],
      [429, ['retry-after', '1'], '{}'],
      [503, [], '{}', true],
    ];
    answer = (_exchange, reply) => reply.send(...(replies.shift() as Parameters<RestReply['send']>));
    const url = `${secured === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/v2/models/m/infer`;
    const ask = () => fetch(url, { method: 'POST', body: 'x' });
    expect(await (await ask()).text()).toBe('größer – 模型');
    expect(await (await ask()).text()).toBe('grün');
    expect(await (await ask()).bytes()).toEqual(Uint8Array.from([0, 255, 13, 10]));
    const refused = await ask();
    expect([refused.status, refused.statusText, refused.headers.get('retry-after')]).toEqual([
      429,
      'Too Many Requests',
      '1',
    ]);
    expect((await ask()).headers.get('connection')).toBe('close');
  });

  it('answers a client that has nothing more to say, and ends', async () => {
    await start();
    const { socket, has, closed } = client();
    socket.end(post('farewell'));
    await has('farewell');
    await closed;
  });

  it('refuses a body that ends too soon', async () => {
    await start();
    const { socket, has, closed } = client();
    socket.end(post('half').slice(0, -2));
    await has('400 Bad Request');
    await closed;
    expect(plain).toEqual([]);
  });

  it('forgets a client that has gone while its request was in work', async () => {
    await start();
    const { promise, resolve } = Promise.withResolvers<RestReply>();
    answer = (_exchange, reply) => resolve(reply);
    const { socket, tcp } = client();
    socket.write(post('x'));
    const reply = await promise;
    expect(reply.isGone).toBe(false);
    // The client is in this process, and may still be in the turn of its handshake: it would say goodbye instead.
    await sleep(1);
    tcp.resetAndDestroy();
    while (!reply.isGone) await sleep(2);
  });

  it('reads no more from a client that does not read its answers', async () => {
    await start();
    const large = Buffer.alloc(1_000_000, 'l');
    answer = (_exchange, reply) => reply.send(200, [], large);
    const { socket } = client();
    socket.pause();
    socket.write(post('x').repeat(100));
    await sleep(100);
    const answered = plain.length;
    expect(answered).toBeLessThan(20);
    let bytes = 0;
    socket.removeAllListeners('data').on('data', (chunk) => (bytes += chunk.byteLength));
    socket.resume();
    while (bytes < 100 * large.byteLength) await sleep(5);
    expect(plain).toHaveLength(100);
  });

  it.each([
    ['says nothing', '', '408 Request Timeout'],
    ['does not end its request', post('slow').slice(0, -1), '408 Request Timeout'],
    ['has had its answer', post('done'), 'done'],
  ])('ends the connection of a client that %s', async (_what, sent, expected) => {
    await start();
    const { socket, has, closed } = client();
    if (sent !== '') socket.write(sent);
    await has(expected);
    await closed;
  });

  it('closes idle connections at its end, and others after their answer', async () => {
    await start();
    const { promise, resolve } = Promise.withResolvers<RestReply>();
    const [idle, busy] = [client(), client()];
    idle.socket.write(post('idle'));
    await idle.has('idle');
    answer = (_exchange, reply) => resolve(reply);
    busy.socket.write(post('x'));
    const reply = await promise;
    const closed = new Promise((done) => server.close(done));
    await idle.closed;
    reply.send(200, [], 'busy');
    await busy.has('Connection: close');
    await busy.closed;
    for (const { socket } of [idle, busy]) socket.end();
    await closed;
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
});
