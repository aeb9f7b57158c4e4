import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, get as httpsGet } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { certificateOf } from '#adapters/http-access';
import { type IssuedFiles, TestAuthority } from '../../../../test/servers/test-authority.ts';
import { boundHandshakes } from './open-handshakes.ts';
import { ServerTls, type ServerTlsSettings } from './server-tls.ts';

let authority: TestAuthority;
let stranger: TestAuthority;
let first: IssuedFiles;
let second: IssuedFiles;
let client: IssuedFiles;
beforeAll(async () => {
  authority = await TestAuthority.create();
  stranger = await TestAuthority.create('Somebody else');
  first = authority.issue();
  second = authority.issue();
  client = authority.issue({ subject: '/O=Example/CN=shop', names: ['URI:spiffe://example.org/ns/shop/sa/web'] });
});
afterAll(() => {
  authority.remove();
  stranger.remove();
});

let folder: string;
let closers: (() => void)[];
let refused: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-tls-'));
  closers = [];
  refused = [];
});
afterEach(() => {
  for (const close of closers) close();
  rmSync(folder, { recursive: true, force: true });
});

const file = (setting: string, path: string) => ({ setting, path });
const inFolder = (name: string) => join(folder, name);

function put({ cert, key }: IssuedFiles): void {
  copyFileSync(cert, inFolder('tls.crt'));
  copyFileSync(key, inFolder('tls.key'));
}

function open(settings: Partial<ServerTlsSettings> = {}, files: Partial<ServerTlsSettings['files']> = {}): ServerTls {
  return new ServerTls(
    {
      files: {
        certificate: file('CERT', inFolder('tls.crt')),
        key: file('KEY', inFolder('tls.key')),
        clientAuthorities: undefined,
        revocations: undefined,
        ...files,
      },
      minVersion: 'TLSv1.3',
      clientAuth: 'none',
      clientNames: [],
      ...settings,
    },
    { nowMs: () => Date.now(), namesOf: certificateOf, onRefused: (_from, reason) => refused.push(reason) },
  );
}

async function serve(tls: ServerTls): Promise<number> {
  const server = createServer({ ...tls.serverOptions }, (request, response) =>
    response.end(certificateOf(request.socket as TLSSocket)?.uris[0] ?? 'anonymous'),
  );
  tls.attend(server);
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

/** What a request comes back with: the answer, or why there was none. */
function ask(port: number, shown?: IssuedFiles, options: ConnectionOptions = {}): Promise<string> {
  const identity = shown && { cert: readFileSync(shown.cert), key: readFileSync(shown.key) };
  return new Promise((resolve) => {
    const all = { host: '127.0.0.1', port, agent: false, ca: readFileSync(authority.cert), ...identity, ...options };
    httpsGet(all, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
    }).once('error', () => resolve('refused'));
  });
}

async function serialAt(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(authority.cert) });
  closers.push(() => socket.destroy());
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket.getPeerCertificate().serialNumber;
}

describe('at start', () => {
  it.each<[string, () => void, RegExp]>([
    ['a file that is not there', () => rmSync(inFolder('tls.key')), /^KEY \(.*tls\.key\): cannot be read: ENOENT/],
    ['no PEM', () => writeFileSync(inFolder('tls.crt'), 'certificate'), /^CERT .*: holds no certificate in PEM$/],
    [
      'a certificate that is cut off',
      () => writeFileSync(inFolder('tls.crt'), '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'),
      /^CERT .*: certificate 1 cannot be read: /,
    ],
    [
      'a key that is none',
      () => writeFileSync(inFolder('tls.key'), 'secret-key'),
      /^KEY .*: holds no private key in PEM$/,
    ],
    [
      'a key with a passphrase',
      () => writeFileSync(inFolder('tls.key'), '-----BEGIN ENCRYPTED PRIVATE KEY-----'),
      /^KEY .*: the key has a passphrase/,
    ],
    [
      'the key of another certificate',
      () => copyFileSync(second.key, inFolder('tls.key')),
      /^KEY .*: is not the key of the certificate in .*tls\.crt$/,
    ],
    [
      'an expired certificate',
      () => put(authority.issue({ validDays: -1 })),
      /^CERT .*: the certificate expired at \d{4}-/,
    ],
  ])('%s is said, with the setting and the file', (_what, spoil, message) => {
    put(first);
    spoil();
    expect(() => open()).toThrow(message);
  });

  it('issuers and lists of revoked certificates must be such', () => {
    put(first);
    const wrong = (which: object) => () => open({ clientAuth: 'required' }, which);
    expect(wrong({ clientAuthorities: file('CA', first.key) })).toThrow(/^CA .*: holds no certificate in PEM$/);
    expect(wrong({ revocations: file('CRL', first.cert) })).toThrow(/^CRL .*: holds no list of revoked certificates/);
  });
});

describe('files that change', () => {
  const events = { onReplaced: vi.fn(), onRefused: vi.fn() };
  beforeEach(() => {
    events.onReplaced.mockReset();
    events.onRefused.mockReset();
  });
  const follow = (tls: ServerTls) => closers.push(tls.keepUp(10, events));

  it('are in force for new connections, and open ones go on', async () => {
    put(first);
    const tls = open();
    follow(tls);
    const port = await serve(tls);
    const before = await serialAt(port);
    const kept = connect({ host: '127.0.0.1', port, ca: readFileSync(authority.cert) });
    closers.push(() => kept.destroy());
    await new Promise((resolve) => kept.once('secureConnect', resolve));
    put(second);
    await vi.waitFor(() => expect(events.onReplaced).toHaveBeenCalled());
    expect(await serialAt(port)).not.toBe(before);
    const answer = new Promise<string>((resolve) => kept.once('data', (chunk) => resolve(String(chunk))));
    kept.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await answer).toContain('200 OK');
  });

  it('are found behind links that are swapped, as Kubernetes does with secrets', async () => {
    for (const [name, files] of [['one', first] as const, ['two', second] as const]) {
      mkdirSync(inFolder(name));
      copyFileSync(files.cert, join(folder, name, 'tls.crt'));
      copyFileSync(files.key, join(folder, name, 'tls.key'));
    }
    symlinkSync('one', inFolder('..data'));
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), inFolder(name));
    const tls = open();
    follow(tls);
    const port = await serve(tls);
    const before = await serialAt(port);
    symlinkSync('two', inFolder('..data_tmp'));
    renameSync(inFolder('..data_tmp'), inFolder('..data'));
    await vi.waitFor(() => expect(events.onReplaced).toHaveBeenCalled());
    expect(await serialAt(port)).not.toBe(before);
  });

  it('that cannot be used are told of once, and the last good ones stay', async () => {
    put(first);
    const tls = open();
    follow(tls);
    const port = await serve(tls);
    const before = await serialAt(port);
    copyFileSync(second.cert, inFolder('tls.crt'));
    await vi.waitFor(() => expect(events.onRefused).toHaveBeenCalled());
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(events.onRefused).toHaveBeenCalledTimes(1);
    expect(events.onRefused.mock.calls[0]?.[0].message).toMatch(/^KEY .*: is not the key of the certificate/);
    expect(await serialAt(port)).toBe(before);
    put(authority.issue({ validDays: -1 }));
    await vi.waitFor(() => expect(events.onRefused.mock.lastCall?.[0].message).toMatch(/expired/));
    rmSync(inFolder('tls.crt'));
    await vi.waitFor(() => expect(events.onRefused.mock.lastCall?.[0].message).toMatch(/ENOENT/));
    expect(await serialAt(port)).toBe(before);
    put(second);
    await vi.waitFor(() => expect(events.onReplaced).toHaveBeenCalled());
    expect(await serialAt(port)).not.toBe(before);
  });

  it('are read at once when the process gets SIGHUP', async () => {
    put(first);
    const tls = open();
    closers.push(tls.keepUp(3_600_000, events));
    put(second);
    process.kill(process.pid, 'SIGHUP');
    await vi.waitFor(() => expect(events.onReplaced).toHaveBeenCalled());
  });
});

describe('a client', () => {
  const asking = (clientAuth: 'optional' | 'required', more: Partial<ServerTlsSettings> = {}, files = {}) => {
    put(first);
    return serve(open({ clientAuth, ...more }, { clientAuthorities: file('CA', authority.cert), ...files }));
  };

  it('with a certificate is known by it', async () => {
    const port = await asking('required');
    expect(await ask(port, client)).toBe('spiffe://example.org/ns/shop/sa/web');
    expect(refused).toEqual([]);
  });

  it.each(['optional', 'required'] as const)(
    'whose certificate is not valid is refused, where it is %s',
    async (mode) => {
      const port = await asking(mode);
      expect(await ask(port, stranger.issue())).toBe('refused');
      expect(await ask(port, authority.issue({ validDays: -1 }))).toBe('refused');
      expect(await ask(port, authority.issue({ usage: 'serverAuth' }))).toBe('refused');
      await vi.waitFor(() => expect(refused).toHaveLength(3));
      expect(refused).toEqual([
        expect.stringMatching(/UNABLE_TO|SELF_SIGNED/),
        'CERT_HAS_EXPIRED',
        expect.stringMatching(/PURPOSE/),
      ]);
    },
  );

  it('without a certificate is refused where it is required, and anonymous where it is not', async () => {
    expect(await ask(await asking('required'))).toBe('refused');
    expect(await ask(await asking('optional'))).toBe('anonymous');
  });

  it('whose certificate was revoked is refused, from the moment on that the list says so', async () => {
    const revoked = authority.issue({ subject: '/CN=lost' });
    const list = inFolder('revoked.crl');
    copyFileSync(authority.revoke(), list);
    put(first);
    const tls = open(
      { clientAuth: 'required' },
      { clientAuthorities: file('CA', authority.cert), revocations: file('CRL', list) },
    );
    const onReplaced = vi.fn();
    closers.push(tls.keepUp(10, { onReplaced, onRefused: () => {} }));
    const port = await serve(tls);
    expect(await ask(port, revoked)).toBe('anonymous');
    copyFileSync(authority.revoke(revoked), list);
    await vi.waitFor(() => expect(onReplaced).toHaveBeenCalled());
    expect(await ask(port, revoked)).toBe('refused');
    expect(await ask(port, client)).not.toBe('refused');
    expect(refused).toEqual(['CERT_REVOKED']);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'cannot take up a session instead of showing its certificate, by %s',
    async (version) => {
      const port = await asking('required', { minVersion: 'TLSv1.2' });
      const identity = { cert: readFileSync(client.cert), key: readFileSync(client.key) };
      const ca = readFileSync(authority.cert);
      const socket = connect({ host: '127.0.0.1', port, ca, minVersion: version, maxVersion: version, ...identity });
      let session: Buffer | undefined;
      socket.on('session', (offered) => {
        session = offered;
      });
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      socket.resume();
      await new Promise((resolve) => socket.once('close', resolve));
      const again = { minVersion: version, maxVersion: version, ...(session && { session }) };
      expect(await ask(port, undefined, again)).toBe('refused');
    },
  );

  it('is refused when it is not on the list', async () => {
    const web = ['spiffe://example.org/ns/shop/*'];
    expect(await ask(await asking('required', { clientNames: web }), client)).toContain('spiffe:');
    expect(await ask(await asking('required', { clientNames: ['O=Example,CN=shop'] }), client)).toContain('spiffe:');
    expect(await ask(await asking('required', { clientNames: ['spiffe://example.org/ns/other/*'] }), client)).toBe(
      'refused',
    );
    expect(refused).toEqual(['spiffe://example.org/ns/shop/sa/web is not on the list of clients']);
  });

  it('that speaks plain HTTP or an old TLS gets nothing', async () => {
    put(first);
    const port = await serve(open());
    expect(await ask(port, undefined, { maxVersion: 'TLSv1.2' })).toBe('refused');
    const plain = connectTcp(port, '127.0.0.1', () => plain.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    let answer = '';
    plain.on('data', (chunk) => {
      answer += chunk;
    });
    await new Promise((resolve) => plain.on('error', () => {}).once('close', resolve));
    expect(answer).not.toContain('200');
    expect(refused).toEqual([
      expect.stringMatching(/UNSUPPORTED_PROTOCOL|unsupported protocol/),
      expect.stringMatching(/http request/i),
    ]);
  });

  it('may speak TLS 1.2 where that is allowed', async () => {
    put(first);
    expect(await ask(await serve(open({ minVersion: 'TLSv1.2' })), undefined, { maxVersion: 'TLSv1.2' })).toBe(
      'anonymous',
    );
  });
});

it('handshakes that are never ended make room for new ones', async () => {
  put(first);
  const tls = open();
  const server = createServer({ ...tls.serverOptions }, (_request, response) => response.end('served'));
  boundHandshakes(server, 5);
  closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  expect(await ask(port)).toBe('served');
  const idle: Socket[] = [];
  for (let opened = 0; opened < 8; opened += 1) {
    const socket = connectTcp(port, '127.0.0.1').on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    idle.push(socket);
  }
  closers.push(() => {
    for (const socket of idle) socket.destroy();
  });
  await vi.waitFor(() => expect(idle.filter((socket) => socket.closed)).toHaveLength(3));
  expect(await ask(port)).toBe('served');
});
