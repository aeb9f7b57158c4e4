import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelInferRequest, ModelMetadataRequest } from '#generated/inference/open_inference';
import { type ForwardingProxy, startNginx } from '../servers/nginx.ts';
import { type AccessServer, startAccessServer } from './access-server.ts';
import { digitsDirectory } from './serve-digits.ts';

/** All of it is this machine. */
const OFFICE = '127.10.0.7';
const ELSEWHERE = '127.20.0.7';
const PROXY = '127.30.0.1';

/** Whoever calls from the office may use it. */
const POLICY = `  rules:
    - name: office
      effect: allow
      actions: [deployment.infer, deployment.describe, deployment.read]
      subjects: [{ everyone: true }]
      when: { network: { in: [127.10.0.0/16] } }
`;

const INFER = JSON.stringify({
  inputs: [{ name: 'pixels', ...JSON.parse(readFileSync(join(digitsDirectory, 'one-digit.json'), 'utf8')) }],
});
const [OK, UNAUTHENTICATED, INVALID] = [0, 16, 3];

type Headers = Readonly<Record<string, string | string[]>>;

/** Asks over HTTP from an address of this machine. @returns the status */
function rest(port: number, from: string, headers: Headers = {}, method = 'POST', path = '/v2/models/digits/infer') {
  return new Promise<number>((resolve, reject) => {
    const body = method === 'POST' ? INFER : '';
    const sent = { ...headers, ...(method === 'POST' ? { 'content-length': String(body.length) } : {}) };
    const place = { host: '127.0.0.1', port, localAddress: from, agent: false };
    const outgoing = httpRequest({ ...place, method, path, headers: sent }, (incoming) => {
      incoming.resume();
      incoming.once('end', () => resolve(incoming.statusCode ?? 0));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Calls over gRPC from an address of this machine. @returns the status */
function grpc(
  port: number,
  from: string,
  headers: Headers = {},
  method: 'ModelInfer' | 'ModelMetadata' = 'ModelInfer',
) {
  const { resolve, reject, promise } = Promise.withResolvers<number>();
  const socket = connect({ host: '127.0.0.1', port, localAddress: from });
  const session = connectHttp2(`http://127.0.0.1:${port}`, { createConnection: () => socket });
  session.on('error', reject);
  const path = `/inference.GRPCInferenceService/${method}`;
  const stream = session.request({
    ...headers,
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const told = (received: object) => {
    if ('grpc-status' in received) resolve(Number(received['grpc-status']));
  };
  stream.on('response', told);
  stream.on('trailers', told);
  stream.on('error', reject);
  stream.on('end', () => session.close());
  stream.resume();
  stream.end(framed(MESSAGES[method]));
  return promise;
}

const MESSAGES = {
  ModelInfer: ModelInferRequest.encode(ModelInferRequest.fromPartial({ modelName: 'digits' })).finish(),
  ModelMetadata: ModelMetadataRequest.encode(ModelMetadataRequest.fromPartial({ name: 'digits' })).finish(),
};

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

let server: AccessServer;
let proxy: ForwardingProxy;
const start = async (settings: Record<string, string>) => {
  server = await startAccessServer(POLICY, settings);
  proxy = await startNginx({ http: server.gateway, grpc: server.gatewayGrpc }, PROXY);
};
const end = async () => {
  await proxy?.stop();
  await server?.remove();
};
const ownPort = () => Number(new URL(server.gateway).port);
const ownGrpcPort = () => Number(server.gatewayGrpc.split(':')[1]);

describe('behind a trusted proxy', () => {
  beforeAll(() => start({ SLIPWAY_TRUSTED_PROXIES: '127.30.0.0/16' }), 60_000);
  afterAll(end);

  /** Everything that a client may say of itself. */
  const lies: readonly Headers[] = [
    {},
    { 'x-forwarded-for': OFFICE },
    { 'x-forwarded-for': `${OFFICE}, ${PROXY}` },
    { 'x-forwarded-for': [OFFICE, `${OFFICE}:80`] },
    { 'x-forwarded-for': `${OFFICE}, "` },
    { forwarded: `for=${OFFICE}` },
    { 'x-forwarded-for': OFFICE, forwarded: `for=${OFFICE}` },
    { 'x-real-ip': OFFICE, 'x-client-ip': OFFICE, 'true-client-ip': OFFICE },
  ];

  it('a client is where the proxy says: by REST', async () => {
    expect(await rest(proxy.httpPort, OFFICE)).toBe(200);
    expect(await rest(proxy.httpPort, OFFICE, { 'x-forwarded-for': ELSEWHERE })).toBe(200);
    expect(await rest(proxy.httpPort, OFFICE, {}, 'GET', '/v2/models/digits')).toBe(200);
  });

  it('a client is where the proxy says: by gRPC', async () => {
    // The request has no tensors: whoever may ask is told so.
    expect(await grpc(proxy.grpcPort, OFFICE)).toBe(INVALID);
    expect(await grpc(proxy.grpcPort, OFFICE, { 'x-forwarded-for': ELSEWHERE })).toBe(INVALID);
    expect(await grpc(proxy.grpcPort, OFFICE, {}, 'ModelMetadata')).toBe(OK);
  });

  it('what a client says of itself is not believed, through the proxy or past it', async () => {
    for (const headers of lies) {
      const told = JSON.stringify(headers);
      for (const port of [proxy.httpPort, ownPort()]) {
        expect([told, await rest(port, ELSEWHERE, headers)]).toEqual([told, 401]);
        expect([told, await rest(port, ELSEWHERE, headers, 'GET', '/v2/models/digits')]).toEqual([told, 401]);
      }
      for (const port of [proxy.grpcPort, ownGrpcPort()]) {
        expect([told, await grpc(port, ELSEWHERE, headers)]).toEqual([told, UNAUTHENTICATED]);
        expect([told, await grpc(port, ELSEWHERE, headers, 'ModelMetadata')]).toEqual([told, UNAUTHENTICATED]);
      }
    }
  });

  it('whoever calls past the proxy is where they call from', async () => {
    expect(await rest(ownPort(), OFFICE, { 'x-forwarded-for': ELSEWHERE })).toBe(200);
    expect(await grpc(ownGrpcPort(), OFFICE, { 'x-forwarded-for': ELSEWHERE })).toBe(INVALID);
  });

  it('where the proxy says nothing of a client, or two things, it is nowhere', async () => {
    expect(await rest(ownPort(), PROXY)).toBe(401);
    expect(await rest(ownPort(), PROXY, { 'x-forwarded-for': OFFICE })).toBe(200);
    expect(await rest(ownPort(), PROXY, { 'x-forwarded-for': OFFICE, forwarded: `for=${OFFICE}` })).toBe(200);
    expect(await rest(ownPort(), PROXY, { 'x-forwarded-for': OFFICE, forwarded: `for=${ELSEWHERE}` })).toBe(401);
    expect(await rest(proxy.httpPort, OFFICE, { forwarded: `for=${ELSEWHERE}` })).toBe(401);
  });

  it('other interfaces believe it, too', async () => {
    const ask = (base: string, path: string, from: string, headers: Headers) =>
      rest(Number(new URL(base).port), from, headers, 'GET', path);
    const watched = '/v1/deployments/default/digits';
    expect(await ask(server.controller, watched, PROXY, { 'x-forwarded-for': `${OFFICE}, ${ELSEWHERE}` })).toBe(404);
    expect(await ask(server.controller, watched, PROXY, { 'x-forwarded-for': OFFICE })).toBe(200);
  });
});

describe('without trusted proxies', () => {
  beforeAll(() => start({}), 60_000);
  afterAll(end);

  it('whoever calls is where the connection comes from, whatever headers say', async () => {
    expect(await rest(proxy.httpPort, OFFICE)).toBe(401);
    expect(await grpc(proxy.grpcPort, OFFICE)).toBe(UNAUTHENTICATED);
    expect(await rest(ownPort(), OFFICE, { 'x-forwarded-for': ELSEWHERE, forwarded: `for=${ELSEWHERE}` })).toBe(200);
    expect(await grpc(ownGrpcPort(), OFFICE, { 'x-forwarded-for': ELSEWHERE })).toBe(INVALID);
    expect(await rest(ownPort(), ELSEWHERE, { 'x-forwarded-for': OFFICE })).toBe(401);
  });
});
