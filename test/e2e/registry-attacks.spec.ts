import { createHash } from 'node:crypto';
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { internalsIn } from '../faults/told-internals.ts';
import { type RegistryFixture, startRegistryFixture } from './registry-fixture.ts';

const adminKey = `slipway_${'0'.repeat(16)}_${'a'.repeat(43)}`;
/** As no issuer made one, and as no scheme of ours is. */
const WRONG = ['Bearer x', 'Bearer slipway_0000000000000000_x', 'Basic YTpi', 'Bearer eyJhbGciOiJub25lIn0.e30.'];

let open: RegistryFixture;
let guarded: RegistryFixture;
let digest: string;

beforeAll(async () => {
  open = await startRegistryFixture({ SLIPWAY_ACCESS: 'open' });
  // Registered by everybody, then nobody may see it.
  expect(await open.register('digits')).toBe(1);
  digest = `sha256:${createHash('sha256').update('weights').digest('hex')}`;
  guarded = await startRegistryFixture({
    SLIPWAY_STORE_DIR: open.storeDir,
    SLIPWAY_ACCESS: 'policies',
    SLIPWAY_ADMIN_KEY: adminKey,
  });
});
afterAll(async () => {
  await guarded?.stop();
  await open?.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request as it stands: `fetch` would tidy its path. */
function send(
  to: RegistryFixture,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<Answer> {
  const { hostname, port } = new URL(to.process.url);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    request.once('error', reject);
    request.end(body);
  });
}

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'TRACE'];
const VARIANT = '/v1/namespaces/default/models/digits/versions/1/variants/cpu-fp32';

/** Spellings that a guard and a router have read differently somewhere. */
function spellingsOf(path: string): string[] {
  return [
    path,
    `${path}/`,
    `${path}//`,
    `/${path}`,
    `/.${path}`,
    `/x/..${path}`,
    `/health/live/..${path}`,
    `/health/live/%2e%2e${path}`,
    `/health/live;${path}`,
    `${path};x=1`,
    `${path}%2F`,
    `${path}%20`,
    `${path}%00`,
    `${path}.`,
    `${path}.json`,
    `${path}?x=/health/live`,
    `${path}#/health/live`,
    path.toUpperCase(),
    path.replace('v1', 'V1').replace('graphql', 'GraphQL'),
    path.replaceAll('/', '//'),
    path.replace(/\/(?=[^/]*$)/, '%2F'),
    path.replaceAll('e', '%65'),
    path.replaceAll('e', '%2565'),
    `http://localhost${path}`,
    `http://localhost/health/live/..${path}`,
  ];
}

describe('one who shows nothing', () => {
  it.each([`${VARIANT}/files/weights.bin`, `${VARIANT}/files.tar`, '/v1/blobs/{digest}'])(
    'gets nothing of %s, however its path is spelt and whatever the method',
    async (template) => {
      const path = template.replace('{digest}', digest);
      expect((await send(guarded, 'GET', path, { authorization: `Bearer ${adminKey}` })).status).toBe(200);
      for (const spelling of spellingsOf(path))
        for (const method of METHODS) {
          const { status, body } = await send(guarded, method, spelling);
          expect([method, spelling, status >= 400 && status < 500]).toEqual([method, spelling, true]);
          expect(body).not.toContain('weights\u0000');
          expect(internalsIn(body), `${method} ${spelling}: ${body}`).toBeUndefined();
        }
    },
  );

  it('does not become somebody by headers that proxies set', async () => {
    const claims = {
      'x-forwarded-user': 'admin',
      'x-remote-user': 'admin',
      'x-forwarded-for': '127.0.0.1',
      'x-original-url': '/health/live',
      'x-rewrite-url': '/health/live',
      'x-http-method-override': 'GET',
      'x-slipway-actor': 'admin',
      forwarded: 'for=127.0.0.1',
    };
    expect((await send(guarded, 'GET', `/v1/blobs/${digest}`, claims)).status).toBeGreaterThanOrEqual(400);
  });
});

it.each(WRONG)('who shows %j is let in nowhere but where programs are looked after', async (authorization) => {
  for (const path of ['/graphql', `/v1/blobs/${digest}`, '/nowhere', '/health', '/'])
    for (const spelling of spellingsOf(path))
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const { status } = await send(guarded, method, spelling, { authorization });
        // 400: no path at all.
        if (status !== 400 || !/%|^http/.test(spelling))
          expect([method, spelling, status]).toEqual([method, spelling, 401]);
      }
  expect((await send(guarded, 'GET', '/health/live', { authorization })).status).toBe(200);
});

describe('GraphQL', () => {
  const query = '{ __typename }';
  const types = [
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['Application/JSON', true],
    ['', false],
    ['text/plain', false],
    ['text/plain; application/json', false],
    ['text/plain;application/json', false],
    ['application/x-www-form-urlencoded', false],
    ['multipart/form-data', false],
    ['multipart/form-data; boundary=x', false],
    ['message/http', false],
    ['message/rfc822', false],
    ['application/graphql', false],
    ['application/octet-stream', false],
    ['application/json\t', undefined],
    ['application/json, text/plain', undefined],
    ['application/json; charset=utf-7', undefined],
    ['application/json; charset=utf-16', undefined],
    ['application/json; charset=cp500', undefined],
    ['application/json-seq', false],
    ['application/jsonx', false],
    ['*/*', false],
  ] as const;

  it.each(types)('sent as %j is executed: %s', async (type, isTaken) => {
    const startedMs = performance.now();
    const { status, body } = await send(open, 'POST', '/graphql', { 'content-type': type }, JSON.stringify({ query }));
    const isExecuted = body.includes('"Query"');
    if (isTaken !== undefined) expect(isExecuted).toBe(isTaken);
    expect(isExecuted ? status === 200 : status >= 400 && status < 500, `${status} ${body}`).toBe(true);
    expect(internalsIn(body), body).toBeUndefined();
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });

  it.each(['GET', 'HEAD'])('is not taken by %s, whatever it asks', async (method) => {
    for (const text of [
      query,
      '{ models { totalCount } }',
      'mutation { createNamespace(input: { name: "x" }) { name } }',
    ]) {
      const headers = { 'x-apollo-operation-name': 'x', 'apollo-require-preflight': 'true' };
      const { status, body } = await send(open, method, `/graphql?query=${encodeURIComponent(text)}`, headers);
      expect([text, status, body.includes('"data":{')]).toEqual([text, 405, false]);
    }
  });

  const many = (count: number, one: (at: number) => string) =>
    Array.from({ length: count }, (_, at) => one(at)).join(' ');
  it.each([
    ['20,000 aliases', `{ ${many(20_000, (at) => `a${at}: __typename`)} }`],
    ['5,000 duplicate fields', `{ ${many(5000, () => '__typename')} }`],
    ['fields within fields, 10,000 deep', `${'{ models { nodes '.repeat(5000)}${'} }'.repeat(5000)}`],
    ['600 directives on one field', `{ __typename ${many(600, () => '@skip(if: false)')} }`],
    [
      'fragments that double each other',
      many(30, (at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`) +
        ' fragment F30 on Query { __typename } { ...F0 }',
    ],
    ['fragments in a circle', 'fragment A on Query { ...B } fragment B on Query { ...A } { ...A }'],
    [
      'a list in a list in a list',
      '{ models(first: 200) { nodes { versions(first: 200) { nodes { variants { files { path } } } } } } }',
    ],
  ])('with %s is answered at once, or refused', async (_, text) => {
    await expectCheap(JSON.stringify({ query: text }));
  });

  it('with a filter that is nested 5,000 deep is answered at once, or refused', async () => {
    const query = 'query ($where: VersionFilter) { versions(where: $where) { totalCount } }';
    const where = `${'{"not":'.repeat(5000)}{}${'}'.repeat(5000)}`;
    await expectCheap(`{"query":${JSON.stringify(query)},"variables":{"where":${where}}}`);
  });

  async function expectCheap(body: string): Promise<void> {
    const startedMs = performance.now();
    const answer = await send(open, 'POST', '/graphql', { 'content-type': 'application/json' }, body);
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect([200, 400, 413], `${answer.status} ${answer.body.slice(0, 200)}`).toContain(answer.status);
    expect(answer.body.length).toBeLessThan(100_000);
    expect(internalsIn(answer.body), answer.body.slice(0, 500)).toBeUndefined();
  }

  it('keeps names of the language as they are, and changes nothing else by them', async () => {
    const labels = ['__proto__', 'constructor', 'toString'].map((name) => ({ name, value: 'polluted' }));
    const made = await open.graphql(
      'mutation ($input: CreateModelInput!) { createModel(input: $input) { labels { name value } } }',
      { input: { name: 'proto', labels } },
    );
    expect(made.errors).toBeUndefined();
    expect(made.data?.['createModel']).toEqual({ labels: expect.arrayContaining(labels) });
    const other = await open.graphql('{ model(name: "digits") { labels { name value } } }');
    expect(other.data).toEqual({ model: { labels: [] } });
  });

  it.each([
    '{"query":"{ __typename }","__proto__":{"isAdmin":true}}',
    '{"query":"{ __typename }","constructor":{"prototype":{"isAdmin":true}}}',
  ])('takes no %s', async (body) => {
    const { status } = await send(open, 'POST', '/graphql', { 'content-type': 'application/json' }, body);
    expect(status).toBe(400);
  });
});
