import { randomBytes } from 'node:crypto';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelInferRequest } from '#generated/inference/open_inference';
import { jsonBody, RestCaller } from './rest-caller.ts';
import { type ServingFixture, startServing } from './serving-fixture.ts';

const MODEL = 'identity-fp32';
const BOMB_BYTES = 1024 ** 3;
/** Largest body; so much has to be unpacked to know that it is larger. */
const MAX_BODY_MIB = 32;
const MAX_GROWTH_MIB = 64;
const AT_ONCE = 16;
const CONNECTIONS = 4;
const STREAMS = 8;

let serving: ServingFixture;
let bomb: Buffer;
const whole = jsonBody([{ name: 'given', datatype: 'FP32', shape: [1, 2], data: [1, 2] }]);

beforeAll(async () => {
  // A heap that has its size soon.
  serving = await startServing({
    NODE_OPTIONS: '--max-old-space-size=128 --max-semi-space-size=4',
    SLIPWAY_GATEWAY_MAX_BODY_MIB: `${MAX_BODY_MIB}`,
  });
  await serving.controller.serve([await serving.deployment(MODEL)]);
  bomb = await gzippedZeros(BOMB_BYTES);
});
afterAll(() => serving?.stop());

/** A mebibyte for a gibibyte. @param head before the zeros. */
async function gzippedZeros(length: number, head: Uint8Array = Buffer.alloc(0)): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const zeros = Buffer.alloc(1024 ** 2);
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => gzip.once('end', resolve));
  gzip.write(head);
  for (let written = 0; written < length; written += zeros.byteLength)
    if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once('drain', resolve));
  gzip.end();
  await ended;
  return Buffer.concat(chunks);
}

/** How many MiB the gateway takes more at most, while something is done. */
async function growthDuring<T>(act: () => Promise<T>): Promise<{ answer: T; growthMib: number }> {
  const before = serving.gateway.residentMib;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, serving.gateway.residentMib);
  }, 2);
  const answer = await act().finally(() => clearInterval(timer));
  return { answer, growthMib: Math.max(most, serving.gateway.residentMib) - before };
}

const SERVICE = '/inference.GRPCInferenceService';

/** Sends a message that is said to be compressed, as no client library would. @returns the call's status, or its answer's first bytes. */
async function grpcCall(
  session: http2.ClientHttp2Session,
  message: Buffer,
  method: 'ModelInfer' | 'ModelStreamInfer' = 'ModelInfer',
): Promise<{ readonly code: number; readonly answer: Buffer }> {
  const stream = session.request({
    ':method': 'POST',
    ':path': `${SERVICE}/${method}`,
    'content-type': 'application/grpc+proto',
    te: 'trailers',
    'grpc-encoding': 'gzip',
  });
  const head = Buffer.alloc(5);
  head[0] = 1;
  head.writeUInt32BE(message.byteLength, 1);
  const answered = new Promise<{ code: number; answer: Buffer }>((resolve, reject) => {
    let code = -1;
    const chunks: Buffer[] = [];
    const read = (headers: http2.IncomingHttpHeaders) => {
      if (headers['grpc-status'] !== undefined) code = Number(headers['grpc-status']);
    };
    stream.on('response', read).on('trailers', read).once('error', reject);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('close', () => resolve({ code, answer: Buffer.concat(chunks) }));
  });
  stream.end(Buffer.concat([head, message]));
  return answered;
}

/** @param from an address of this machine. */
function grpcSession(from = '127.0.0.1'): http2.ClientHttp2Session {
  const { hostname, port } = new URL(`http://${serving.gateway.grpcAddress}`);
  const createConnection = () => connect({ host: hostname, port: Number(port), localAddress: from });
  return http2.connect(`http://${serving.gateway.grpcAddress}`, { createConnection });
}

async function grpcWith(message: Buffer): Promise<number> {
  const session = grpcSession();
  try {
    return (await grpcCall(session, message)).code;
  } finally {
    session.destroy();
  }
}

const restBomb = () =>
  serving.caller.send('POST', `/v2/models/${MODEL}/infer`, bomb, {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  });

describe('a mebibyte that unpacks to a gibibyte', () => {
  it('is refused over REST, for little memory', async () => {
    expect(bomb.byteLength).toBeLessThan(1.1 * 1024 ** 2);
    const { answer, growthMib } = await growthDuring(restBomb);
    console.info(`REST: ${growthMib.toFixed(0)} MiB`);
    expect(answer).toMatchObject({ status: 413, code: 'REQUEST_TOO_LARGE' });
    expect(growthMib).toBeLessThan(MAX_GROWTH_MIB);
  });

  it('is refused over gRPC, for little memory', async () => {
    const { answer, growthMib } = await growthDuring(() => grpcWith(bomb));
    console.info(`gRPC: ${growthMib.toFixed(0)} MiB`);
    expect(answer).toBe(status.RESOURCE_EXHAUSTED);
    expect(growthMib).toBeLessThan(MAX_GROWTH_MIB);
  });

  it(`costs no more over REST when ${AT_ONCE} of them come at once`, async () => {
    const { answer, growthMib } = await growthDuring(() => Promise.all(Array.from({ length: AT_ONCE }, restBomb)));
    console.info(`${AT_ONCE} at once: ${growthMib.toFixed(0)} MiB`);
    expect(answer.map(({ status: code }) => code)).toEqual(Array(AT_ONCE).fill(413));
    // Two are unpacked at a time, and what the ones before have left is collected now and then.
    expect(growthMib).toBeLessThan(4 * MAX_BODY_MIB);
    expect((await serving.caller.infer(MODEL, whole)).status).toBe(200);
  });
});

describe(`${CONNECTIONS * STREAMS} of them at once, by calls and by streams of ${CONNECTIONS} gRPC connections`, () => {
  it('take the memory of two, keep nobody waiting, and each is refused', async () => {
    // Of half of them everything has to be unpacked to see that it fits nothing; the other half is too large.
    const bombs = await Promise.all(
      [MAX_BODY_MIB - 1, 2 * MAX_BODY_MIB].map((mib) => gzippedZeros(mib * 1024 ** 2, requestHead(mib * 1024 ** 2))),
    );
    const good = gzipSync(
      ModelInferRequest.encode(
        ModelInferRequest.fromPartial({
          modelName: MODEL,
          inputs: [{ name: 'given', datatype: 'FP32', shape: [1n, 50_000n] }],
          rawInputContents: [randomBytes(200_000)],
        }),
      ).finish(),
    );
    const sessions = Array.from({ length: CONNECTIONS }, () => grpcSession());
    const other = grpcSession('127.0.0.2');
    const waited = { plain: [] as number[], packed: [] as number[] };
    let isOver = false;
    const timed = async (times: number[], ask: () => Promise<boolean>) => {
      while (!isOver) {
        const startedMs = performance.now();
        expect(await ask()).toBe(true);
        times.push(performance.now() - startedMs);
        await sleep(10);
      }
    };
    const attack = async () => {
      const calls = sessions.flatMap((session, at) =>
        Array.from({ length: STREAMS }, (_, count) =>
          grpcCall(session, bombs[count % 2] as Buffer, at % 2 === 0 ? 'ModelInfer' : 'ModelStreamInfer'),
        ),
      );
      const others = Promise.all([
        timed(waited.plain, async () => (await serving.caller.infer(MODEL, whole)).status === 200),
        timed(waited.packed, async () => (await grpcCall(other, good)).code === status.OK),
      ]);
      const answers = await Promise.all(calls).finally(() => {
        isOver = true;
      });
      await others;
      return answers;
    };
    const { answer, growthMib } = await growthDuring(attack);
    for (const session of [...sessions, other]) session.destroy();
    const [plainMs, packedMs] = [waited.plain, waited.packed].map((times) => Math.max(...times));
    console.info(
      `${answer.length} at once: ${growthMib.toFixed(0)} MiB; others: ${waited.plain.length} calls, at most ` +
        `${plainMs?.toFixed(0)} ms, and ${waited.packed.length} compressed ones, at most ${packedMs?.toFixed(0)} ms`,
    );
    for (const [at, { code, answer: bytes }] of answer.entries()) {
      const isStream = Math.floor(at / STREAMS) % 2 === 1;
      const isLarge = (at % STREAMS) % 2 === 1;
      if (isStream) expect(bytes.toString('latin1')).toContain(isLarge ? 'REQUEST_TOO_LARGE' : 'TENSOR_INVALID');
      // A stream answers a message that fails, and goes on.
      expect(code).toBe(isStream ? status.OK : isLarge ? status.RESOURCE_EXHAUSTED : status.INVALID_ARGUMENT);
    }
    // Each is held twice while it is put together, and what the ones before have left is collected now and then.
    expect(growthMib).toBeLessThan(8 * MAX_BODY_MIB);
    expect(Math.min(waited.plain.length, waited.packed.length)).toBeGreaterThan(5);
    expect(plainMs).toBeLessThan(1000);
    expect(packedMs).toBeLessThan(5000);
  }, 120_000);
});

/** A request whose raw contents come to an end after so many zeros, and fit no tensor. */
function requestHead(zeros: number): Buffer {
  const named = ModelInferRequest.fromPartial({
    modelName: MODEL,
    inputs: [{ name: 'given', datatype: 'FP32', shape: [1n, 2n] }],
  });
  const length: number[] = [];
  for (let rest = zeros; rest > 0; rest = Math.floor(rest / 128)) length.push((rest % 128) | (rest >= 128 ? 128 : 0));
  const RAW_INPUT_CONTENTS = (7 << 3) | 2;
  return Buffer.concat([ModelInferRequest.encode(named).finish(), Buffer.from([RAW_INPUT_CONTENTS, ...length])]);
}

/** What `Content-Type` can be, or be mistaken for. */
const CONTENT_TYPES = [
  '',
  ' ',
  '\t',
  '*/*',
  'application',
  'application/',
  '/json',
  'application/json',
  'application/json;',
  'application/json;;',
  'application/json; charset=utf-8',
  'application/json; charset=UTF-16',
  'application/json; charset=utf-7',
  'application/json; charset="utf-8"',
  'application/json; charset=',
  'application/json\t',
  'application/json\t; charset=utf-8',
  ' application/json',
  'application/json ',
  'application/json, text/plain',
  'text/plain, application/json',
  'application/json;boundary=x',
  'application/json a',
  'application/json-patch+json',
  'application/vnd.api+json',
  'application/problem+json',
  'APPLICATION/JSON',
  'Application/Json; Charset=Utf-8',
  'application//json',
  'application/jsonx',
  'application/x-json',
  'text/json',
  'text/plain',
  'text/html',
  'text/xml',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'application/graphql',
  'application/octet-stream',
  'application/x-protobuf',
  'application/grpc',
  'message/http',
  'message/rfc822',
  'constructor',
  '__proto__',
];

describe('a content type decides nothing about what is checked', () => {
  const bad = jsonBody([{ name: 'given', datatype: 'FP32', shape: [2, 2], data: [1, 2] }]);

  it.each(CONTENT_TYPES.map((type) => JSON.stringify(type)))('%s', async (type) => {
    const headers = { 'content-type': JSON.parse(type) as string };
    const [fine, refused] = await Promise.all([
      serving.caller.infer(MODEL, { bytes: whole.bytes, headers }),
      serving.caller.infer(MODEL, { bytes: bad.bytes, headers }),
    ]);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.status).toBeLessThan(500);
    // Nothing is read otherwise than as JSON: it is the same answer, or none.
    if (fine.status === 200) expect(JSON.parse(fine.body.toString()).outputs[0].data).toEqual([1, 2]);
    else expect([fine.status, fine.code]).toEqual([refused.status, refused.code]);
  });
});

describe('headers beyond measure', () => {
  it.each([
    ['one of 64 KiB', { 'x-long': 'x'.repeat(64 * 1024) }],
    ['a thousand', Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`x-${at}`, 'x'.repeat(32)]))],
  ])('%s are refused, and the next request is answered', async (_, headers) => {
    const hostile = new RestCaller(serving.gateway.url, 1);
    expect((await hostile.infer(MODEL, { bytes: whole.bytes, headers })).status).toBe(431);
    hostile.close();
    expect((await serving.caller.infer(MODEL, whole)).status).toBe(200);
  });
});
