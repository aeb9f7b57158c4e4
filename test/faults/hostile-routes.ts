import type { seededRandom } from './seeded-random.ts';

type Random = ReturnType<typeof seededRandom>;

/** A program of Slipway that speaks HTTP. */
export type Program = 'gateway' | 'registry' | 'controller';

/** A request of a route, with a body that may fit it. */
export interface HostileRoute {
  readonly program: Program;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** Every route but inferences and streams of events, with a blank for each name in it. */
const ROUTES: Readonly<Record<Program, readonly string[]>> = {
  gateway: [
    '/v2',
    '/v2/openapi.json',
    '/v2/models',
    '/v2/models/_',
    '/v2/models/_/ready',
    '/v2/models/_/config',
    '/v2/models/_/stats',
    '/v2/models/_/stages',
    '/v2/models/_/openapi.json',
    '/v2/models/_/generate',
    '/v2/models/_/versions/_',
    '/v2/models/_/versions/_/ready',
    '/v2/models/stats',
    '/v2/repository/index',
    '/v2/repository/models/_/load',
    '/v2/repository/models/_/unload',
    '/v2/logging',
    '/v2/trace/setting',
    '/v2/systemsharedmemory/status',
    '/v2/cudasharedmemory/region/_/register',
    '/v2/health/ready',
    '/health/live',
    '/metrics',
  ],
  registry: [
    '/v1/blobs/_',
    '/v1/namespaces/_/models/_/drafts/_/blobs/_',
    '/v1/namespaces/_/models/_/versions/_/variants/_/archive',
    '/graphql',
    '/health/ready',
  ],
  controller: [
    '/v1/deployments',
    '/v1/deployments/_/_',
    '/v1/deployments/_/_/promote',
    '/v1/deployments/_/_/skip',
    '/v1/deployments/_/_/abort',
    '/v1/deployments/_/_/retry',
    '/hooks/git',
    '/graphql',
    '/health/ready',
    '/metrics',
  ],
};
const NAMES = [
  'digits',
  'default',
  'identity-fp32',
  'nobody',
  '1',
  '2',
  '-1',
  '99999999999999999999',
  '',
  '..',
  '..%2f..',
  '%2e%2e',
  '%00',
  '%ff',
  '%zz',
  '__proto__',
  'constructor',
  'cpu%2Ffp32',
  'a'.repeat(300),
  'gr%C3%BCn',
  `sha256:${'0'.repeat(64)}`,
  'sha256:x',
];
const QUERIES = ['', '', '', '?', '?x=1', '?offset=-1', '?first=1e9&first=2', '?__proto__=1', `?${'a=b&'.repeat(500)}`];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'];
const BODIES = [
  '',
  '{}',
  '[]',
  'null',
  '{"ready":true}',
  '{"ready":1}',
  '{"parameters":{"config":"{}"}}',
  '{"parameters":[]}',
  '{"log_verbose_level":1}',
  '{"given":[1,2]}',
  '{"full":true}',
  '{"ref":"refs/heads/main"}',
  '{"__proto__":{"x":1}}',
  `${'['.repeat(5000)}`,
  '\0\xff',
];
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { 'content-type': 'application/json' },
  { 'content-type': 'application/json' },
  { 'content-type': 'text/plain' },
  { 'content-encoding': 'gzip' },
  { range: 'bytes=5-1' },
  { 'if-none-match': '*' },
  { 'upload-offset': '-1' },
  { 'x-hub-signature-256': 'sha256=0' },
  { expect: 'the unexpected' },
];

/** Writes requests of all routes but inferences, most of them with something that does not fit. */
export class HostileRoutes {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  route(): HostileRoute {
    const { pick, random } = this.#random;
    const program = pick(['gateway', 'registry', 'controller'] as const);
    const path = pick(ROUTES[program]).replaceAll('_', () => pick(NAMES));
    const method = pick(METHODS);
    return {
      program,
      method,
      path: `${random() < 0.05 ? `${path}/${pick(NAMES)}` : path}${pick(QUERIES)}`,
      headers: pick(HEADERS),
      // Node.js's client sends no length with a body of GET, and the next request would begin in the middle of it.
      bytes: Buffer.from(method === 'GET' ? '' : pick(BODIES), 'latin1'),
    };
  }
}
