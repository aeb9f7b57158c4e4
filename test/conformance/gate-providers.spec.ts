import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gauge, Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HookGateProvider, type HookSettings } from '#adapters/gate-hook';
import { PrometheusGateProvider } from '#adapters/prometheus-query';
import type { GateSubject } from '#application/rollout';
import type { HttpGate, PrometheusGate } from '#domain/rollout';
import { NO_TRAFFIC } from '#domain/traffic';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../servers/free-port.ts';
import { type PrometheusServer, startPrometheus } from '../servers/prometheus.ts';

const about: GateSubject = {
  namespace: 'payments',
  name: 'fraud',
  candidate: { version: 8 },
  stable: { version: 7, variants: ['cpu/fp32'] },
  rolloutId: 'fraud-12',
  weightPercent: 5,
  startedAtMs: Date.UTC(2026, 10, 28, 9),
  observed: () => ({ candidate: NO_TRAFFIC, stable: NO_TRAFFIC }),
};
const asked = { intervalMs: 30_000, consecutive: 1, onNoData: 'hold' } as const;
const withoutCredentials = { tokenFile: undefined, user: undefined, passwordFile: undefined, headers: {} };
const noData = (reason: unknown) => ({ kind: 'noData', reason });

/** A real server on a free port of this machine; its answers are a test's. */
async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { host, stop };
}

async function textOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString();
}

function secretFile(directory: string, text: string): string {
  const file = join(directory, `secret-${Math.random()}`);
  writeFileSync(file, text);
  return file;
}

describe('a Prometheus that scrapes an exporter', () => {
  let exporter: Awaited<ReturnType<typeof listen>>;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    const register = new Registry();
    const labelNames = ['namespace', 'model', 'version'];
    const conversions = new Gauge({ name: 'conversion_percent', help: 'Orders.', labelNames, registers: [register] });
    conversions.set({ namespace: 'payments', model: 'fraud', version: '8' }, 2.5);
    conversions.set({ namespace: 'payments', model: 'fraud', version: '7' }, 3);
    const mean = new Gauge({ name: 'mean_score', help: 'Of no answers.', registers: [register] });
    mean.set(Number.NaN);
    exporter = await listen((_request, response) => {
      void register.metrics().then((text) => response.setHeader('content-type', register.contentType).end(text));
    });
    prometheus = await startPrometheus({ exporter: exporter.host });
    const up = async () =>
      (await prometheus.api('query?query=up')) as { result: { value: [number, string] }[] } | undefined;
    await eventually('the exporter is scraped', up, (answer) => answer?.result[0]?.value[1] === '1');
  });

  afterAll(async () => {
    await prometheus?.stop();
    exporter?.stop();
  });

  const ask = (query: string, change: { url?: string | undefined; about?: GateSubject } = {}) => {
    const settings = { ...withoutCredentials, url: prometheus.url, ...change };
    const gate: PrometheusGate = { metric: 'prometheus', query, max: 1, ...asked };
    return new PrometheusGateProvider(settings).ask(gate, change.about ?? about, AbortSignal.timeout(10_000));
  };
  const ofCandidate = 'conversion_percent{namespace="{{namespace}}",model="{{deployment}}",version="{{candidate}}"}';

  it.each([
    ['one series', ofCandidate, 2.5],
    ['a scalar', 'scalar(sum(conversion_percent))', 5.5],
    ['a scalar without series', '1 + 1', 2],
    [
      'the candidate beside stable',
      `${ofCandidate} / ignoring(version) ${ofCandidate.replace('candidate', 'stable')}`,
      2.5 / 3,
    ],
    ['a ratio to nothing', `${ofCandidate} / 0`, Infinity],
  ])('answers %s with its value', async (_name, query, value) => {
    expect(await ask(query)).toEqual({ kind: 'value', value });
  });

  it.each([
    ['no series', 'conversion_percent{version="9"}', 'the query gives no series'],
    ['NaN', 'mean_score', 'the value is NaN'],
    ['NaN of nothing over nothing', 'vector(0) / 0', 'the value is NaN'],
    ['the scalar of no series', 'scalar(absent_metric)', 'the value is NaN'],
    ['several series', 'conversion_percent', expect.stringContaining('the query gives 2 series; a gate needs one')],
    ['a range', 'conversion_percent[5m]', expect.stringContaining('the query gives a matrix')],
    ['a text', '"text"', expect.stringContaining('the query gives a string')],
    [
      'a wrong query',
      'sum(conversion_percent',
      expect.stringMatching(/^Prometheus: bad_data: .*parse error: unclosed left parenthesis$/),
    ],
    ['an unknown placeholder', 'up{job="{{model}}"}', expect.stringContaining('the query has {{model}}; there are')],
  ])('answers %s with no data, and why', async (_name, query, reason) => {
    expect(await ask(query)).toEqual(noData(reason));
  });

  it('takes names as text, whatever they are', async () => {
    const hostile = { ...about, name: 'a"} or vector(1) # ' };
    expect(await ask(ofCandidate, { about: hostile })).toEqual(noData('the query gives no series'));
  });

  it('is no data while it is down, or where there is none', async () => {
    const port = await freePort();
    expect(await ask('up', { url: `http://127.0.0.1:${port}` })).toEqual(
      noData(`Prometheus cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`),
    );
    expect(await ask('up', { url: undefined })).toEqual(noData('no Prometheus is known: set SLIPWAY_PROMETHEUS_URL'));
  });
});

describe('what stands before a Prometheus', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gate-providers-'));
  let proxy: Awaited<ReturnType<typeof listen>>;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  let seen: (string | undefined)[];

  beforeAll(async () => {
    proxy = await listen((request, response) => {
      seen.push(request.url, request.headers.authorization);
      answer(request, response);
    });
  });
  beforeEach(() => {
    seen = [];
    answer = (_request, response) => {
      response.end('{"status": "success", "data": {"resultType": "scalar", "result": [1, "4"]}}');
    };
  });
  afterAll(() => {
    proxy?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const ask = (change: object = {}, signal = AbortSignal.timeout(10_000)) => {
    const settings = { ...withoutCredentials, url: `http://${proxy.host}/prometheus/`, ...change };
    return new PrometheusGateProvider(settings).ask({ metric: 'prometheus', query: 'up', ...asked }, about, signal);
  };

  it('gets a token, which may be replaced meanwhile, or a user', async () => {
    const tokenFile = secretFile(directory, 'first\n');
    expect(await ask({ tokenFile })).toEqual({ kind: 'value', value: 4 });
    writeFileSync(tokenFile, 'second\n');
    await ask({ tokenFile });
    await ask({ user: 'slipway', passwordFile: secretFile(directory, 'pass:word\n') });
    const basic = `Basic ${Buffer.from('slipway:pass:word').toString('base64')}`;
    const path = '/prometheus/api/v1/query';
    expect(seen).toEqual([path, 'Bearer first', path, 'Bearer second', path, basic]);
  });

  it('is not asked where the token cannot be read, and the token is not told', async () => {
    const absent = join(directory, 'absent');
    expect(await ask({ tokenFile: absent })).toEqual(noData(expect.stringContaining(`open '${absent}'`)));
    const tokenFile = secretFile(directory, 'hunter2\nhunter3');
    expect(await ask({ tokenFile })).toEqual(noData(`${tokenFile} holds no bearer token: one line of visible ASCII`));
    expect(seen).toEqual([]);
  });

  it('may not send the credentials elsewhere', async () => {
    answer = (_request, response) => response.writeHead(307, { location: `http://${proxy.host}/elsewhere` }).end();
    const tokenFile = secretFile(directory, 'token');
    expect(await ask({ tokenFile })).toEqual(noData('answered 307: redirects are not followed'));
    expect(seen).toHaveLength(2);
  });

  it('is no data where it answers itself, or with far too much', async () => {
    answer = (_request, response) => response.writeHead(503).end('<h1>no backend</h1>');
    expect(await ask()).toEqual(noData('answered 503, and not what Prometheus answers: <h1>no backend</h1>'));
    answer = (_request, response) => response.end(Buffer.alloc(2_000_000, 'x'));
    expect(await ask()).toEqual(noData(expect.stringContaining('the answer has more than 1 MiB')));
  });

  it('is left when the signal fires', async () => {
    answer = (_request, response) => response.write('{');
    expect(await ask({}, AbortSignal.timeout(200))).toEqual(noData('The operation was aborted due to timeout'));
  });

  it('must not be given with a password in its URL', () => {
    expect(() => new PrometheusGateProvider({ ...withoutCredentials, url: 'http://me:hunter2@prometheus' })).toThrow(
      'set SLIPWAY_PROMETHEUS_USER and SLIPWAY_PROMETHEUS_PASSWORD_FILE',
    );
  });
});

describe('a hook', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gate-providers-'));
  const nowMs = () => 1_780_000_000_999;
  let hook: Awaited<ReturnType<typeof listen>>;
  let answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
  let paths: (string | undefined)[];

  beforeAll(async () => {
    hook = await listen((request, response) => {
      paths.push(request.url);
      void answer(request, response);
    });
  });
  beforeEach(() => {
    paths = [];
    answer = (_request, response) => void response.end('{"verdict": "pass", "reason": "conversion is 3 %"}');
  });
  afterAll(() => {
    hook?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const ask = (
    {
      url = `http://${hook.host}/gate`,
      hosts = [hook.host] as readonly string[],
      key = undefined as string | undefined,
      addressesOf = undefined as HookSettings['addressesOf'],
    } = {},
    signal = AbortSignal.timeout(10_000),
  ) => {
    const gate: HttpGate = { metric: 'http', url, ...asked };
    const settings = { hosts, secretFile: key, nowMs, ...(addressesOf === undefined ? {} : { addressesOf }) };
    return new HookGateProvider(settings).ask(gate, about, signal);
  };

  it('is told of the candidate, and gives its verdict', async () => {
    let told: unknown;
    answer = async (request, response) => {
      told = { method: request.method, type: request.headers['content-type'], body: JSON.parse(await textOf(request)) };
      response.end('{"verdict": "fail", "reason": "conversion fell to 1 %"}');
    };
    expect(await ask()).toEqual({ kind: 'verdict', verdict: 'fail', reason: 'conversion fell to 1 %' });
    const body = {
      namespace: 'payments',
      deployment: 'fraud',
      candidate: 8,
      stable: 7,
      stableVariants: ['cpu/fp32'],
      rolloutId: 'fraud-12',
      weightPercent: 5,
      startedAt: '2026-11-28T09:00:00.000Z',
    };
    expect(told).toEqual({ method: 'POST', type: 'application/json', body });
  });

  it('can check who asks, and when', async () => {
    let signature: string | string[] | undefined;
    let body = '';
    answer = async (request, response) => {
      signature = request.headers['slipway-signature'];
      body = await textOf(request);
      response.end('{"verdict": "pass"}');
    };
    await ask({ key: secretFile(directory, 'key\n') });
    const digest = createHmac('sha256', 'key').update(`1780000000.${body}`).digest('hex');
    expect(signature).toBe(`t=1780000000,v1=${digest}`);
    await ask();
    expect(signature).toBeUndefined();
  });

  it('is not asked unsigned where the key cannot be read', async () => {
    const absent = join(directory, 'absent');
    expect(await ask({ key: absent })).toEqual(noData(expect.stringContaining(`open '${absent}'`)));
    const empty = secretFile(directory, '\n');
    expect(await ask({ key: empty })).toEqual(noData(`${empty} is empty`));
    expect(paths).toEqual([]);
  });

  it('is not asked on a host that nobody allowed', async () => {
    expect(await ask({ hosts: [] })).toEqual(
      noData(`${hook.host} may not be asked: no hosts may be asked; set SLIPWAY_GATE_HOSTS`),
    );
    expect(await ask({ hosts: ['127.0.0.1'] })).toEqual(noData(expect.stringContaining('may not be asked')));
    expect(paths).toEqual([]);
  });

  it('is not asked at an address that its name must not lead to, whatever the name led to before', async () => {
    const port = Number(hook.host.split(':')[1]);
    const named = { url: `http://hooks.example:${port}/gate`, hosts: [`hooks.example:${port}`] };
    for (const address of [
      '127.0.0.1',
      '127.8.8.8',
      '::1',
      '::ffff:127.0.0.1',
      '0.0.0.0',
      '::',
      '169.254.169.254',
      'fe80::1',
      'fd00:ec2::254',
    ])
      expect(await ask({ ...named, addressesOf: async () => ['203.0.113.9', address] })).toEqual(
        noData(
          `hooks.example:${port} cannot be reached: hooks.example leads to ${address}, which is no address of another machine`,
        ),
      );
    expect(paths).toEqual([]);
    // Whoever runs the controller may say so, of course.
    expect(await ask({ url: `http://localhost:${port}/gate`, hosts: [`localhost:${port}`] })).toMatchObject({
      kind: 'verdict',
    });
  });

  it('is not followed elsewhere', async () => {
    answer = (_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end();
    expect(await ask()).toEqual(noData('answered 302: redirects are not followed'));
    expect(paths).toEqual(['/gate']);
  });

  it('is no data when it is slow, however it is', async () => {
    answer = () => {};
    expect(await ask({}, AbortSignal.timeout(200))).toEqual(noData('The operation was aborted due to timeout'));
    answer = (_request, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    };
    expect(await ask({}, AbortSignal.timeout(200))).toEqual(noData('The operation was aborted due to timeout'));
  });

  it('is no data when it has far too much to say, and is not read to the end', async () => {
    let sentBytes = 0;
    const closed = new Promise((resolve) => {
      answer = (_request, response) => {
        const chunk = Buffer.alloc(64 * 1024, 'x');
        const pour = () => {
          while (!response.destroyed && response.write(chunk)) sentBytes += chunk.length;
        };
        response.on('drain', pour).once('close', resolve);
        pour();
      };
    });
    expect(await ask()).toEqual(noData('the answer has more than 64 KiB'));
    await closed;
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
  });

  it('is no data when it is down, fails, or hangs up', async () => {
    const down = `127.0.0.1:${await freePort()}`;
    expect(await ask({ url: `http://${down}/`, hosts: [down] })).toEqual(
      noData(`${down} cannot be reached: connect ECONNREFUSED ${down}`),
    );
    answer = (_request, response) => void response.writeHead(500).end('{"verdict": "pass"}');
    expect(await ask()).toEqual(noData('answered 500: {"verdict": "pass"}'));
    answer = (request) => void request.socket.destroy();
    expect(await ask()).toEqual(noData(`${hook.host} cannot be reached: socket hang up`));
  });
});
