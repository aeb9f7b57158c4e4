import http, { type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StoreSilence } from './store-silence.ts';
import { watchedTransport } from './watched-transport.ts';

const SILENCE_MS = 100;
const SIZE = 4 * 1024 * 1024;

let server: Server;
let silence: StoreSilence;
let get: (path: string) => Promise<IncomingMessage>;

/** Says nothing at `/silent`, half of what it promised at `/half`, and much at `/`. */
beforeEach(async () => {
  server = http.createServer((request, response) => {
    if (request.url === '/silent') return;
    response.writeHead(200, { 'content-length': SIZE });
    if (request.url === '/half') response.write(Buffer.alloc(SIZE / 2));
    else response.end(Buffer.alloc(SIZE));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  silence = new StoreSilence(SILENCE_MS);
  const transport = watchedTransport(false, silence);
  const { port } = server.address() as AddressInfo;
  get = (path) =>
    new Promise((resolve, reject) => {
      transport.request({ host: '127.0.0.1', port, path }, resolve).once('error', reject).end();
    });
});
afterEach(() => {
  silence.heard();
  server.closeAllConnections();
  server.close();
});

const lengthOf = async (response: IncomingMessage) => {
  let length = 0;
  for await (const chunk of response) length += (chunk as Buffer).byteLength;
  return length;
};

it('ends a request that is met with silence, at its beginning or midway', async () => {
  await expect(get('/silent')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  await expect(lengthOf(await get('/half'))).rejects.toThrow();
});

it('ends requests that wait for a connection, too', async () => {
  const startedMs = performance.now();
  const all = await Promise.allSettled(Array.from({ length: 600 }, () => get('/silent')));
  expect(all.every(({ status }) => status === 'rejected')).toBe(true);
  expect(performance.now() - startedMs).toBeLessThan(10 * SILENCE_MS);
});

it('waits for a reader that is slow', async () => {
  const response = await get('/');
  await sleep(3 * SILENCE_MS);
  expect(await lengthOf(response)).toBe(SIZE);
});

it('takes a store for gone that nobody hears from, asks it again and again, and hears it', async () => {
  silence.probeWith(() => get('/'));
  silence.assertSpeaking();
  await expect(get('/silent')).rejects.toThrow();
  expect(() => silence.assertSpeaking()).toThrow('answered nothing');
  await sleep(1200);
  silence.assertSpeaking();
});

it('does not take a store for gone that answers others', async () => {
  const late = get('/silent');
  late.catch(() => {});
  await sleep(SILENCE_MS / 2);
  (await get('/')).resume();
  await expect(late).rejects.toThrow();
  silence.assertSpeaking();
});
