import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { S3ObjectStore } from './s3-object-store.ts';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const refusal =
  (status: number, code: string): Answer =>
  (response) =>
    void response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
const bytes =
  (text: string, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(200, { etag: '"1"', ...headers }).end(text);
const written = bytes('');
const cutOff: Answer = (response) => {
  response.writeHead(200, { etag: '"1"', 'content-length': '10' });
  response.write('half', () => response.destroy());
};

let server: Server;
let store: S3ObjectStore;
/** What the store answers, in this order, the last of it for ever; and what it was asked. */
let answers: Answer[];
let asked: string[];
let connections: number;

beforeEach(async () => {
  answers = [written];
  asked = [];
  connections = 0;
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume().once('end', () => (answers.length > 1 ? answers.shift() : answers[0])?.(response, request));
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  store = await S3ObjectStore.open({
    s3Endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    s3UseTls: false,
    s3Bucket: 'bucket',
    s3Region: 'us-east-1',
    s3AccessKey: 'key',
    s3SecretKey: 'secret',
  });
  asked = [];
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const textOf = async (stream: AsyncIterable<Uint8Array> | undefined) => {
  let text = '';
  for await (const chunk of stream ?? []) text += new TextDecoder().decode(chunk);
  return text;
};
const absent = { kind: 'absent' } as const;

describe('a store that fails for the moment', () => {
  it.each([
    ['an error', refusal(500, 'InternalError')],
    ['too much to do', refusal(503, 'SlowDown')],
    ['a body that is cut off', cutOff],
    ['bytes that are not those that were written', bytes('wrong', { 'x-amz-meta-sha256': 'a'.repeat(64) })],
  ])('is read again: %s', async (_what, failure) => {
    answers = [failure, bytes('right')];
    expect(new TextDecoder().decode((await store.get('key'))?.bytes)).toBe('right');
    expect(asked).toHaveLength(2);
  });

  it('is written again without a condition', async () => {
    answers = [refusal(500, 'InternalError'), written];
    expect(await store.put('key', Buffer.from('text'))).toBe('1');
    expect(asked).toHaveLength(2);
  });

  it('is written again under a condition that met a conflict', async () => {
    answers = [refusal(409, 'ConditionalRequestConflict'), refusal(503, 'SlowDown'), written];
    expect(await store.put('key', Buffer.from('text'), absent)).toBe('1');
  });

  it.each([
    ['its own bytes: it had won', 'text', '1'],
    ['those of others: it had lost', 'other', 'PRECONDITION_FAILED'],
  ])('tells a writer whose answer was lost by what is there, %s', async (_what, there, outcome) => {
    answers = [refusal(500, 'InternalError'), refusal(412, 'PreconditionFailed'), bytes(there)];
    const written = store.put('key', Buffer.from('text'), absent).catch(({ code }: { code: string }) => code);
    expect(await written).toBe(outcome);
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['PUT', 'PUT', 'GET']);
  });

  it('says that it failed after three tries, and why', async () => {
    answers = [refusal(500, 'InternalError')];
    await expect(store.put('key', Buffer.from('text'), absent)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: 'the object store failed with InternalError',
    });
    expect(asked).toHaveLength(3);
  });

  it('does not make a loser of a writer who met a conflict without a winner', async () => {
    answers = [refusal(409, 'ConditionalRequestConflict')];
    await expect(store.put('key', Buffer.from('text'), absent)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    answers = [refusal(412, 'PreconditionFailed')];
    await expect(store.put('key', Buffer.from('text'), absent)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
  });

  it('tells a stream that breaks off as its own failure', async () => {
    answers = [cutOff];
    await expect(textOf(await store.getStream('key'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('keeps its connections, however often it refuses', async () => {
    answers = [refusal(503, 'SlowDown')];
    for (let call = 0; call < 20; call += 1) await expect(store.get('key')).rejects.toThrow();
    expect(connections).toBeLessThan(3);
  });
});
