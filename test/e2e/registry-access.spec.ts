import { createHash } from 'node:crypto';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectStorePolicies } from '#adapters/access-store';
import { FsObjectStore } from '#adapters/object-store-fs';
import { eventually } from './eventually.ts';
import { postGraphql, type RegistryFixture, type Reply, startRegistryFixture } from './registry-fixture.ts';

const adminKey = `slipway_${'0'.repeat(16)}_${'a'.repeat(43)}`;
const bytes = Buffer.from('weights');
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** One document of policy: who has which role where, and what else holds. */
const policyOf = (extra = '') => `
apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: team }
spec:
  bindings:
    - { role: publisher, subjects: [{ workload: vision-ci }, { workload: vision-cd }], namespaces: [vision] }
    - { role: viewer, subjects: [{ workload: reader }, { workload: contractor }], namespaces: [vision] }
    - { role: viewer, subjects: [{ workload: auditor }] }
  rules:
    - name: public-models
      effect: allow
      actions: [model.read, version.read]
      where: { labels.audience: everyone }
    - name: owners
      effect: allow
      actions: [model.read, model.update]
      subjects: [{ authenticated: true }]
      where: { owner: { principal: id } }
    - name: metrics
      effect: deny
      actions: [version.read]
      fields: [metrics]
      subjects: [{ workload: contractor }]
${extra}`;

let registry: RegistryFixture;
let policies: ObjectStorePolicies;
let revision = 0;
const keys = new Map([['admin', adminKey]]);

/** Asks as somebody: a program by its name, the administrator, or nobody. */
const as = (who: string, query: string, variables: object = {}): Promise<Reply> =>
  postGraphql(registry.process.url, { query, variables }, keys.get(who));
/** One field of an answer. */
const field = <T>({ data }: Reply, name: string) => data?.[name] as T;
const codeOf = ({ errors }: Reply) => errors?.[0]?.extensions['code'];
const publish = async (text: string) => {
  revision += 1;
  await policies.publish({ revision: `commit-${revision}`, files: [{ path: 'access/team.yaml', text }] }, 1);
};
const rest = (path: string, who?: string, init: RequestInit = {}) => {
  const key = who === undefined ? undefined : (keys.get(who) ?? who);
  const headers = { ...init.headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
  return fetch(`${registry.process.url}${path}`, { ...init, headers });
};

interface Draft {
  readonly id: string;
  readonly files: { uploadPath: string }[];
}

const CREATE_MODEL = 'mutation ($input: CreateModelInput!) { createModel(input: $input) { name owner revision } }';
const CREATE_VERSION = `mutation ($input: CreateVersionInput!) {
  createVersion(input: $input) { id files { uploadPath } version { version } }
}`;
const FINALIZE = `mutation ($namespace: String!, $model: String!, $draftId: ID!) {
  finalizeVersion(namespace: $namespace, model: $model, draftId: $draftId) { version }
}`;
const versionInput = (namespace: string, model: string, more: object = {}) => ({
  input: {
    namespace,
    model,
    variants: [{ format: 'OTHER', files: [{ path: 'weights.bin', digest, sizeBytes: bytes.byteLength }] }],
    ...more,
  },
});

/** Registers a version, bytes and all. */
async function register(who: string, namespace: string, model: string, more: object = {}): Promise<void> {
  const draft = await as(who, CREATE_VERSION, versionInput(namespace, model, more));
  expect(draft.errors).toBeUndefined();
  const { id, files } = field<Draft>(draft, 'createVersion');
  for (const { uploadPath } of files) {
    const uploaded = await rest(uploadPath, who, { method: 'PUT', body: bytes });
    expect(uploaded.ok).toBe(true);
  }
  expect((await as(who, FINALIZE, { namespace, model, draftId: id })).errors).toBeUndefined();
}

beforeAll(async () => {
  registry = await startRegistryFixture({
    SLIPWAY_ACCESS: 'policies',
    SLIPWAY_ADMIN_KEY: adminKey,
    SLIPWAY_ACCESS_POLL_MS: '100',
  });
  policies = new ObjectStorePolicies(await FsObjectStore.open(registry.storeDir));
  for (const workload of ['vision-ci', 'vision-cd', 'reader', 'contractor', 'auditor', 'owner', 'stranger']) {
    const input = { description: 'for tests', workload };
    const made = await as('admin', 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }', {
      input,
    });
    expect(made.errors).toBeUndefined();
    keys.set(workload, field<{ key: string }>(made, 'createApiKey').key);
  }
  await publish(policyOf());
  for (const namespace of ['vision', 'speech']) {
    const created = await as('admin', `mutation { createNamespace(input: { name: "${namespace}" }) { name } }`);
    expect(created.errors).toBeUndefined();
  }
  const entries = async () => as('vision-ci', CREATE_MODEL, { input: { namespace: 'vision', name: 'digits' } });
  await eventually('the policies are in force', entries, ({ errors }) => errors === undefined);
  await register('vision-ci', 'vision', 'digits', { metrics: [{ name: 'accuracy', value: 0.98 }] });
  await as('admin', CREATE_MODEL, { input: { namespace: 'speech', name: 'words', owner: 'owner' } });
  await register('admin', 'speech', 'words', { labels: [{ name: 'audience', value: 'everyone' }] });
  await register('admin', 'speech', 'words');
});
afterAll(() => registry?.stop());

const LISTS = `{
  models { totalCount nodes { namespace name } }
  versions { totalCount nodes { model version } }
  namespaces { nodes { name } }
  events(first: 200) { nodes { namespace model version action after } }
}`;
interface Lists {
  readonly models: { totalCount: number; nodes: { namespace: string; name: string }[] };
  readonly versions: { totalCount: number; nodes: { model: string; version: number }[] };
  readonly namespaces: { nodes: { name: string }[] };
  readonly events: { nodes: { namespace: string; model: string | null; version: number | null; after: unknown }[] };
}
const listsOf = async (who: string) => {
  const { data, errors } = await as(who, LISTS);
  expect(errors).toBeUndefined();
  return data as unknown as Lists;
};

describe('whoever shows no credential', () => {
  it('sees what is for everyone, and nothing else', async () => {
    const { models, versions, namespaces, events } = await listsOf('nobody');
    expect(models).toEqual({ totalCount: 0, nodes: [] });
    expect(versions).toEqual({ totalCount: 1, nodes: [{ model: 'words', version: 1 }] });
    expect(namespaces.nodes).toEqual([]);
    expect(events.nodes.map(({ model, version }) => [model, version])).toEqual([['words', 1]]);
  });

  it('changes nothing, whatever name they claim', async () => {
    const response = await fetch(`${registry.process.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'slipway-actor': 'vision-ci' },
      body: JSON.stringify({ query: CREATE_MODEL, variables: { input: { namespace: 'vision', name: 'own' } } }),
    });
    expect(codeOf((await response.json()) as Reply)).toBe('UNAUTHENTICATED');
    expect(codeOf(await as('nobody', 'mutation { collectGarbage { condemned } }'))).toBe('UNAUTHENTICATED');
    expect(codeOf(await as('nobody', 'mutation { createApiKey(input: { description: "x" }) { key } }'))).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('is asked for one where it is wrong, by every way in', async () => {
    const wrong = `slipway_${'1'.repeat(16)}_${'b'.repeat(43)}`;
    const answer = await postGraphql(registry.process.url, { query: '{ caller { name } }' }, wrong);
    expect([answer.status, codeOf(answer)]).toEqual([401, 'UNAUTHENTICATED']);
    for (const path of [`/v1/blobs/${digest}`, '/graphql', '/graphql/', '//graphql', '/nowhere', '/v1/%62lobs/x']) {
      const { status, headers } = await rest(path, wrong);
      expect([path, status, headers.get('www-authenticate')]).toEqual([path, 401, 'Bearer realm="slipway"']);
    }
    expect((await rest('/health/live', wrong)).status).toBe(200);
    expect((await rest('/health/ready')).status).toBe(200);
  });
});

describe('a program with a role in a namespace', () => {
  it('sees that namespace, its counts and its events, and what is for everyone', async () => {
    const { models, versions, namespaces, events } = await listsOf('reader');
    expect(models).toEqual({ totalCount: 1, nodes: [{ namespace: 'vision', name: 'digits' }] });
    expect(versions.totalCount).toBe(2);
    expect(versions.nodes).toEqual(
      expect.arrayContaining([
        { model: 'digits', version: 1 },
        { model: 'words', version: 1 },
      ]),
    );
    expect(namespaces.nodes).toEqual([{ name: 'vision' }]);
    expect(new Set(events.nodes.map(({ namespace, version }) => `${namespace} ${version}`))).toEqual(
      new Set(['vision null', 'vision 1', 'speech 1']),
    );
  });

  it('cannot tell what is hidden from what is not there', async () => {
    const hidden = await as('reader', '{ model(namespace: "speech", name: "words") { name } }');
    const absent = await as('reader', '{ model(namespace: "speech", name: "absent") { name } }');
    expect(hidden).toEqual(absent);
    const update = (name: string) =>
      as('reader', `mutation { updateModel(input: { namespace: "speech", name: "${name}", card: "x" }) { name } }`);
    const words = (reply: Reply, name: string) => JSON.stringify(reply).replaceAll(name, 'it');
    expect(words(await update('words'), 'words')).toBe(words(await update('absent'), 'absent'));
    const annotate = (version: number) =>
      as(
        'reader',
        `mutation { annotateVersion(input: { namespace: "speech", model: "words", version: ${version}, annotations: [] }) { version } }`,
      );
    expect(words(await annotate(2), 'version 2')).toBe(words(await annotate(9), 'version 9'));
  });

  it('reads, and is told by which rule it may do no more', async () => {
    const { errors } = await as('reader', CREATE_MODEL, { input: { namespace: 'vision', name: 'own' } });
    expect(errors?.[0]?.message).toBe('workload reader may not model.create on model vision/own: no policy allows it');
    const staged = await as(
      'reader',
      'mutation { requestStage(input: { namespace: "vision", model: "digits", version: 1, stage: STAGING }) { stage } }',
    );
    expect(codeOf(staged)).toBe('ACCESS_DENIED');
    expect((await rest(`/v1/blobs/${digest}`, 'reader')).status).toBe(404);
    expect((await rest(`/v1/blobs/${digest}`, 'vision-ci')).status).toBe(200);
    const archive = '/v1/namespaces/vision/models/digits/versions/1/variants/cpu-fp32/files/weights.bin';
    expect((await rest(archive, 'reader')).status).toBe(403);
    const allowed = await rest(archive, 'vision-ci');
    expect([allowed.status, allowed.headers.get('cache-control')]).toEqual([
      200,
      'private, max-age=31536000, immutable',
    ]);
    expect((await rest(archive, 'stranger')).status).toBe(404);
  });
});

describe('a part that is denied', () => {
  const METRICS = '{ version(namespace: "vision", model: "digits", version: 1) { version metrics { name value } } }';

  it('is null, and the rest is there', async () => {
    const metricsOf = async (who: string) => field<{ metrics: unknown }>(await as(who, METRICS), 'version').metrics;
    expect(await metricsOf('reader')).toEqual([{ name: 'accuracy', value: 0.98 }]);
    expect(await metricsOf('contractor')).toBeNull();
  });

  it('is told by no filter, no order, no event and no count', async () => {
    const found = async (who: string, args: string) => {
      const { data } = await as(who, `{ versions(namespace: "vision", ${args}) { totalCount nodes { version } } }`);
      return data?.['versions'];
    };
    for (const args of [
      'filter: "metrics.accuracy > 0.9"',
      'filter: "NOT metrics.accuracy > 0.99"',
      'orderBy: { field: "metrics.accuracy" }',
    ]) {
      expect(await found('reader', args)).toEqual({ totalCount: 1, nodes: [{ version: 1 }] });
      expect(await found('contractor', args)).toEqual({ totalCount: 0, nodes: [] });
    }
    const { events } = await listsOf('contractor');
    const ofVersion = events.nodes.filter(({ namespace, version }) => namespace === 'vision' && version === 1);
    expect(ofVersion).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain('accuracy');
  });
});

describe('an owner', () => {
  it('changes the own model, and gives it away, and is no owner then', async () => {
    const update = (change: string) =>
      as('owner', `mutation { updateModel(input: { namespace: "speech", name: "words", ${change} }) { owner card } }`);
    expect((await update('card: "mine"')).data).toEqual({ updateModel: { owner: 'owner', card: 'mine' } });
    // What would be would no longer be theirs to change.
    expect(codeOf(await update('owner: "stranger"'))).toBe('ACCESS_DENIED');
    expect(
      codeOf(
        await as(
          'stranger',
          'mutation { updateModel(input: { namespace: "vision", name: "digits", owner: "stranger" }) { owner } }',
        ),
      ),
    ).toBe('MODEL_NOT_FOUND');
    expect(
      codeOf(
        await as(
          'reader',
          'mutation { updateModel(input: { namespace: "vision", name: "digits", owner: "reader" }) { owner } }',
        ),
      ),
    ).toBe('ACCESS_DENIED');
  });
});

describe('a registration', () => {
  it('is gone on with by nobody but the one who began it', async () => {
    const other = Buffer.from('other weights');
    const otherDigest = `sha256:${createHash('sha256').update(other).digest('hex')}`;
    const variants = [
      { format: 'OTHER', files: [{ path: 'w.bin', digest: otherDigest, sizeBytes: other.byteLength }] },
    ];
    const draft = await as('vision-ci', CREATE_VERSION, versionInput('vision', 'digits', { variants }));
    const { id, files } = field<Draft>(draft, 'createVersion');
    const path = files[0]?.uploadPath ?? '';
    const put = (who?: string) => rest(path, who, { method: 'PUT', body: other });
    expect((await put('vision-cd')).status).toBe(404);
    expect((await rest(path, 'vision-cd', { method: 'HEAD' })).status).toBe(404);
    expect(
      (await rest(path, 'vision-cd', { method: 'PATCH', body: other, headers: { 'upload-offset': '0' } })).status,
    ).toBe(404);
    expect((await put('reader')).status).toBe(403);
    expect((await put()).status).toBe(404);
    const finalize = { namespace: 'vision', model: 'digits', draftId: id };
    expect(codeOf(await as('vision-cd', FINALIZE, finalize))).toBe('DRAFT_NOT_FOUND');
    expect((await put('vision-ci')).status).toBe(201);
    expect((await as('vision-ci', FINALIZE, finalize)).data).toEqual({ finalizeVersion: { version: 2 } });
  });
});

describe('API keys', () => {
  it('name their owner, and are seen by nobody else but administrators', async () => {
    const { data } = await as('reader', '{ caller { kind name } apiKeys { nodes { owner actions } } }');
    expect(data).toMatchObject({
      caller: { kind: 'WORKLOAD', name: 'reader' },
      apiKeys: { nodes: [{ owner: 'reader' }] },
    });
    expect(codeOf(await as('reader', '{ apiKeys(ofEverybody: true) { nodes { owner } } }'))).toBe('ACCESS_DENIED');
    const all = await as(
      'admin',
      '{ apiKeys(ofEverybody: true, first: 3) { nodes { owner } pageInfo { hasNextPage } } }',
    );
    expect(all.data).toMatchObject({
      apiKeys: { nodes: [{ owner: 'stranger' }, {}, {}], pageInfo: { hasNextPage: true } },
    });
    expect(JSON.stringify(all)).not.toMatch(/sha256|slipway_/);
  });

  it('make no keys', async () => {
    const own = 'mutation { createApiKey(input: { description: "more" }) { key } }';
    expect(codeOf(await as('vision-ci', own))).toBe('ACCESS_DENIED');
    const forOther = 'mutation { createApiKey(input: { description: "more", workload: "auditor" }) { key } }';
    expect(codeOf(await as('vision-ci', forOther))).toBe('ACCESS_DENIED');
  });

  it('end within moments of being revoked, and with them what goes on in their name', async () => {
    const made = await as(
      'admin',
      'mutation { createApiKey(input: { description: "short", workload: "reader" }) { key apiKey { id } } }',
    );
    const { key, apiKey } = field<{ key: string; apiKey: { id: string } }>(made, 'createApiKey');
    const ask = () => postGraphql(registry.process.url, { query: '{ caller { name } }' }, key);
    await eventually('the key is known', ask, ({ status }) => status === 200);
    const closed = new Promise<number>((resolve) => {
      const client = createClient({
        url: `${registry.process.url.replace('http', 'ws')}/graphql`,
        connectionParams: { authorization: `Bearer ${key}` },
        retryAttempts: 0,
        on: { closed: (event) => resolve((event as { code: number }).code) },
      });
      client.subscribe({ query: 'subscription { events { id } }' }, { next() {}, error() {}, complete() {} });
    });
    await as('admin', `mutation { revokeApiKey(id: "${apiKey.id}") { revokedAt } }`);
    await eventually('the key is refused', ask, ({ status }) => status === 401);
    expect(await closed).toBe(4401);
  });
});

describe('subscriptions', () => {
  it('tell each of what they may see, and nothing to those who are refused', async () => {
    const events = (who: string | undefined) => {
      const seen: unknown[] = [];
      const failures: unknown[] = [];
      const key = who === undefined ? undefined : keys.get(who);
      const client = createClient({
        url: `${registry.process.url.replace('http', 'ws')}/graphql`,
        connectionParams: key === undefined ? {} : { authorization: `Bearer ${key}` },
        retryAttempts: 0,
      });
      client.subscribe(
        { query: 'subscription { events { namespace model action after } }' },
        { next: ({ data }) => seen.push(data?.['events']), error: (error) => failures.push(error), complete() {} },
      );
      return { seen, failures, stop: () => void client.dispose() };
    };
    const watchers = {
      reader: events('reader'),
      contractor: events('contractor'),
      stranger: events('stranger'),
      nobody: events(undefined),
    };
    const rename = async () => {
      await as(
        'vision-ci',
        'mutation { updateModel(input: { namespace: "vision", name: "digits", card: "a" }) { name } }',
      );
      return as(
        'vision-ci',
        'mutation { updateModel(input: { namespace: "vision", name: "digits", card: "b" }) { name } }',
      );
    };
    await eventually('the reader is told', rename, () => watchers.reader.seen.length > 0);
    await register('vision-ci', 'vision', 'digits', { metrics: [{ name: 'accuracy', value: 0.99 }] });
    const isRegistered = (event: unknown) => (event as { action: string }).action === 'VERSION_REGISTERED';
    for (const who of ['reader', 'contractor'] as const)
      await eventually(
        'a version is told of',
        async () => watchers[who].seen,
        (seen) => seen.some(isRegistered),
      );
    expect(JSON.stringify(watchers.reader.seen)).toContain('accuracy');
    expect(JSON.stringify(watchers.contractor.seen)).not.toContain('accuracy');
    expect(watchers.stranger.seen).toEqual([]);
    expect(watchers.nobody.seen).toEqual([]);
    for (const watcher of Object.values(watchers)) watcher.stop();
  });
});

describe('policies', () => {
  const read = () => as('auditor', '{ models { totalCount } }');
  const totalOf = ({ data }: Reply) => (data?.['models'] as { totalCount: number } | undefined)?.totalCount;

  it('are taken over while the registry runs, and broken ones are not', async () => {
    expect(totalOf(await read())).toBe(2);
    await publish(policyOf('    - { name: closed, effect: deny, actions: ["*"], subjects: [{ workload: auditor }] }'));
    await eventually('the auditor is locked out', read, (reply) => totalOf(reply) === 0);
    const refused = async () =>
      (await as('admin', '{ policyStatus { inForce refused problems } }')).data?.['policyStatus'];
    const inForce = `commit-${revision}`;
    await publish(policyOf('    - { name: closed, effect: forbid, actions: ["*"] }'));
    await eventually('the first is refused', refused, (status) =>
      JSON.stringify(status).includes(`commit-${revision}`),
    );
    expect(await refused()).toMatchObject({
      inForce,
      problems: [expect.stringMatching(/^access\/team.yaml: line \d+: spec.rules\[3\].effect must be/)],
    });
    await publish(
      'apiVersion: slipway.dev/v1\nkind: Policy\nmetadata: { name: team }\nspec: { bindings: [{ role: boss, subjects: [{ everyone: true }] }] }',
    );
    await eventually('the second is refused', refused, (status) =>
      JSON.stringify(status).includes(`commit-${revision}`),
    );
    expect(await refused()).toMatchObject({ inForce, problems: [expect.stringMatching(/there is no role boss/)] });
    expect(totalOf(await read())).toBe(0);
    await publish(policyOf());
    await eventually('the auditor is back', read, (reply) => totalOf(reply) === 2);
  });
});
