import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registryOperations } from '#generated/registry-operations';
import { RegistryProcess } from '../servers/registry-process.ts';
import { seededRandom } from './seeded-random.ts';
import { internalsIn } from './told-internals.ts';

/** `SLIPWAY_FUZZ_DOCUMENTS=200000` for the long form. */
const DOCUMENTS = Number(process.env['SLIPWAY_FUZZ_DOCUMENTS'] ?? 50_000);
const IN_FLIGHT = 16;
const MAX_ANSWER_MS = 5000;
const MAX_GROWTH_MIB = 200;

const state = mkdtempSync(join(tmpdir(), 'slipway-fuzz-'));
let registry: RegistryProcess;

beforeAll(async () => {
  registry = await RegistryProcess.start({
    SLIPWAY_STORE: 'fs',
    SLIPWAY_STORE_DIR: join(state, 'store'),
    SLIPWAY_REGISTRY_INDEX: join(state, 'index.db'),
  });
});
afterAll(async () => {
  await registry?.end('SIGKILL');
  rmSync(state, { recursive: true, force: true });
});

const { random, pick, count } = seededRandom(20_261);
const operations = Object.values(registryOperations);
const words = [
  '{',
  '}',
  '(',
  ')',
  ':',
  '!',
  '...',
  'on',
  'fragment',
  'query',
  'mutation',
  '$a',
  '"',
  '"""',
  '[',
  ']',
  '@skip',
  'models',
  'nodes',
  'versions',
  '__schema',
  'name',
  '1e999',
  '-0',
  '\\u{110000}',
  '🚢',
  '\0',
];
const strings = [
  '',
  'digits',
  '../../etc/passwd',
  "' OR 1=1 --",
  '%',
  '\0',
  'a'.repeat(300),
  '{"$ne":1}',
  '__proto__',
  'NaN',
  '🚢'.repeat(50),
  'metrics.a > 1',
  '((((',
  'labels.x = "',
  'sha256:x',
];

/** A value for a variable, right or wrong. */
function value(depth = 0): unknown {
  const kind = count(depth > 3 ? 6 : 8);
  if (kind === 0) return pick(strings);
  if (kind === 1) return count(2 ** 31) - 2 ** 30;
  if (kind === 2) return random() * 1e300;
  if (kind === 3) return null;
  if (kind === 4) return random() < 0.5;
  if (kind === 5) return pick(strings);
  if (kind === 6) return Array.from({ length: count(4) }, () => value(depth + 1));
  return Object.fromEntries(
    Array.from({ length: count(5) }, () => [
      pick([
        'namespace',
        'model',
        'name',
        'version',
        'variants',
        'files',
        'labels',
        'value',
        'path',
        'digest',
        'sizeBytes',
        '__proto__',
        'filter',
      ]),
      value(depth + 1),
    ]),
  );
}

function variables(): Record<string, unknown> {
  const names = [
    'namespace',
    'name',
    'model',
    'version',
    'alias',
    'filter',
    'search',
    'orderBy',
    'first',
    'after',
    'input',
    'draftId',
    'dryRun',
  ];
  return Object.fromEntries(names.filter(() => random() < 0.7).map((name) => [name, value()]));
}

/** A document that was valid, with some of its text changed. */
function mutated(): string {
  const text = [...pick(operations)];
  for (let edits = count(6); edits >= 0; edits -= 1) {
    const at = count(text.length);
    const length = count(20);
    const kind = count(4);
    if (kind === 0) text.splice(at, length);
    else if (kind === 1) text.splice(at, 0, pick(words));
    else if (kind === 2) text.splice(at, 0, ...text.slice(at, at + length * 5));
    else text[at] = String.fromCharCode(count(0x3000));
  }
  return text.join('');
}

const hostile = [
  () => `{ ${'a: __typename '.repeat(count(3000))} }`,
  () => `{ ${'models { nodes { versions { nodes { '.repeat(count(200))}`,
  () => `query { ${'...F '.repeat(count(50))} } fragment F on Query { ...G } fragment G on Query { ...F }`,
  () => `{ model(name: "${'x'.repeat(count(200_000))}") { name } }`,
  () =>
    `{ ${Array.from({ length: count(60) }, (_, at) => `a${at}: models(first: 200) { nodes { versions(first: 200) { nodes { version } } } }`).join(' ')} }`,
  () => `{ versions(filter: "${'('.repeat(count(5000))}") { totalCount } }`,
  () =>
    `{ versions(where: ${'{ not: '.repeat(count(100))}{ version: { eq: 1 } }${' }'.repeat(count(100))}) { totalCount } }`,
  () => `[${'['.repeat(count(10_000))}`,
];

function body(): string {
  const kind = random();
  if (kind < 0.4) return JSON.stringify({ query: mutated(), variables: variables() });
  if (kind < 0.6) return JSON.stringify({ query: pick(operations), variables: variables() });
  if (kind < 0.75) return JSON.stringify({ query: Array.from({ length: count(200) }, () => pick(words)).join(' ') });
  if (kind < 0.9) return JSON.stringify({ query: pick(hostile)(), variables: variables() });
  const text = JSON.stringify({ query: pick(operations), variables: variables(), operationName: value() });
  return kind < 0.95
    ? text.slice(0, count(text.length))
    : pick([
        '',
        '[]',
        'null',
        '{}',
        '[{},{}]',
        '{"query":1}',
        '\0',
        '{"query":"{__typename}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}',
      ]);
}

const agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT });

function send(text: string): Promise<{ status: number; answer: string }> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${registry.url}/graphql`,
      { method: 'POST', agent, headers, timeout: MAX_ANSWER_MS },
      (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          answer += chunk;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, answer }));
      },
    );
    request.once('timeout', () =>
      request.destroy(new Error(`no answer in ${MAX_ANSWER_MS} ms to ${text.slice(0, 500)}`)),
    );
    request.once('error', reject);
    request.end(text);
  });
}

const residentMib = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${registry.pid}/status`, 'utf8'))?.[1]) / 1024;

it(`${DOCUMENTS} fuzzed documents: each is answered, none crashes, hangs or swells the registry`, async () => {
  const statuses = new Map<number, number>();
  const internal: string[] = [];
  const round = async (documents: number) => {
    let sent = 0;
    const lane = async () => {
      while (sent < documents) {
        sent += 1;
        const text = body();
        const { status, answer } = await send(text);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status >= 500 || answer.includes('"INTERNAL"') || internalsIn(answer) !== undefined)
          internal.push(`${status} ${answer.slice(0, 300)} to ${text.slice(0, 600)}`);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  };
  await round(DOCUMENTS / 2);
  const half = residentMib();
  await round(DOCUMENTS / 2);
  console.info(
    `answers: ${JSON.stringify(Object.fromEntries(statuses))}; ${half.toFixed(0)} MiB half way, ${residentMib().toFixed(0)} MiB at the end`,
  );
  expect(internal.slice(0, 3)).toEqual([]);
  expect(statuses.get(200) ?? 0).toBeGreaterThan(DOCUMENTS / 100);
  expect(residentMib() - half).toBeLessThan(MAX_GROWTH_MIB);
  expect(await registry.isReady()).toBe(true);
});
