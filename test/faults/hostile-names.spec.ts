import { readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegistryFixture, startRegistryFixture } from '../e2e/registry-fixture.ts';
import { internalsIn } from './told-internals.ts';

const CANARY = 'canary-7d1f0e';
const IN_FLIGHT = 8;

let registry: RegistryFixture;
let folder: string;

beforeAll(async () => {
  registry = await startRegistryFixture({ SLIPWAY_ACCESS: 'open' });
  folder = dirname(registry.storeDir);
  expect(await registry.register('digits')).toBe(1);
  // Where the shortest ways out of the bucket lead.
  for (const path of ['secret.txt', 'store/secret.txt']) writeFileSync(join(folder, path), CANARY);
});
afterAll(() => registry?.stop());

/** Ways out of a folder, each in the spellings that decoders have taken for it. */
function traversals(): string[] {
  const ups = [1, 2, 3, 4].flatMap((depth) =>
    ['../', '..\\', './../', '....//', '..;/', '.%00./'].map((up) => up.repeat(depth)),
  );
  const ends = ['secret.txt', 'store/secret.txt', 'etc/passwd'];
  const plain = [
    ...ups.flatMap((up) => ends.map((end) => `${up}${end}`)),
    ...['a/', 'blobs/sha256/', '/'].flatMap((start) => ups.slice(0, 12).map((up) => `${start}${up}secret.txt`)),
    '/etc/passwd',
    '//etc/passwd',
    'C:\\Windows\\win.ini',
    '\\\\server\\share',
    'file:///etc/passwd',
    's3://other-bucket/key',
    'http://169.254.169.254/latest/meta-data',
    'secret.txt\0',
    'secret.txt\0.onnx',
    '..',
    '.',
    '~/secret.txt',
    '$HOME/secret.txt',
    '`id`',
    '-rf',
    'con',
    'a\r\nx: y',
  ];
  const encoded = plain.flatMap((text) => [
    text.replaceAll('.', '%2e').replaceAll('/', '%2f'),
    text.replaceAll('.', '%252e').replaceAll('/', '%252f'),
    text.replaceAll('/', '%c0%af'),
    text.replaceAll('.', '\u2024').replaceAll('/', '\u2215'),
    text.replaceAll('.', '\uff0e').replaceAll('/', '\uff0f'),
  ]);
  return [...new Set([...plain, ...encoded])];
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
afterAll(() => agent.destroy());

/** Sends a path as it stands: `fetch` would tidy it. */
function send(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<Answer> {
  const { hostname, port } = new URL(registry.process.url);
  return new Promise((resolve, reject) => {
    const options = {
      hostname,
      port,
      method,
      path,
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    };
    const request = http.request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    request.once('error', reject);
    request.end(body);
  });
}

const graphql = (query: string, variables: object) =>
  send('POST', '/graphql', JSON.stringify({ query, variables }), { 'content-type': 'application/json' });

/** Every field of GraphQL's inputs that is a name, a path, an id or a digest. */
const FIELDS: readonly (readonly [string, (text: string) => Promise<Answer>])[] = [
  [
    'a namespace',
    (name) => graphql('mutation ($name: String!) { createNamespace(input: { name: $name }) { name } }', { name }),
  ],
  [
    'a model',
    (name) => graphql('mutation ($name: String!) { createModel(input: { name: $name }) { name } }', { name }),
  ],
  ['a model that is looked up', (name) => graphql('query ($name: String!) { model(name: $name) { name } }', { name })],
  ['a file', (path) => declare({ path })],
  ['a digest', (digest) => declare({ digest })],
  [
    'an alias',
    (alias) =>
      graphql('mutation ($alias: String!) { setAlias(model: "digits", alias: $alias, version: 1) { name } }', {
        alias,
      }),
  ],
  [
    'a draft',
    (id) => graphql('mutation ($id: ID!) { finalizeVersion(model: "digits", draftId: $id) { version } }', { id }),
  ],
];

function declare(file: object, input: object = {}): Promise<Answer> {
  const declared = { path: 'model.onnx', digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 4, ...file };
  return graphql('mutation ($input: CreateVersionInput!) { createVersion(input: $input) { id } }', {
    input: { model: 'digits', variants: [{ files: [declared] }], ...input },
  });
}

/** Every place of a path by which something is looked up. */
const DIGEST = `sha256:${'0'.repeat(64)}`;
const PLACES = [
  ['GET', '/v1/blobs/{}'],
  ['GET', '/{}'],
  ['HEAD', `/v1/namespaces/default/models/digits/drafts/{}/blobs/${DIGEST}`],
  ['PUT', '/v1/namespaces/default/models/digits/drafts/x/blobs/{}'],
  ['PUT', `/v1/namespaces/{}/models/digits/drafts/x/blobs/${DIGEST}`],
  ['GET', '/v1/namespaces/default/models/{}/versions/1/variants/cpu-fp32/files/weights.bin'],
  ['GET', '/v1/namespaces/default/models/digits/versions/{}/variants/cpu-fp32/files/weights.bin'],
  ['GET', '/v1/namespaces/default/models/digits/versions/1/variants/{}/files/weights.bin'],
  ['GET', '/v1/namespaces/default/models/digits/versions/1/variants/cpu-fp32/files/{}'],
] as const;

const filesOutside = () =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => !path.startsWith('store/') && !path.startsWith('index.db'))
    .sort();

/** Asks for all of them, a few at a time. */
async function eachOf<T>(all: readonly T[], ask: (one: T) => Promise<void>): Promise<void> {
  const rest = [...all];
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (let one = rest.pop(); one !== undefined; one = rest.pop()) await ask(one);
    }),
  );
}

/** What is wrong with an answer, in a word. */
function faultOf({ status, body }: Answer): string | undefined {
  if (status >= 500) return `status ${status}`;
  if (body.includes(CANARY) || body.includes('root:')) return 'reads outside of the bucket';
  // A name may be told back; nothing else may look like a path.
  const told = internalsIn(body.replace(/"(error|message)":"(\\.|[^"\\])*"/g, ''));
  return told === undefined ? undefined : `tells ${told}`;
}

describe('ways out of the bucket', () => {
  const all = traversals();

  it('are hundreds', () => expect(all.length).toBeGreaterThan(500));

  it.each(FIELDS)('lead nowhere as %s', async (_, ask) => {
    const before = filesOutside();
    const faults: string[] = [];
    let refused = 0;
    await eachOf(all, async (text) => {
      const answer = await ask(text);
      const fault = faultOf(answer);
      if (fault !== undefined) faults.push(`${JSON.stringify(text)}: ${fault}: ${answer.body.slice(0, 200)}`);
      if (answer.body.includes('"errors"')) refused += 1;
    });
    expect(faults.slice(0, 3)).toEqual([]);
    // All that is in the alphabet of names, and of paths of files within their version, is what it says and no way out.
    expect(refused).toBeGreaterThan(all.length * 0.9);
    expect(filesOutside()).toEqual(before);
  });

  it('lead nowhere as an idempotency key, which may be any text', async () => {
    const before = filesOutside();
    await eachOf(all.slice(0, 100), async (key) => {
      expect(faultOf(await declare({}, { idempotencyKey: key }))).toBeUndefined();
    });
    expect(filesOutside()).toEqual(before);
  });

  it('are no ways: a file is there under its own name', async () => {
    const path = '/v1/namespaces/default/models/digits/versions/1/variants/cpu-fp32/files/weights.bin';
    expect(await send('GET', path)).toEqual({ status: 200, body: 'weights' });
  });

  it.each(PLACES)('%s %s leads nowhere', async (method, place) => {
    const faults: string[] = [];
    await eachOf(
      all.flatMap((text) => [encodeURIComponent(text), text.replaceAll(/[^\x21-\x7e]/g, '')]),
      async (text) => {
        const answer = await send(
          method,
          place.replace('{}', () => text),
          method === 'PUT' ? 'x' : '',
        );
        const fault = faultOf(answer) ?? (answer.status < 400 ? `status ${answer.status}` : undefined);
        // The way leads to another path of ours, which was asked for then.
        const isOtherPath = /^\/?(\.{0,2}\/)*(health|graphql)/.test(text);
        if (fault !== undefined && !isOtherPath) faults.push(`${text}: ${fault}: ${answer.body.slice(0, 200)}`);
      },
    );
    expect(faults.slice(0, 3)).toEqual([]);
  });
});
