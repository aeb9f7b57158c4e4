import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { ControllerProcess } from '../servers/controller-process.ts';
import { freePort } from '../servers/free-port.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { commitFiles } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { postGraphql, type Reply } from './registry-fixture.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const policyOf = (auditorsNamespaces = '') => `
apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: teams }
spec:
  roles:
    - name: operations
      allow: [{ actions: [metrics.read] }]
    - name: gateway
      allow: [{ actions: [gateway.attach] }]
  bindings:
    - { role: viewer, subjects: [{ workload: viewer }], namespaces: [vision] }
    - { role: deployer, subjects: [{ workload: deployer }], namespaces: [vision] }
    - { role: invoker, subjects: [{ workload: invoker }], namespaces: [vision] }
    - { role: deployer, subjects: [{ workload: foreigner }], namespaces: [speech] }
    - { role: viewer, subjects: [{ workload: auditor }]${auditorsNamespaces} }
    - { role: operations, subjects: [{ workload: prometheus }] }
    - { role: gateway, subjects: [{ workload: edge }] }
  rules:
    - name: public-deployments
      effect: allow
      actions: [deployment.read]
      where: { labels.audience: everyone }
    - name: one-target
      effect: allow
      actions: [deployment.read]
      subjects: [{ workload: invoker }]
      where: { model: words, target: cuda }
`;
const WORKLOADS = ['viewer', 'deployer', 'invoker', 'foreigner', 'auditor', 'prometheus', 'edge', 'stranger'] as const;
type Who = (typeof WORKLOADS)[number] | 'admin' | 'nobody';

const digits = (version: number) => `
apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata: { name: digits, namespace: vision, labels: { team: vision } }
spec:
  model: digits
  version: ${version}
  rollout: { steps: [{ setWeight: 50 }, { pause: {} }] }
`;
/** Deployments whose model is not there: they are told of, and that is all that these tests ask for. */
const unserved = (name: string, metadata = '', spec = '') => `
apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata: { name: ${name}, namespace: speech${metadata} }
spec: { model: ${name}, version: 1${spec} }
`;

const stateDir = freshStateDirectory();
/** Of a user who has no state directory with an administrator's key in it. */
const elsewhere = mkdtempSync(join(tmpdir(), 'slipway-elsewhere-'));
const keys = new Map<Who, string>();
let server: SlipwayServer;
let controllerGrpc: string;

const headersOf = (key: string | undefined): Record<string, string> =>
  key === undefined ? {} : { authorization: `Bearer ${key}` };
const rest = (path: string, who: Who, init: RequestInit = {}) =>
  fetch(`${server.controller}${path}`, { ...init, headers: headersOf(keys.get(who)) });
const graphql = (who: Who, query: string): Promise<Reply> => postGraphql(server.controller, { query }, keys.get(who));
const codeOf = ({ errors }: Reply) => errors?.[0]?.extensions['code'];
const cli = (who: Who, ...args: string[]) => {
  const key = keys.get(who);
  const at = ['--controller', server.controller, ...args];
  return runSlipway({ stateDir: elsewhere }, at, key === undefined ? {} : { SLIPWAY_API_KEY: key });
};
const statusOf = async (who: Who, path = '/v1/deployments/vision/digits') => (await rest(path, who)).status;
const digitsNow = async () => (await (await rest('/v1/deployments/vision/digits', 'admin')).json()) as DeploymentStatus;

/** Makes an API key for a program. */
async function makeKey(workload: string): Promise<{ key: string; id: string }> {
  const query = `mutation { createApiKey(input: { description: "for tests", workload: "${workload}" }) { key apiKey { id } } }`;
  const { data, errors } = await postGraphql(server.registry, { query }, keys.get('admin'));
  expect(errors).toBeUndefined();
  const made = data?.['createApiKey'] as { key: string; apiKey: { id: string } } | undefined;
  return { key: made?.key ?? '', id: made?.apiKey.id ?? '' };
}
const revokeKey = (id: string) =>
  postGraphql(server.registry, { query: `mutation { revokeApiKey(id: "${id}") { revokedAt } }` }, keys.get('admin'));

beforeAll(async () => {
  controllerGrpc = `127.0.0.1:${await freePort()}`;
  server = await startSlipwayServer(stateDir, {
    SLIPWAY_ACCESS: 'policies',
    SLIPWAY_ACCESS_POLL_MS: '100',
    SLIPWAY_CONTROLLER_GRPC_PORT: controllerGrpc.split(':')[1] ?? '',
  });
  keys.set('admin', readFileSync(join(stateDir, 'admin.key'), 'utf8').trim());
  for (const workload of WORKLOADS) keys.set(workload, (await makeKey(workload)).key);
  const query = 'mutation { createNamespace(input: { name: "vision" }) { name } }';
  expect((await postGraphql(server.registry, { query }, keys.get('admin'))).errors).toBeUndefined();
  for (const version of [1, 2]) {
    const file = join(digitsDirectory, `digits-${version}.onnx`);
    const push = await runSlipway(server, ['model', 'push', 'digits', file, '--namespace', 'vision']);
    expect(push.exitCode, push.stderr).toBe(0);
  }
  const files = {
    'access/teams.yaml': policyOf(),
    'vision/digits.yaml': digits(1),
    'speech/words.yaml': unserved('words'),
    'speech/tones.yaml': unserved('tones', ', labels: { audience: everyone }'),
  };
  commitFiles(server.git, files, 'Deploy');
  await eventually('digits is served', digitsNow, ({ phase }) => phase === 'Healthy', 30_000);
  await eventually(
    'the policies are in force',
    () => statusOf('viewer'),
    (status) => status === 200,
  );
});
afterAll(async () => {
  await server?.stop();
  for (const folder of [stateDir, elsewhere]) rmSync(folder, { recursive: true, force: true });
});

const COMMANDS = ['promote', 'skip', 'abort', 'retry'] as const;
/** What comes of an operation: `ok`, or the code of its refusal. Without a rollout, commands that are allowed have nothing to do. */
const byRest = async (who: Who, operation: string, name = 'vision/digits') => {
  const path = `/v1/deployments/${name}`;
  const response =
    operation === 'read' ? await rest(path, who) : await rest(`${path}/${operation}`, who, { method: 'POST' });
  const { code } = (await response.json()) as { code?: string };
  return response.ok ? 'ok' : code;
};
const byGraphql = async (who: Who, operation: string, name = 'vision/digits') => {
  const [namespace, deployment] = name.split('/');
  const call = `(namespace: "${namespace}", name: "${deployment}") { name }`;
  const query = operation === 'read' ? `{ deployment${call} }` : `mutation { ${operation}${call} }`;
  const reply = await graphql(who, query);
  if (reply.errors !== undefined) return codeOf(reply);
  return operation === 'read' && reply.data?.['deployment'] === null ? 'DEPLOYMENT_NOT_FOUND' : 'ok';
};
const byCommandLine = async (who: Who, operation: string, name = 'vision/digits') => {
  const [namespace = '', deployment = ''] = name.split('/');
  const word = operation === 'read' ? 'status' : operation;
  const { exitCode, stderr } = await cli(who, 'rollout', word, deployment, '--namespace', namespace);
  return exitCode === 0 ? 'ok' : /\(([A-Z_]+)\)\n$/.exec(stderr)?.[1];
};

const commands = (outcome: string) => Object.fromEntries(COMMANDS.map((command) => [command, outcome]));
const HIDDEN = { read: 'DEPLOYMENT_NOT_FOUND', ...commands('DEPLOYMENT_NOT_FOUND') };
const ALLOWED = { read: 'ok', ...commands('ROLLOUT_NOT_ACTIVE') };
/** Who may do what with `vision/digits`. */
const TABLE: readonly (readonly [Who, Readonly<Record<string, string>>])[] = [
  ['admin', ALLOWED],
  ['deployer', ALLOWED],
  ['viewer', { read: 'ok', ...commands('ACCESS_DENIED') }],
  ['auditor', { read: 'ok', ...commands('ACCESS_DENIED') }],
  ['invoker', HIDDEN],
  ['foreigner', HIDDEN],
  ['prometheus', HIDDEN],
  ['stranger', HIDDEN],
  ['nobody', HIDDEN],
];

describe('what somebody may do', () => {
  it.each(TABLE)('is the same by REST and by GraphQL: %s', async (who, outcomes) => {
    for (const [operation, outcome] of Object.entries(outcomes)) {
      expect([operation, await byRest(who, operation)]).toEqual([operation, outcome]);
      expect([operation, await byGraphql(who, operation)]).toEqual([operation, outcome]);
    }
  });

  it('is the same by the command line', async () => {
    const asked = ['admin', 'deployer', 'viewer', 'foreigner', 'nobody'] as const;
    for (const [who, outcomes] of TABLE.filter(([name]) => asked.some((one) => one === name)))
      for (const operation of ['read', 'abort'])
        expect([who, operation, await byCommandLine(who, operation)]).toEqual([who, operation, outcomes[operation]]);
  });

  it('is told as clearly as it is known', async () => {
    const denied = await cli('viewer', 'rollout', 'abort', 'digits', '-n', 'vision');
    expect(denied.stderr).toBe(
      'error: workload viewer may not deployment.abort on deployment vision/digits: no policy allows it (ACCESS_DENIED)\n',
    );
    const wrong = { SLIPWAY_API_KEY: `slipway_${'1'.repeat(16)}_${'b'.repeat(43)}` };
    const refused = await runSlipway(
      { stateDir: elsewhere },
      ['--controller', server.controller, 'rollout', 'list'],
      wrong,
    );
    expect(refused).toMatchObject({ exitCode: 1, stderr: 'error: there is no such API key (UNAUTHENTICATED)\n' });
    const watch = ['--controller', server.controller, 'rollout', 'watch', 'digits', '-n', 'vision'];
    expect((await runSlipway({ stateDir: elsewhere }, watch, wrong)).stderr).toContain('(UNAUTHENTICATED)');
    const own = await runSlipway(server, ['rollout', 'list']);
    expect(own.stdout).toMatch(/vision\/digits/);
  });

  it('does not tell what is hidden from what is not there', async () => {
    for (const operation of ['', '/promote', '/skip', '/abort', '/retry']) {
      const answer = async (name: string) => {
        const method = operation === '' ? 'GET' : 'POST';
        const response = await rest(`/v1/deployments/vision/${name}${operation}`, 'foreigner', { method });
        return [response.status, (await response.text()).replaceAll(name, 'it')];
      };
      expect(await answer('digits')).toEqual(await answer('absent'));
    }
    const words = async (name: string) =>
      JSON.stringify(await graphql('foreigner', `mutation { abort(namespace: "vision", name: "${name}") { name } }`));
    expect((await words('digits')).replaceAll('digits', 'it')).toBe((await words('absent')).replaceAll('absent', 'it'));
  });
});

const VISIBLE: readonly (readonly [Who, readonly string[]])[] = [
  ['admin', ['speech/tones', 'speech/words', 'vision/digits']],
  ['auditor', ['speech/tones', 'speech/words', 'vision/digits']],
  ['viewer', ['speech/tones', 'vision/digits']],
  ['foreigner', ['speech/tones', 'speech/words']],
  ['stranger', ['speech/tones']],
  ['nobody', ['speech/tones']],
];

interface DeploymentPage {
  readonly totalCount: number;
  readonly nodes: readonly { readonly namespace: string; readonly name: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

describe('lists', () => {
  const page = async (who: Who, args: string) => {
    const fields = '{ totalCount nodes { namespace name } pageInfo { hasNextPage endCursor } }';
    const { data, errors } = await graphql(who, `{ deployments(${args}) ${fields} }`);
    expect(errors).toBeUndefined();
    return data?.['deployments'] as DeploymentPage;
  };
  const namesIn = (deployments: readonly { namespace: string; name: string }[]) =>
    deployments.map(({ namespace, name }) => `${namespace}/${name}`).sort();

  it.each(VISIBLE)('leave out what may not be seen, and count without it: %s', async (who, visible) => {
    const { deployments } = (await (await rest('/v1/deployments', who)).json()) as { deployments: DeploymentStatus[] };
    expect(namesIn(deployments)).toEqual(visible);
    const all = await page(who, 'first: 50');
    expect([namesIn(all.nodes), all.totalCount]).toEqual([visible, visible.length]);
    const found: string[] = [];
    let after = '';
    for (let isLast = false; !isLast; ) {
      const part = await page(who, `first: 1${after}`);
      found.push(...namesIn(part.nodes));
      expect(part.totalCount).toBe(visible.length);
      after = `, after: "${part.pageInfo.endCursor}"`;
      isLast = !part.pageInfo.hasNextPage;
    }
    expect(found).toEqual(visible);
    const ofVision = visible.filter((name) => name.startsWith('vision/'));
    expect((await page(who, 'namespace: "vision", first: 50')).totalCount).toBe(ofVision.length);
  });

  it('follow the labels and the targets of manifests', async () => {
    const spec = ', variants: [cuda/fp16]';
    commitFiles(
      server.git,
      { 'speech/words.yaml': unserved('words', '', spec), 'speech/tones.yaml': unserved('tones') },
      'Other labels',
    );
    const seen = async () => [
      await byRest('invoker', 'read', 'speech/words'),
      await byRest('nobody', 'read', 'speech/tones'),
    ];
    await eventually('the manifests are taken', seen, ([target, label]) => target === 'ok' && label !== 'ok');
    expect(await byRest('stranger', 'read', 'speech/words')).toBe('DEPLOYMENT_NOT_FOUND');
    const before = {
      'speech/words.yaml': unserved('words'),
      'speech/tones.yaml': unserved('tones', ', labels: { audience: everyone }'),
    };
    commitFiles(server.git, before, 'Back');
    await eventually('the manifests are as before', seen, ([target, label]) => target !== 'ok' && label === 'ok');
  });
});

describe('every way in', () => {
  const wrong = { authorization: `Bearer slipway_${'1'.repeat(16)}_${'b'.repeat(43)}` };
  const PATHS = [
    '/v1/deployments',
    '/v1/deployments/',
    '//v1/deployments',
    '/V1/Deployments',
    '/v1/deployments/vision/digits',
    '/v1/deployments/vision/digits/',
    '/v1/deployments/vision//digits',
    '/v1/deployments/vision%2Fdigits',
    '/v1/deployments/vision/digits%2F',
    '/v1/%64eployments/vision/digits',
    '/v1/deployments/vision/digits;x',
    '/v1/deployments/vision/digits?x',
    '/v1/deployments/vision/digits/watch',
    '/v1/deployments/vision/digits/watch/',
    '/metrics',
    '/metrics/',
    '/METRICS',
    '/health/live/x',
    '/hooks/git/x',
    '/graphql',
    '/nowhere',
  ];

  it('asks for a credential where there is a wrong one, whatever the path and the method', async () => {
    for (const path of PATHS)
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE']) {
        const { status, headers } = await fetch(`${server.controller}${path}`, { method, headers: wrong });
        expect([method, path, status, headers.get('www-authenticate')]).toEqual([
          method,
          path,
          401,
          'Bearer realm="slipway"',
        ]);
      }
  });

  it('tells those who may not see a deployment nothing of it, whatever the path and the method', async () => {
    for (const path of PATHS.filter((one) => one.includes('digits') && !one.endsWith('/watch')))
      for (const method of ['GET', 'HEAD', 'POST'])
        for (const who of ['foreigner', 'nobody'] as const) {
          const response = await rest(path, who, { method });
          expect([method, path, response.status]).toEqual([method, path, 404]);
          expect(await response.text()).not.toMatch(/Healthy|commit/);
        }
    const heads = [
      await statusOf('viewer'),
      (await rest('/v1/deployments/vision/digits', 'viewer', { method: 'HEAD' })).status,
    ];
    expect(heads).toEqual([200, 200]);
    expect((await rest('/v1/deployments/vision/digits/watch', 'viewer', { method: 'HEAD' })).status).toBe(404);
  });

  it('lets nobody command who may not, whatever the path and the method', async () => {
    for (const path of ['abort', 'abort/', '/abort', 'ABORT', 'abort%2F', '%61bort', 'abort?full=true', 'abort;x'])
      for (const method of ['POST', 'PUT', 'GET', 'HEAD']) {
        const { status } = await rest(`/v1/deployments/vision/digits/${path}`, 'viewer', { method });
        expect([method, path, status >= 400]).toEqual([method, path, true]);
      }
  });

  it('shows metrics to those who may read them', async () => {
    const statuses = async (path: string, method: string) =>
      Promise.all(
        (['prometheus', 'viewer', 'nobody'] as const).map(async (who) => (await rest(path, who, { method })).status),
      );
    expect(await statuses('/metrics', 'GET')).toEqual([200, 403, 401]);
    expect(await statuses('/metrics', 'HEAD')).toEqual([200, 403, 401]);
    expect(await statuses('/metrics?name=x', 'GET')).toEqual([200, 403, 401]);
    expect((await rest('/metrics', 'nobody')).headers.get('www-authenticate')).toBe('Bearer realm="slipway"');
    expect(await statuses('//metrics', 'GET')).toEqual([404, 404, 404]);
  });

  it('needs no credential for health, and a signature for webhooks', async () => {
    for (const path of ['/health/live', '/health/ready'])
      expect((await fetch(`${server.controller}${path}`, { headers: wrong })).status).toBe(200);
    const hook = await fetch(`${server.controller}/hooks/git`, { method: 'POST', body: '{}' });
    expect([hook.status, await hook.json()]).toEqual([401, { error: expect.stringContaining('not signed') }]);
  });

  it("believes the repository's own hook, which signs", async () => {
    const push = () => commitFiles(server.git, { 'vision/digits.yaml': digits(2) }, 'Elsewhere', 'feature');
    expect(push).toThrow(/feature is not deployed/);
    const isTold = ({ events }: DeploymentStatus) => events.some(({ code }) => code === 'BRANCH_NOT_DEPLOYED');
    await eventually('the refused push is told', digitsNow, isTold);
  });

  it('shows the schema, and lets nobody in by GraphQL with a wrong key', async () => {
    const introspected = await graphql('nobody', '{ __schema { queryType { name } } }');
    expect(introspected.data).toEqual({ __schema: { queryType: { name: 'Query' } } });
    const key = wrong.authorization.replace('Bearer ', '');
    const refused = await postGraphql(server.controller, { query: '{ deployments { totalCount } }' }, key);
    expect([refused.status, codeOf(refused)]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

/** What an event stream brings, as text without its signs of life, while it lasts. */
async function openStream(key: string | undefined) {
  const abort = new AbortController();
  const response = await fetch(`${server.controller}/v1/deployments/vision/digits/watch`, {
    headers: headersOf(key),
    signal: abort.signal,
  });
  const stream = { text: '', isOver: false, close: () => abort.abort() };
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? [])
      stream.text = `${stream.text}${decoder.decode(chunk, { stream: true })}`.replaceAll(': still here\n\n', '');
    stream.isOver = true;
  };
  void read().catch(() => {});
  return stream;
}

/** What a subscription brings, and how its connection ended. */
function subscribe(key: string | undefined) {
  const seen = { states: [] as unknown[], failures: [] as unknown[], closedWith: undefined as number | undefined };
  const client = createClient({
    url: `${server.controller.replace('http', 'ws')}/graphql`,
    connectionParams: headersOf(key),
    retryAttempts: 0,
    on: {
      closed: (event) => {
        seen.closedWith = (event as { code: number }).code;
      },
    },
  });
  const query = 'subscription { deploymentChanged(namespace: "vision", name: "digits") { phase desired { version } } }';
  client.subscribe(
    { query },
    {
      next: ({ data }) => seen.states.push(data?.['deploymentChanged']),
      error: (error) => seen.failures.push(error),
      complete() {},
    },
  );
  return { ...{ seen }, close: () => void client.dispose() };
}

describe('streams and subscriptions', () => {
  it('end within seconds when their key is revoked, and say why', async () => {
    const { key, id } = await makeKey('viewer');
    const known = async () => (await fetch(`${server.controller}/v1/deployments`, { headers: headersOf(key) })).status;
    await eventually('the key is known', known, (status) => status === 200);
    const stream = await openStream(key);
    const subscription = subscribe(key);
    const command = runSlipway(
      { stateDir: elsewhere },
      ['--controller', server.controller, 'rollout', 'watch', 'digits', '-n', 'vision'],
      { SLIPWAY_API_KEY: key },
    );
    const told = async () => [stream.text.includes('event: status'), subscription.seen.states.length > 0];
    await eventually('both are told of the state', told, (seen) => seen.every(Boolean));
    await revokeKey(id);
    const ends = async () => ({ isOver: stream.isOver, closedWith: subscription.seen.closedWith });
    await eventually('both end', ends, ({ isOver, closedWith }) => isOver && closedWith !== undefined, 8000);
    expect(subscription.seen.closedWith).toBe(4401);
    const [event = '', data = ''] = stream.text.trimEnd().split('\n').slice(-2);
    expect(event).toBe('event: error');
    expect(JSON.parse(data.replace('data: ', ''))).toEqual({
      error: `the API key ${id} was revoked`,
      code: 'UNAUTHENTICATED',
    });
    expect(await command).toMatchObject({
      exitCode: 1,
      stderr: `error: the API key ${id} was revoked (UNAUTHENTICATED)\n`,
    });
  });

  it('tell nothing of what may not be seen, and no more of what may no longer be seen', async () => {
    const [auditor, stranger] = [await openStream(keys.get('auditor')), await openStream(keys.get('stranger'))];
    const subscriptions = { auditor: subscribe(keys.get('auditor')), stranger: subscribe(keys.get('stranger')) };
    await eventually(
      'the auditor is told',
      async () => [auditor.text !== '', subscriptions.auditor.seen.states.length > 0],
      (seen) => seen.every(Boolean),
    );
    commitFiles(server.git, { 'access/teams.yaml': policyOf(', namespaces: [speech]') }, 'Auditors hear only');
    await eventually(
      'the auditor sees no digits',
      () => statusOf('auditor'),
      (status) => status === 404,
    );
    const before = { text: auditor.text, states: subscriptions.auditor.seen.states.length };

    commitFiles(server.git, { 'vision/digits.yaml': digits(2) }, 'A change that is not for them');
    await eventually('version 2 waits', digitsNow, ({ phase }) => phase === 'Paused', 30_000);
    expect({ text: auditor.text, states: subscriptions.auditor.seen.states.length }).toEqual(before);
    expect([stranger.text, subscriptions.stranger.seen.states, subscriptions.stranger.seen.failures]).toEqual([
      '',
      [],
      [],
    ]);

    commitFiles(server.git, { 'access/teams.yaml': policyOf() }, 'Auditors see again');
    const isTold = async () => auditor.text.length > before.text.length;
    await eventually('the auditor is told of the present state', isTold, (is) => is);
    expect(auditor.text.trimEnd().split('\n').at(-1)).toContain('"phase":"Paused"');
    for (const { close } of [auditor, stranger, ...Object.values(subscriptions)]) close();
  });
});

describe('a command', () => {
  it('that is allowed is carried out, and its author is written down', async () => {
    expect(await byRest('viewer', 'promote')).toBe('ACCESS_DENIED');
    expect((await digitsNow()).phase).toBe('Paused');
    expect(await byRest('deployer', 'promote')).toBe('ok');
    const { events } = await eventually('version 2 is stable', digitsNow, ({ phase }) => phase === 'Healthy');
    expect(events.filter(({ actor }) => actor !== undefined)).toMatchObject([
      { code: 'Commanded', actor: 'deployer', message: 'deployer asks to promote it', version: 2 },
    ]);
    const { data } = await graphql(
      'viewer',
      '{ deployment(namespace: "vision", name: "digits") { events { code actor } } }',
    );
    expect(JSON.stringify(data)).toContain('{"code":"Commanded","actor":"deployer"}');
  });
});

describe('gateways', () => {
  const start = (key: string | undefined, gatewayStateDir: string) =>
    GatewayProcess.start({
      stateDir: gatewayStateDir,
      environment: {
        SLIPWAY_STORE_DIR: join(stateDir, 'store'),
        SLIPWAY_CONTROLLER_GRPC: controllerGrpc,
        SLIPWAY_ADMIN_KEY: keys.get('admin') ?? '',
        ...(key === undefined ? {} : { SLIPWAY_CONTROLLER_KEY: key }),
      },
    });
  const isServing = async ({ url }: GatewayProcess) => {
    const headers = headersOf(keys.get('admin'));
    return (await fetch(`${url}/v2/models/vision:digits/ready`, { headers })).status === 200;
  };
  const refusalsIn = ({ log }: GatewayProcess) =>
    log.split('\n').filter((line) => line.includes('the controller refuses this gateway'));

  it('get no routes without a key, or with one that may not attach, and say so once', async () => {
    for (const [key, reason] of [
      [undefined, 'UNAUTHENTICATED: gateway.attach is not for everybody'],
      [keys.get('viewer'), 'ACCESS_DENIED: workload viewer may not gateway.attach'],
      ['nonsense', 'UNAUTHENTICATED: '],
    ] as const) {
      const folder = freshStateDirectory();
      const gateway = await start(key, folder);
      await eventually(
        'it is refused',
        async () => refusalsIn(gateway),
        (lines) => lines.length > 0,
      );
      const asked = performance.now();
      await eventually(
        'it asks again',
        async () => performance.now() - asked,
        (waitedMs) => waitedMs > 2000,
      );
      expect(refusalsIn(gateway)).toHaveLength(1);
      expect(refusalsIn(gateway)[0]).toContain(reason);
      expect(await isServing(gateway)).toBe(false);
      await gateway.end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('serve with one, and go on serving what they have when it is revoked', async () => {
    const folder = freshStateDirectory();
    const { key, id } = await makeKey('edge');
    const gateway = await start(key, folder);
    await eventually(
      'it serves',
      () => isServing(gateway),
      (is) => is,
      30_000,
    );
    await revokeKey(id);
    const refused = await eventually(
      'it is refused',
      async () => refusalsIn(gateway),
      (lines) => lines.length > 0,
    );
    expect(refused[0]).toContain(`the API key ${id} was revoked`);
    expect(await isServing(gateway)).toBe(true);
    await gateway.end('SIGTERM');

    await gateway.start();
    await eventually(
      'it serves its last known good routes',
      () => isServing(gateway),
      (is) => is,
      30_000,
    );
    await gateway.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('a controller that waits', () => {
  it('lets people and gateways in, or not, before it says who leads', async () => {
    const folder = freshStateDirectory();
    const waiting = await ControllerProcess.start({
      SLIPWAY_STORE_DIR: join(stateDir, 'store'),
      SLIPWAY_CONTROLLER_STATE_DIR: join(folder, 'controller'),
      SLIPWAY_GIT_URL: server.git,
      SLIPWAY_REGISTRY_URL: server.registry,
      SLIPWAY_ACCESS: 'policies',
      SLIPWAY_ADMIN_KEY: keys.get('admin') ?? '',
    });
    expect(await waiting.health()).toEqual({ ready: true, leader: false });
    const ask = async (path: string, key?: string) => {
      const response = await fetch(`${waiting.url}${path}`, { headers: headersOf(key) });
      return [response.status, await response.text()] as const;
    };
    const { port } = new URL(server.controller);
    for (const path of ['/v1/deployments', '/graphql', '/nowhere', '/v1/deployments/vision/digits/watch']) {
      const [wrong, nobody, viewer] = [
        await ask(path, 'nonsense'),
        await ask(path),
        await ask(path, keys.get('viewer')),
      ];
      expect([path, wrong[0], nobody[0], viewer[0]]).toEqual([path, 401, 503, 503]);
      for (const [, text] of [wrong, nobody]) expect(text).not.toContain(port);
      expect(viewer[1]).toContain(server.controller);
    }
    const environment = {
      SLIPWAY_STORE_DIR: join(stateDir, 'store'),
      SLIPWAY_CONTROLLER_GRPC: waiting.grpcAddress,
      SLIPWAY_ADMIN_KEY: keys.get('admin') ?? '',
    };
    const stranger = await GatewayProcess.start({ environment });
    await eventually(
      'the gateway is refused',
      async () => stranger.log,
      (log) => log.includes('gateway.attach is not for everybody'),
    );
    expect(stranger.log).not.toContain(controllerGrpc);
    await stranger.end('SIGTERM');
    const key = { SLIPWAY_CONTROLLER_KEY: keys.get('edge') ?? '' };
    const edge = await GatewayProcess.start({ environment: { ...environment, ...key } });
    await eventually(
      'the gateway is told who leads',
      async () => edge.log,
      (log) => log.includes(`ask the one at ${controllerGrpc}`),
    );
    await edge.end('SIGTERM');
    await waiting.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('a controller that starts', () => {
  it('answers by the policies that are in force from its first answer on', async () => {
    await server.stop();
    server = await startSlipwayServer(stateDir, { SLIPWAY_ACCESS: 'policies', SLIPWAY_ACCESS_POLL_MS: '60000' });
    expect(await statusOf('viewer')).toBe(200);
    expect(await statusOf('foreigner')).toBe(404);
  });
});
