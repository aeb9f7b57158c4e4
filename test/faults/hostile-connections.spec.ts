import http2 from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { GrpcInferenceClient } from '#adapters/inference-client';
import { eventually } from '../e2e/eventually.ts';
import { binaryBody } from './rest-caller.ts';
import { type ServingFixture, startServing } from './serving-fixture.ts';
import { outcomesOf, quantileMs, SteadyLoad } from './steady-load.ts';

/** More of them need as many open files. */
const CONNECTIONS = Number(process.env['SLIPWAY_CONNECTIONS'] ?? 5000);
const GRPC_CONNECTIONS = Number(process.env['SLIPWAY_GRPC_CONNECTIONS'] ?? 500);
const SLOW_CONNECTIONS = Number(process.env['SLIPWAY_SLOW_CONNECTIONS'] ?? 1000);
const RESETS = Number(process.env['SLIPWAY_RESETS'] ?? 20_000);
const REQUEST_SECONDS = 4;
const MAX_RESIDENT_MIB = 1024;
const MIN_ANSWERED = 0.999;
const METHOD = '/inference.GRPCInferenceService/ModelInfer';

const echo = binaryBody([{ name: 'given', datatype: 'FP32', shape: [1, 64], data: new Uint8Array(256) }]);
let serving: ServingFixture;
const sockets: Socket[] = [];
const sessions: http2.ClientHttp2Session[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const session of sessions.splice(0)) session.destroy();
  await serving?.stop();
});

async function start(environment: Record<string, string> = {}, openFiles?: number): Promise<void> {
  serving = await startServing(environment, openFiles);
  await serving.controller.serve([await serving.deployment('identity-fp32')]);
}

/** A connection to the REST port that sends a text; whatever comes back is read and forgotten. */
function restConnection(text: string): Socket {
  const { hostname, port } = new URL(serving.gateway.url);
  const socket = connect(Number(port), hostname, () => socket.write(text));
  socket.on('error', () => {});
  sockets.push(socket.resume());
  return socket;
}

function grpcConnection(): http2.ClientHttp2Session {
  const session = http2.connect(`http://${serving.gateway.grpcAddress}`);
  session.on('error', () => {});
  sessions.push(session);
  return session;
}

const openNow = () => sockets.filter((socket) => !socket.destroyed && socket.readyState === 'open').length;

/** Has clients of good manners call all the while, and answers how they fared. */
async function besideHealthyClients(attack: () => Promise<void>): Promise<void> {
  const { gateway } = serving;
  const load = new SteadyLoad(gateway.url, 'identity-fp32', echo, 8, 10);
  const grpc = new GrpcInferenceClient(gateway.grpcAddress);
  const grpcAnswers: string[] = [];
  const callGrpc = async () => {
    const answer = grpc.infer('identity-fp32', [
      { name: 'given', datatype: 'FP32', shape: [1, 1], data: new Uint8Array(4) },
    ]);
    grpcAnswers.push(await answer.then(() => 'OK', String));
  };
  await sleep(500);
  let mostMib = 0;
  const watch = setInterval(() => {
    if (gateway.isAlive) mostMib = Math.max(mostMib, gateway.residentMib);
    void callGrpc();
  }, 50);
  await attack();
  clearInterval(watch);
  await load.stop();
  await callGrpc();
  grpc.close();
  const { answers } = load;
  const share = answers.filter(({ status }) => status === 200).length / answers.length;
  console.info(
    `healthy clients: ${JSON.stringify(outcomesOf(answers))}, p99 ${quantileMs(answers, 0.99).toFixed(0)} ms; the gateway took ${mostMib.toFixed(0)} MiB at most`,
  );
  expect(gateway.isAlive, gateway.log.slice(-2000)).toBe(true);
  expect(answers.length).toBeGreaterThan(500);
  expect(grpcAnswers.filter((answer) => answer !== 'OK')).toEqual([]);
  expect(share).toBeGreaterThanOrEqual(MIN_ANSWERED);
  expect(mostMib).toBeLessThan(MAX_RESIDENT_MIB);
}

it(`${CONNECTIONS} REST and ${GRPC_CONNECTIONS} gRPC connections that are kept`, async () => {
  await start();
  const health = 'GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n';
  await besideHealthyClients(async () => {
    for (let opened = 0; opened < CONNECTIONS; opened += 1) {
      restConnection(health);
      if (opened % 10 < (GRPC_CONNECTIONS / CONNECTIONS) * 10) grpcConnection();
      if (opened % 50 === 0) await sleep(5);
    }
    await eventually(
      'all are open',
      async () => openNow(),
      (count) => count === CONNECTIONS,
    );
    // And used again, all at once.
    for (const socket of sockets) socket.write(health);
    await sleep(2000);
    expect(openNow()).toBe(CONNECTIONS);
    expect(serving.gateway.openFiles).toBeGreaterThan(CONNECTIONS + GRPC_CONNECTIONS);
  });
});

it(`${SLOW_CONNECTIONS} connections that send their headers, or their bodies, byte by byte`, async () => {
  await start({ SLIPWAY_GATEWAY_REQUEST_SECONDS: String(REQUEST_SECONDS) });
  const line = 'POST /v2/models/identity-fp32/infer HTTP/1.1\r\nHost: x\r\n';
  const before = serving.gateway.openFiles;
  await besideHealthyClients(async () => {
    for (let opened = 0; opened < SLOW_CONNECTIONS; opened += 1) {
      restConnection(opened % 2 === 0 ? `${line}X-Slow: ` : `${line}Content-Length: 100000\r\n\r\n`);
      if (opened % 50 === 0) await sleep(5);
    }
    await eventually(
      'all are open',
      async () => openNow(),
      (count) => count === SLOW_CONNECTIONS,
    );
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('a');
    }, 500);
    await eventually(
      'all are closed',
      async () => openNow(),
      (count) => count === 0,
      (REQUEST_SECONDS + 5) * 1000,
    );
    clearInterval(drip);
  });
  expect(serving.gateway.openFiles).toBeLessThan(before + 20);
});

it(`${RESETS} gRPC calls that are reset as soon as they are made`, async () => {
  await start();
  const headers = { ':method': 'POST', ':path': METHOD, 'content-type': 'application/grpc', te: 'trailers' };
  let resets = 0;
  await besideHealthyClients(async () => {
    while (resets < RESETS) {
      const session = grpcConnection();
      await new Promise((resolve) => {
        session.once('connect', resolve);
        session.once('close', resolve);
      });
      // The gateway may say goodbye to such a client; it comes again.
      while (!session.closed && !session.destroyed && resets < RESETS) {
        for (let count = 0; count < 100 && !session.closed && !session.destroyed; count += 1) {
          const stream = session.request(headers);
          stream.on('error', () => {});
          // A message of five bytes that never comes.
          stream.write(Buffer.from([0, 0, 0, 0, 5]));
          stream.close(http2.constants.NGHTTP2_CANCEL);
          resets += 1;
        }
        await sleep(1);
      }
    }
  });
  expect(resets).toBeGreaterThanOrEqual(RESETS);
});

it('more connections than the gateway may have files: it goes on, and so do its runners', async () => {
  const OPEN_FILES = 200;
  await start({}, OPEN_FILES);
  const { gateway, caller } = serving;
  expect((await caller.infer('identity-fp32', echo)).status).toBe(200);
  for (let opened = 0; opened < 2 * OPEN_FILES; opened += 1) restConnection('');
  await eventually(
    'no file is left',
    async () => gateway.openFiles,
    (count) => count >= OPEN_FILES - 5,
  );
  // A client that was there before is served, and a runner that ends now cannot be replaced yet.
  expect((await caller.infer('identity-fp32', echo)).status).toBe(200);
  process.kill(gateway.runners[0] ?? 0, 'SIGKILL');
  const waiting = caller.infer('identity-fp32', echo);
  await sleep(3000);
  for (const socket of sockets.splice(0)) socket.destroy();
  expect((await waiting).status).toBe(200);
  expect(gateway.isAlive, gateway.log.slice(-2000)).toBe(true);
  await eventually(
    'files are free',
    async () => gateway.openFiles,
    (count) => count < OPEN_FILES / 2,
  );
});
