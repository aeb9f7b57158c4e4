import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { ObjectStorePolicies } from '#adapters/access-store';
import { GrpcInferenceClient, RestInferenceClient } from '#adapters/inference-client';
import { FsObjectStore } from '#adapters/object-store-fs';
import { ClientTls } from '#adapters/tls-material';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { freePort } from '../servers/free-port.ts';
import { OPEN_ACCESS } from '../servers/open-access.ts';
import { requireProgram } from '../servers/system-program.ts';
import { type IssuedFiles, TestAuthority } from '../servers/test-authority.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { type CommandResult, runSlipway } from './run-slipway.ts';
import { digitsDirectory } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const LOAD_SECONDS = 8;
/** Three programs at once. */
const START_MS = 90_000;
const PORTS = ['REGISTRY', 'CONTROLLER', 'CONTROLLER_GRPC', 'GATEWAY', 'GATEWAY_GRPC'] as const;
type Port = (typeof PORTS)[number];

const dist = join(import.meta.dirname, '../../dist/apps');
const stateDir = freshStateDirectory();
const live = join(stateDir, 'live');
const running: ChildProcess[] = [];
const ports = {} as Record<Port, string>;
const settings: Record<string, string> = { ...OPEN_ACCESS };
const logs: Record<string, string> = {};
let authority: TestAuthority;
let stranger: TestAuthority;
let person: IssuedFiles;

const spiffe = (name: string) => ({
  subject: `/O=Slipway/CN=${name.replace('/', ' ')}`,
  names: [`URI:spiffe://slipway.test/${name}`],
});
const urlOf = (port: Port) => `https://127.0.0.1:${ports[port]}`;

/** Lays a certificate where a program looks for it. */
function put({ cert, key }: IssuedFiles): void {
  copyFileSync(cert, join(live, 'tls.crt'));
  copyFileSync(key, join(live, 'tls.key'));
}

function start(program: string, shown: IssuedFiles): ChildProcess {
  const own = { SLIPWAY_TLS_CLIENT_CERT: shown.cert, SLIPWAY_TLS_CLIENT_KEY: shown.key };
  const child = spawn(pinnedNode, [join(dist, program, 'main.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...settings, ...own },
  });
  logs[program] = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    logs[program] += text;
  });
  running.push(child);
  return child;
}

/** The command line, as somebody with a certificate, or without. */
function slipway(shown: IssuedFiles | undefined, args: readonly string[], more: Record<string, string> = {}) {
  const own = shown && { SLIPWAY_TLS_CLIENT_CERT: shown.cert, SLIPWAY_TLS_CLIENT_KEY: shown.key };
  const servers = ['--registry', urlOf('REGISTRY'), '--gateway', urlOf('GATEWAY'), '--controller', urlOf('CONTROLLER')];
  const trust = { SLIPWAY_TLS_CA: authority.cert, ...own, ...more };
  return runSlipway({ stateDir }, [...servers, '--repo', settings['SLIPWAY_GIT_URL'] ?? '', ...args], trust);
}

/** What curl got, whatever the port speaks, and how it ended. */
function curl(port: Port, args: readonly string[]): Promise<CommandResult> {
  const isGrpc = port.endsWith('GRPC');
  // An empty message, as gRPC frames it.
  const call = ['--http2', '-H', 'content-type: application/grpc', '-H', 'te: trailers', '--data-binary', `@${frame}`];
  const paths: Partial<Record<Port, string>> = {
    GATEWAY_GRPC: '/inference.GRPCInferenceService/ServerLive',
    CONTROLLER_GRPC: '/slipway.control.v1.GatewayControl/Attach',
  };
  const url = `${urlOf(port)}${paths[port] ?? '/health/live'}`;
  const all = [
    '--silent',
    '--show-error',
    '--max-time',
    '5',
    '--dump-header',
    '-',
    ...args,
    ...(isGrpc ? call : []),
    url,
  ];
  return new Promise((resolve) => {
    execFile('curl', all, { encoding: 'latin1' }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
const frame = join(stateDir, 'frame');
const trusting = () => ['--cacert', authority.cert];
const showing = ({ cert, key }: IssuedFiles) => [...trusting(), '--cert', cert, '--key', key];

beforeAll(async () => {
  await requireProgram('curl', ['curl']);
  authority = await TestAuthority.create();
  stranger = await TestAuthority.create('Somebody else');
  mkdirSync(live, { recursive: true });
  writeFileSync(frame, Buffer.alloc(5));
  person = authority.issue(spiffe('people/ada'));
  put(authority.issue());
  copyFileSync(authority.revoke(), join(live, 'revoked.crl'));
  const repository = join(stateDir, 'manifests.git');
  spawnSync('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', repository]);
  for (const port of PORTS) {
    ports[port] = await freePort();
    settings[`SLIPWAY_${port}_PORT`] = ports[port];
  }
  Object.assign(settings, {
    SLIPWAY_STORE_DIR: join(stateDir, 'store'),
    SLIPWAY_REGISTRY_INDEX: join(stateDir, 'index.db'),
    SLIPWAY_CONTROLLER_STATE_DIR: join(stateDir, 'controller'),
    SLIPWAY_GATEWAY_STATE_DIR: join(stateDir, 'gateway'),
    SLIPWAY_GIT_URL: repository,
    SLIPWAY_GIT_POLL_SECONDS: '1',
    SLIPWAY_REGISTRY_URL: urlOf('REGISTRY'),
    SLIPWAY_CONTROLLER_GRPC: `grpcs://127.0.0.1:${ports.CONTROLLER_GRPC}`,
    SLIPWAY_TLS_CERT: join(live, 'tls.crt'),
    SLIPWAY_TLS_KEY: join(live, 'tls.key'),
    SLIPWAY_TLS_CLIENT_AUTH: 'required',
    SLIPWAY_TLS_CLIENT_CA: authority.cert,
    SLIPWAY_TLS_CLIENT_NAMES: 'spiffe://slipway.test/programs/*; spiffe://slipway.test/people/*',
    SLIPWAY_TLS_CRL: join(live, 'revoked.crl'),
    SLIPWAY_TLS_CA: authority.cert,
    SLIPWAY_TLS_RELOAD_SECONDS: '1',
  });
});

afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  authority?.remove();
  stranger?.remove();
  rmSync(stateDir, { recursive: true, force: true });
});

describe('registry, controller and gateway, each with mutual TLS on every port', () => {
  it('register, deploy and serve', async () => {
    start('registry', authority.issue(spiffe('programs/registry')));
    start('controller', authority.issue(spiffe('programs/controller')));
    start('gateway', authority.issue(spiffe('programs/gateway')));
    for (const port of PORTS)
      await eventually(
        `${port} answers`,
        () => curl(port, showing(person)),
        ({ exitCode }) => exitCode === 0,
        START_MS,
      );
    const push = ['model', 'push', 'digits', join(digitsDirectory, 'digits-2.onnx')];
    expect(await slipway(person, push)).toMatchObject({ exitCode: 0 });
    expect(await slipway(person, ['deploy', 'digits@1', '--watch'])).toMatchObject({ exitCode: 0 });
    const digit = `pixels=@${join(digitsDirectory, 'one-digit.json')}`;
    const answer = await slipway(person, ['infer', 'digits', '--input', digit, '--json']);
    expect(JSON.parse(answer.stdout)).toMatchObject({ modelVersion: '1' });
  });

  it('events come over WebSockets', async () => {
    class OurSocket extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { ca: read(authority.cert), cert: read(person.cert), key: read(person.key) });
      }
    }
    const client = createClient({
      url: `${urlOf('REGISTRY').replace('https', 'wss')}/graphql`,
      webSocketImpl: OurSocket,
    });
    const query = 'subscription { versionRegistered { version } }';
    const connected = new Promise((resolve) => client.on('connected', resolve));
    const told = new Promise((resolve, reject) => {
      client.subscribe({ query }, { next: ({ data }) => resolve(data), error: reject, complete: () => {} });
    });
    const file = join(digitsDirectory, 'digits-1.onnx');
    await connected;
    expect(await slipway(person, ['model', 'push', 'other', file])).toMatchObject({ exitCode: 0 });
    expect(await told).toEqual({ versionRegistered: { version: 1 } });
    await client.dispose();
  });

  describe.each(PORTS)('the port of %s', (port) => {
    it('takes whoever has a certificate that is valid and listed', async () => {
      const { stdout, stderr } = await curl(port, showing(person));
      expect(stdout, stderr).toMatch(/^HTTP\/(2|1\.1) 200/);
    });

    it.each<[string, () => readonly string[]]>([
      ['no certificate', trusting],
      ['one that expired', () => showing(authority.issue({ ...spiffe('people/eve'), validDays: -1 }))],
      ['one of another issuer', () => showing(stranger.issue(spiffe('people/ada')))],
      ['one with another name', () => showing(authority.issue(spiffe('others/eve')))],
      ['one with a host instead of a name', () => showing(authority.issue({ names: ['DNS:people.slipway.test'] }))],
      ['one for servers', () => showing(authority.issue({ ...spiffe('people/eve'), usage: 'serverAuth' }))],
      ['an old TLS', () => [...showing(person), '--tls-max', '1.2']],
    ])('takes nothing of whoever has %s', async (_what, args) => {
      const { exitCode, stdout } = await curl(port, args());
      expect(stdout).toBe('');
      expect(exitCode).not.toBe(0);
    });

    it('takes nothing in the clear', async () => {
      const socket = connectTcp(Number(ports[port]), '127.0.0.1').on('error', () => {});
      let received = '';
      socket.on('data', (bytes) => {
        received += bytes.toString('latin1');
      });
      socket.write(
        port.endsWith('GRPC') ? 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' : 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n',
      );
      await new Promise((resolve) => socket.once('close', resolve));
      expect(received).not.toMatch(/HTTP\/1.1 [23]|live/);
    });
  });

  it('no port waits for a handshake that does not come', async () => {
    const before = performance.now();
    const sockets = PORTS.map((port) => connectTcp(Number(ports[port]), '127.0.0.1').on('error', () => {}));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it('a certificate that is revoked is refused on every port a second later', async () => {
    const lost = authority.issue(spiffe('people/lost'));
    for (const port of PORTS) expect((await curl(port, showing(lost))).stdout).toMatch(/^HTTP\/(2|1\.1) 200/);
    copyFileSync(authority.revoke(lost), join(live, 'revoked.crl'));
    for (const port of PORTS)
      await eventually(
        'it is refused',
        () => curl(port, showing(lost)),
        ({ exitCode }) => exitCode !== 0,
      );
    await sleep(1000);
    for (const port of PORTS) {
      expect((await curl(port, showing(lost))).stdout).toBe('');
      expect((await curl(port, showing(person))).stdout).toMatch(/^HTTP\/(2|1\.1) 200/);
    }
    expect(logs['gateway']).toMatch(/"reason":"CERT_REVOKED".*a TLS connection was refused/);
  });

  it('files that do not fit are not taken, and the reason is logged', async () => {
    const shown = await serialAt('GATEWAY');
    copyFileSync(authority.issue().cert, join(live, 'tls.crt'));
    for (const program of ['registry', 'controller', 'gateway'])
      await eventually(
        'it is logged',
        async () => logs[program] ?? '',
        (log) => /SLIPWAY_TLS_KEY .*is not the key of the certificate.*the last good ones stay in force/.test(log),
      );
    expect(await serialAt('GATEWAY')).toBe(shown);
    put(authority.issue());
    for (const port of PORTS)
      await eventually(
        'the next one is taken',
        () => serialAt(port),
        (serial) => serial !== shown,
      );
  });

  it('certificates are replaced under load, and no request is dropped', async () => {
    const load = { ended: false };
    const callers = [
      ...Array.from({ length: 3 }, (_, index) => restCalls(load, index === 0 ? Number.POSITIVE_INFINITY : 5)),
      ...Array.from({ length: 3 }, (_, index) => grpcCalls(load, index === 0 ? Number.POSITIVE_INFINITY : 5)),
    ];
    const serials = new Set<string>();
    for (let rotation = 0; rotation < LOAD_SECONDS / 2; rotation += 1) {
      put(authority.issue());
      if (rotation % 2 === 0) for (const child of running) child.kill('SIGHUP');
      await sleep(2000);
      serials.add(await serialAt('GATEWAY'));
      serials.add(await serialAt('GATEWAY_GRPC'));
    }
    load.ended = true;
    const outcomes = (await Promise.all(callers)).flat();
    console.info(`${outcomes.length} requests during ${serials.size} certificates`);
    expect(outcomes.filter((outcome) => outcome !== 'answered')).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(200);
    expect(serials.size).toBe(LOAD_SECONDS / 2);
    expect(running.every(({ exitCode }) => exitCode === null)).toBe(true);
  });

  it('metrics say when the certificate expires', async () => {
    for (const port of ['GATEWAY', 'CONTROLLER'] as const) {
      const { stdout } = await curlMetrics(port);
      const [, seconds] = /^slipway_tls_certificate_expiry_timestamp_seconds (\S+)$/m.exec(stdout) ?? [];
      expect((Number(seconds) * 1000 - Date.now()) / 86_400_000).toBeCloseTo(90, 0);
    }
  });
});

it('where policies decide, a certificate says who calls', async () => {
  const store = await FsObjectStore.open(settings['SLIPWAY_STORE_DIR'] ?? '');
  const text = `
apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: people }
spec:
  bindings:
    - { role: viewer, subjects: [{ workload: 'spiffe://slipway.test/people/ada' }], namespaces: [default] }
`;
  await new ObjectStorePolicies(store).publish({ revision: 'one', files: [{ path: 'people.yaml', text }] }, 1);
  const port = await freePort();
  const own = { SLIPWAY_ACCESS: 'policies', SLIPWAY_REGISTRY_PORT: port };
  Object.assign(settings, own, { SLIPWAY_REGISTRY_INDEX: join(stateDir, 'other-index.db') });
  start('registry', person);
  const listed = (shown: IssuedFiles) =>
    slipway(shown, ['--registry', `https://127.0.0.1:${port}`, 'model', 'list', '--json']);
  const { stdout } = await eventually(
    'it answers',
    () => listed(person),
    ({ exitCode }) => exitCode === 0,
    START_MS,
  );
  expect(stdout).toContain('digits');
  const { stdout: others } = await listed(authority.issue(spiffe('people/bob')));
  expect(others).not.toContain('digits');
});

describe('the command line', () => {
  it('calls nobody whose certificate is not valid, not of its issuers, or of another host', async () => {
    const reasonAt = async (server: IssuedFiles, more: Record<string, string> = {}) => {
      const listener = createServer({ cert: read(server.cert), key: read(server.key) }, (_request, response) =>
        response.end('{}'),
      );
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
      const url = `https://127.0.0.1:${(listener.address() as { port: number }).port}`;
      const answers = await Promise.all([
        slipway(undefined, ['--registry', url, 'model', 'list'], more),
        slipway(undefined, ['--gateway', url, 'infer', 'm', '--input', 'x=[1]'], more),
        slipway(undefined, ['--controller', url, 'rollout', 'status', 'digits'], more),
      ]);
      listener.close();
      listener.closeAllConnections();
      return answers.map(
        ({ exitCode, stderr }) => `${exitCode} ${/cannot be reached: (\S+)/.exec(stderr)?.[1] ?? stderr}`,
      );
    };
    const thrice = (reason: string) => Array(3).fill(`1 ${reason}`);
    expect(await reasonAt(authority.issue({ validDays: -1 }))).toEqual(thrice('CERT_HAS_EXPIRED'));
    expect(await reasonAt(stranger.issue())).toEqual(thrice('UNABLE_TO_VERIFY_LEAF_SIGNATURE'));
    expect(await reasonAt(authority.issue({ names: ['DNS:elsewhere.test'] }))).toEqual(
      thrice('ERR_TLS_CERT_ALTNAME_INVALID'),
    );
    const named = await reasonAt(authority.issue({ names: ['DNS:elsewhere.test'] }), {
      SLIPWAY_TLS_SERVER_NAME: 'elsewhere.test',
    });
    expect(named.join()).not.toMatch(/ERR_TLS|CERT/);
  });
});

describe('a program', () => {
  it.each<[string, string, () => Record<string, string>, RegExp]>([
    [
      'a certificate without its key',
      'registry',
      () => ({ SLIPWAY_TLS_KEY: '' }),
      /SLIPWAY_TLS_CERT and SLIPWAY_TLS_KEY go together/,
    ],
    [
      'a file that is not there',
      'controller',
      () => ({ SLIPWAY_TLS_CERT: '/nowhere/tls.crt' }),
      /SLIPWAY_TLS_CERT \(\/nowhere\/tls\.crt\): cannot be read: ENOENT/,
    ],
    [
      'another key',
      'gateway',
      () => ({ SLIPWAY_TLS_KEY: authority.issue().key }),
      /SLIPWAY_TLS_KEY .*: is not the key of the certificate in /,
    ],
    [
      'an expired certificate',
      'registry',
      () => pairOf(authority.issue({ validDays: -1 })),
      /SLIPWAY_TLS_CERT .*: the certificate expired at .*: renew it/,
    ],
    [
      'nobody who issues those of clients',
      'controller',
      () => ({ SLIPWAY_TLS_CLIENT_CA: '' }),
      /SLIPWAY_TLS_CLIENT_AUTH needs SLIPWAY_TLS_CLIENT_CA/,
    ],
    [
      'a list of clients that nobody is asked for',
      'gateway',
      () => ({ SLIPWAY_TLS_CLIENT_AUTH: 'none' }),
      /SLIPWAY_TLS_CLIENT_NAMES has no effect without SLIPWAY_TLS_CLIENT_AUTH/,
    ],
  ])('with %s does not start, and says so', (_what, program, wrong, message) => {
    const env = { ...process.env, ...settings, ...wrong() };
    const { status, stderr } = spawnSync(pinnedNode, [join(dist, program, 'main.js')], { env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([78, expect.stringMatching(message)]);
  });
});

describe('the all-in-one', () => {
  const folder = join(stateDir, 'all');
  const trust = () => ({ SLIPWAY_TLS_CA: authority.cert });
  let server: SlipwayServer | undefined;
  afterAll(async () => {
    await server?.stop();
  });

  it('says what is missing when its programs cannot call each other', async () => {
    const own = pairOf(authority.issue());
    await expect(startSlipwayServer(folder, own)).rejects.toThrow(
      /cannot call each other at .*SLIPWAY_TLS_CA must name/,
    );
    const asking = { ...own, ...trust(), SLIPWAY_TLS_CLIENT_AUTH: 'required', SLIPWAY_TLS_CLIENT_CA: authority.cert };
    await expect(startSlipwayServer(folder, asking)).rejects.toThrow(
      /set SLIPWAY_TLS_CLIENT_CERT and SLIPWAY_TLS_CLIENT_KEY/,
    );
  });

  it('serves with a certificate for its public name, and asks for that itself', async () => {
    const own = authority.issue({ names: ['DNS:*.slipway.test'] });
    const client = { SLIPWAY_TLS_CLIENT_CERT: person.cert, SLIPWAY_TLS_CLIENT_KEY: person.key };
    const clients = { SLIPWAY_TLS_CLIENT_AUTH: 'required', SLIPWAY_TLS_CLIENT_CA: authority.cert, ...client };
    server = await startSlipwayServer(folder, { ...pairOf(own), ...trust(), ...clients });
    const all = { ...trust(), ...client, SLIPWAY_TLS_SERVER_NAME: 'eu.slipway.test' };
    const file = join(digitsDirectory, 'digits-1.onnx');
    expect(await runSlipway(server, ['model', 'push', 'digits', file], all)).toMatchObject({ exitCode: 0 });
    expect(await runSlipway(server, ['deploy', 'digits@1', '--watch'], all)).toMatchObject({ exitCode: 0 });
    expect(await runSlipway(server, ['model', 'list'], trust())).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
    });
  });
});

const read = (path: string) => readFileSync(path, 'utf8');
const pairOf = ({ cert, key }: IssuedFiles) => ({ SLIPWAY_TLS_CERT: cert, SLIPWAY_TLS_KEY: key });

function curlMetrics(port: 'GATEWAY' | 'CONTROLLER'): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile('curl', ['--silent', ...showing(person), `${urlOf(port)}/metrics`], (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : 1, stdout, stderr }),
    );
  });
}

/** Of the certificate that a new connection is shown. */
function serialAt(port: Port): Promise<string> {
  const identity = { ca: read(authority.cert), cert: read(person.cert), key: read(person.key) };
  return new Promise((resolve, reject) => {
    const place = { host: '127.0.0.1', port: Number(ports[port]), ALPNProtocols: port.endsWith('GRPC') ? ['h2'] : [] };
    const socket = connectTls({ ...place, ...identity }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

function clientTls(): ClientTls {
  const file = (path: string) => ({ setting: path, path });
  const files = { authorities: file(authority.cert), certificate: file(person.cert), key: file(person.key) };
  return new ClientTls(files, undefined, () => Date.now());
}

/** Calls one after the other, with a new connection every so many. */
async function restCalls(load: { readonly ended: boolean }, callsPerConnection: number): Promise<string[]> {
  const outcomes: string[] = [];
  const inputs = [{ name: 'pixels', datatype: 'FP32' as const, shape: [1, 64], data: Array<number>(64).fill(0) }];
  while (!load.ended) {
    const client = new RestInferenceClient(urlOf('GATEWAY'), { agent: clientTls().agent });
    for (let call = 0; call < callsPerConnection && !load.ended; call += 1)
      outcomes.push(await client.infer('digits', { inputs }).then(() => 'answered', String));
    client.close();
  }
  return outcomes;
}

async function grpcCalls(load: { readonly ended: boolean }, callsPerConnection: number): Promise<string[]> {
  const outcomes: string[] = [];
  const inputs = [{ name: 'pixels', datatype: 'FP32' as const, shape: [1, 64], data: new Uint8Array(256) }];
  while (!load.ended) {
    const channel = clientTls().channelTo(`grpcs://127.0.0.1:${ports.GATEWAY_GRPC}`);
    const client = new GrpcInferenceClient(channel.target, { channel });
    for (let call = 0; call < callsPerConnection && !load.ended; call += 1)
      outcomes.push(await client.infer('digits', inputs).then(() => 'answered', String));
    client.close();
  }
  return outcomes;
}
