import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import type { ServerHttp2Session } from 'node:http2';
import { createServer, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { Client, Server, type ServerUnaryCall, type ServiceDefinition, type sendUnaryData } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { certificateOf, peerOf } from '#adapters/http-access';
import { type IssuedFiles, TestAuthority } from '../../../../test/servers/test-authority.ts';
import { type ClientFiles, ClientTls } from './client-tls.ts';
import { ServerTls } from './server-tls.ts';

let authority: TestAuthority;
let stranger: TestAuthority;
let shop: IssuedFiles;
let bank: IssuedFiles;
beforeAll(async () => {
  authority = await TestAuthority.create();
  stranger = await TestAuthority.create('Somebody else');
  shop = authority.issue({ subject: '/CN=shop', names: [] });
  bank = authority.issue({ subject: '/CN=bank', names: [] });
});
afterAll(() => {
  authority.remove();
  stranger.remove();
});

let closers: (() => void)[];
beforeEach(() => {
  closers = [];
});
afterEach(() => {
  for (const close of closers) close();
});

const file = (setting: string, path: string) => ({ setting, path });

function serverWith({ cert, key }: IssuedFiles): ServerTls {
  const files = {
    certificate: file('CERT', cert),
    key: file('KEY', key),
    clientAuthorities: file('CLIENT_CA', authority.cert),
    revocations: undefined,
  };
  return new ServerTls(
    { files, minVersion: 'TLSv1.3', clientAuth: 'optional', clientNames: [] },
    { nowMs: () => Date.now(), namesOf: certificateOf, onRefused: () => {} },
  );
}

function clientWith(files: Partial<ClientFiles> = {}, serverName?: string): ClientTls {
  const all = { authorities: file('CA', authority.cert), certificate: undefined, key: undefined, ...files };
  const tls = new ClientTls(all, serverName, () => Date.now());
  closers.push(() => tls.agent.destroy());
  return tls;
}

const identityOf = ({ cert, key }: IssuedFiles) => ({ certificate: file('CERT', cert), key: file('KEY', key) });

/** What HTTPS and gRPC servers with a certificate are asked, and how they know the client. */
async function serve(issued: IssuedFiles) {
  const tls = serverWith(issued);
  const server = createServer({ ...tls.serverOptions }, ({ socket }, response) =>
    response.end(certificateOf(socket as TLSSocket)?.subject ?? 'nobody'),
  );
  tls.attend(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const grpc = new Server();
  grpc.addService(WHO, { who });
  const { port: grpcPort, close } = await tls.listenForGrpc(grpc, { host: '127.0.0.1', port: 0 });
  closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
    close,
    () => grpc.forceShutdown(),
  );
  const { port } = server.address() as { port: number };
  return {
    byHttps: (client: ClientTls, host = '127.0.0.1') =>
      new Promise<string>((resolve) => {
        get({ host, port, agent: client.agent }, (response) => {
          response.once('data', (chunk) => resolve(String(chunk)));
        }).once('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
      }),
    byGrpc: (client: ClientTls, host = '127.0.0.1') => callGrpc(client, `grpcs://${host}:${grpcPort}`),
  };
}

const text = { serialize: (value: string) => Buffer.from(value), deserialize: (bytes: Buffer) => bytes.toString() };
const who = (_call: ServerUnaryCall<string, string>, done: sendUnaryData<string>) => done(null, 'called');
const WHO: ServiceDefinition = {
  who: {
    path: '/test.Names/Who',
    requestStream: false,
    responseStream: false,
    requestSerialize: text.serialize,
    requestDeserialize: text.deserialize,
    responseSerialize: text.serialize,
    responseDeserialize: text.deserialize,
  },
};

function callGrpc(client: ClientTls, address: string): Promise<string> {
  const { target, credentials, options } = client.channelTo(address);
  const channel = new Client(target, credentials, options);
  closers.push(() => channel.close());
  return new Promise((resolve) => {
    const deadline = Date.now() + 5000;
    channel.makeUnaryRequest(
      '/test.Names/Who',
      text.serialize,
      text.deserialize,
      'who',
      { deadline },
      (error, answer) => resolve(error === null ? (answer ?? '') : error.details),
    );
  });
}

describe('a client', () => {
  it('trusts servers whose certificate is of its issuers, valid and for the host, and no others', async () => {
    const tls = clientWith();
    const good = await serve(authority.issue());
    expect([await good.byHttps(tls), await good.byGrpc(tls)]).toEqual(['nobody', 'called']);
    const foreign = await serve(stranger.issue());
    expect(await foreign.byHttps(tls)).toMatch(/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO/);
    expect(await foreign.byGrpc(tls)).toMatch(/self-signed|unable to/);
    const other = await serve(authority.issue({ names: ['DNS:elsewhere.example'] }));
    expect(await other.byHttps(tls)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await other.byGrpc(tls)).toMatch(/does not match certificate's altnames/);
  });

  it('trusts nobody but those whom Node.js knows, where it is told of no issuers', async () => {
    const tls = clientWith({ authorities: undefined });
    const server = await serve(authority.issue());
    expect(await server.byHttps(tls)).toMatch(/SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO/);
    expect(await server.byGrpc(tls)).toMatch(/self-signed|unable to/);
  });

  it('asks for another name than the host where it is told to', async () => {
    const server = await serve(authority.issue({ names: ['DNS:elsewhere.example'] }));
    const tls = clientWith({}, 'elsewhere.example');
    expect([await server.byHttps(tls), await server.byGrpc(tls)]).toEqual(['nobody', 'called']);
    const good = await serve(authority.issue());
    expect(await good.byHttps(tls)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('shows its certificate, and on new connections the newest one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-tls-'));
    closers.push(() => rmSync(folder, { recursive: true, force: true }));
    const own = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
    const put = ({ cert, key }: IssuedFiles) => {
      copyFileSync(cert, own.cert);
      copyFileSync(key, own.key);
    };
    put(shop);
    const tls = clientWith(identityOf(own));
    const onReplaced = vi.fn();
    closers.push(tls.keepUp(10, { onReplaced, onRefused: () => {} }));
    const server = await serve(authority.issue());
    expect(await server.byHttps(tls)).toBe('CN=shop');
    put(bank);
    await vi.waitFor(() => expect(onReplaced).toHaveBeenCalled());
    const next = await serve(authority.issue());
    expect([await next.byHttps(tls), await next.byGrpc(tls)]).toEqual(['CN=bank', 'called']);
  });

  it('speaks in the clear to an address without grpcs', () => {
    expect(clientWith().channelTo('127.0.0.1:1')).toMatchObject({ target: '127.0.0.1:1', options: {} });
  });
});

it('a gRPC connection names its client by its certificate', async () => {
  const tls = serverWith(authority.issue());
  const grpc = new Server();
  const seen: (string | undefined)[] = [];
  grpc.addService(WHO, { who });
  const { port, close } = await tls.listenForGrpc(grpc, { host: '127.0.0.1', port: 0 });
  const look = (message: unknown) => {
    const { stream } = message as { stream: { session: ServerHttp2Session } };
    seen.push(peerOf(stream.session.socket).certificate?.subject);
  };
  subscribe('http2.server.stream.created', look);
  closers.push(
    close,
    () => grpc.forceShutdown(),
    () => void unsubscribe('http2.server.stream.created', look),
  );
  await callGrpc(clientWith(identityOf(shop)), `grpcs://127.0.0.1:${port}`);
  await callGrpc(clientWith(), `grpcs://127.0.0.1:${port}`);
  expect(seen).toEqual(['CN=shop', undefined]);
});
