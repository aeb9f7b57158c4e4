import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { postGraphql, type Reply } from './registry-fixture.ts';
import { runSlipway } from './run-slipway.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const root = mkdtempSync(join(tmpdir(), 'slipway-auth-'));
const clone = join(root, 'clone');
let server: SlipwayServer;
/** API keys by their owners. */
const keys = new Map<string, string>();

const POLICY = `apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: team }
spec:
  bindings:
    - { role: publisher, subjects: [{ workload: ci }], namespaces: [vision] }
    - { role: viewer, subjects: [{ workload: reader }, { workload: auditor }], namespaces: [vision] }
  rules:
    - { name: audit, effect: allow, actions: [policy.read], subjects: [{ workload: auditor }] }
    - name: frozen
      effect: deny
      actions: [model.update]
      subjects: [{ everyone: true }]
      where: { labels.frozen: "yes" }
    - name: metrics
      effect: deny
      actions: [version.read]
      fields: [metrics]
      subjects: [{ workload: reader }]
`;

/** What a command said and how it ended. */
interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as somebody; without anybody, as whoever has the state directory: the administrator. */
async function slipway(who: string | undefined, ...args: string[]): Promise<Ended> {
  const env = { SLIPWAY_API_KEY: who === undefined ? undefined : keys.get(who) };
  const { exitCode, stdout, stderr } = await runSlipway(server, args, env);
  return { status: exitCode, stdout: stdout.trim(), stderr: stderr.trim() };
}

/** The answer to `can-i`, and its exit status. */
async function canI(who: string | undefined, ...args: string[]): Promise<readonly [number | null, string]> {
  const { status, stdout, stderr } = await slipway(who, 'auth', 'can-i', ...args);
  return [status, stdout || stderr];
}

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=you', '-c', 'user.email=you@example.com'];
  const { status, stderr } = spawnSync('git', ['-C', clone, ...identity, ...args], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
}

/** Sends GraphQL as somebody. */
const graphql = (who: string, query: string, variables: object = {}): Promise<Reply> =>
  postGraphql(server.registry, { query, variables }, keys.get(who));
const codeOf = ({ errors }: Reply) => errors?.[0]?.extensions['code'];

beforeAll(async () => {
  server = await startSlipwayServer(join(root, 'state'), { SLIPWAY_ACCESS: 'policies', SLIPWAY_ACCESS_POLL_MS: '100' });
  spawnSync('git', ['clone', '--quiet', server.git, clone]);
  writeFileSync(join(clone, 'access.yaml'), POLICY);
  git('add', 'access.yaml');
  git('commit', '--quiet', '--message', 'Policies');
  git('push', '--quiet', 'origin', 'HEAD:main');
  for (const workload of ['ci', 'reader', 'auditor', 'stranger']) {
    const made = await slipway(undefined, 'auth', 'keys', 'create', `for ${workload}`, '--workload', workload);
    expect(made.status, made.stderr).toBe(0);
    keys.set(workload, made.stdout);
  }
  for (const namespace of ['vision', 'speech']) await slipway(undefined, 'namespace', 'create', namespace);
  await eventually(
    'the policies are in force',
    () => canI('ci', 'model.create', 'vision/digits'),
    ([status]) => status === 0,
  );
  const create = 'mutation ($input: CreateModelInput!) { createModel(input: $input) { name } }';
  const models = [
    { namespace: 'vision', name: 'digits' },
    { namespace: 'vision', name: 'old', labels: [{ name: 'frozen', value: 'yes' }] },
  ];
  for (const input of models) expect((await graphql('ci', create, { input })).errors).toBeUndefined();
  const secret = await slipway(undefined, 'model', 'list', '--namespace', 'speech');
  expect(secret.status).toBe(0);
  const admin = readFileSync(join(server.stateDir, 'admin.key'), 'utf8').trim();
  keys.set('admin', admin);
  await graphql('admin', create, { input: { namespace: 'speech', name: 'words' } });
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
});

describe('slipway auth whoami', () => {
  it('says whom the registry takes one for', async () => {
    expect((await slipway('ci', 'auth', 'whoami')).stdout).toMatch(/^workload ci\nuntil 20\d\d-/);
    expect((await slipway(undefined, 'auth', 'whoami')).stdout).toMatch(/^workload slipway:administrator/);
    expect(JSON.parse((await slipway('ci', 'auth', 'whoami', '--json')).stdout)).toMatchObject({
      kind: 'WORKLOAD',
      name: 'ci',
    });
  });
});

describe('slipway auth can-i', () => {
  it('answers by its exit status, and names the rule', async () => {
    expect(await canI('ci', 'model.update', 'vision/digits')).toEqual([0, 'yes, by team/bindings[0]: publisher']);
    expect((await canI('ci', 'model.update', 'digits', '--namespace', 'vision'))[0]).toBe(0);
    expect(await canI('ci', 'model.update', 'vision/old')).toEqual([
      1,
      'no: workload ci may not model.update on model vision/old: team/rules[1]: frozen denies it',
    ]);
    expect(await canI('ci', 'model.create', 'speech/new')).toEqual([
      1,
      'no: workload ci may not model.create on model speech/new: no policy allows it',
    ]);
    expect((await canI('ci', 'key.create'))[0]).toBe(0);
    expect((await canI('reader', 'version.read', 'namespace=vision', 'model=digits'))[0]).toBe(0);
    expect((await canI('reader', 'version.read', 'namespace=vision', '--field', 'metrics'))[0]).toBe(1);
    expect(
      JSON.parse((await slipway('ci', 'auth', 'can-i', 'model.read', 'vision/digits', '--json')).stdout),
    ).toMatchObject({
      isAllowed: true,
      rule: 'team/bindings[0]: publisher (viewer)',
    });
  });

  it('says what the operations do', async () => {
    const updates = [
      ['ci', 'vision', 'digits'],
      ['ci', 'vision', 'old'],
      ['reader', 'vision', 'digits'],
      ['auditor', 'vision', 'old'],
      ['admin', 'speech', 'words'],
    ] as const;
    for (const [who, namespace, name] of updates) {
      const [status] = await canI(who, 'model.update', `${namespace}/${name}`);
      const mutation = `mutation { updateModel(input: { namespace: "${namespace}", name: "${name}", card: "by ${who}" }) { name } }`;
      const { errors } = await graphql(who, mutation);
      expect([who, name, status === 0]).toEqual([who, name, errors === undefined]);
    }
  });

  it('fails with 2 where there is no answer, and says what would be one', async () => {
    const wrong: [string[], string][] = [
      [['version.reed', 'vision/digits@1'], 'did you mean version.read?'],
      [['version.read'], 'name one as resource, or say what it would be like as attributes'],
      [['version.read', 'vision/digits'], 'is done to a version, such as vision/digits@3'],
      [['model.read', 'a/b/c'], 'named <namespace>/<model>'],
      [['model.read', 'namespaces=vision'], 'did you mean namespace?'],
      [['version.read', 'namespace=vision', '--field', 'metric'], 'did you mean metrics?'],
      [['policy.read', 'vision'], 'leave the resource out'],
      [['model.read', 'vision/digits', '--as', 'somebody:ada'], '--as must be user:<name>'],
      [['model.read', 'vision/digits', '--group', 'x'], 'say more of whom --as names'],
      [['model.read', 'vision/digits', '--at', 'noon'], 'at must be a time'],
      [['model.read', 'vision/digits', '--from', 'home'], 'is no IP address'],
      [['model.read', '--nonsense'], 'unknown option'],
      [['deployment.read', 'vision/none'], 'there is no deployment vision/none'],
    ];
    await Promise.all(
      wrong.map(async ([args, message]) => {
        const [status, output] = await canI('auditor', ...args);
        expect([args, status, output]).toEqual([args, 2, expect.stringContaining(message)]);
      }),
    );
    expect((await canI('auditor', '--help'))[0]).toBe(0);
  });

  it('lists what one may do', async () => {
    const { status, stdout } = await slipway('ci', 'auth', 'can-i', '--list');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^model\.update +model +namespace must be vision, but for what rules deny +team\/bindings\[0\]/m,
    );
    expect(stdout).toMatch(/^key\.create +server +any/m);
    expect(stdout).not.toMatch(/policy\.read|deployment\.promote/);
    expect(await slipway('ci', 'auth', 'can-i', '--list', '--namespace', 'speech')).toMatchObject({
      status: 1,
      stdout: 'nothing',
    });
  });

  it('cannot be used to find out what one may not see, or what others may do', async () => {
    const words = ([, output]: readonly [number | null, string], name: string) => output.replaceAll(name, 'it');
    const hidden = await canI('reader', 'model.read', 'speech/words');
    expect(hidden[0]).toBe(2);
    expect(words(hidden, 'words')).toBe(words(await canI('reader', 'model.read', 'speech/absent'), 'absent'));
    expect((await canI('auditor', 'model.read', 'speech/words', '--as', 'user:ada'))[1]).toContain('MODEL_NOT_FOUND');
    for (const about of [
      ['--as', 'workload:ci'],
      ['--as', 'anonymous'],
      ['--at', '2026-11-30T22:00:00Z'],
      ['--from', '10.0.0.1'],
    ]) {
      expect((await canI('reader', 'model.read', 'vision/digits', ...about))[1]).toContain('ACCESS_DENIED');
    }
    expect((await slipway('reader', 'auth', 'can-i', '--list', '--as', 'workload:ci')).stderr).toContain(
      'ACCESS_DENIED',
    );
  });

  it('tells those who may read policies about others', async () => {
    expect((await canI('auditor', 'model.update', 'vision/digits', '--as', 'workload:ci'))[0]).toBe(0);
    expect((await canI('auditor', 'model.update', 'vision/digits', '--as', 'user:ci'))[0]).toBe(1);
    expect(await canI('auditor', 'model.update', 'vision/digits', '--as', 'anonymous')).toEqual([
      1,
      'no: whoever does not say who they are may not model.update on model vision/digits, because to whoever may not model.read it is not there: no policy allows it',
    ]);
  });
});

describe('slipway auth explain', () => {
  it('names each rule, and which test failed', async () => {
    const { status, stdout } = await slipway(
      'auditor',
      'auth',
      'explain',
      'model.update',
      'vision/digits',
      '--as',
      'workload:ci',
    );
    expect(status).toBe(0);
    expect(stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'yes: workload ci may model.update on model vision/digits: team/bindings[0]: publisher allows it',
      '',
      ' EFFECT RULE WHY NOT',
      'fits allows team/bindings[0]: publisher',
      '- denies team/rules[1]: frozen wants labels.frozen to be yes, and it has none',
    ]);
    // The one whom the denial does not concern learns nothing of it.
    expect((await slipway('ci', 'auth', 'explain', 'model.update', 'vision/digits')).stdout).not.toContain('frozen');
    expect((await slipway('ci', 'auth', 'explain', 'model.update', 'vision/old')).stdout).toContain('frozen');
  });
});

describe('slipway auth keys', () => {
  it('makes a key that is shown once and works, lists it, and revokes it', async () => {
    const args = ['--workload', 'ci', '--action', 'model.*', '--namespace', 'vision', '--days', '2'];
    const made = await slipway(undefined, 'auth', 'keys', 'create', 'narrow', ...args);
    expect(made.stdout).toMatch(/^slipway_[0-9a-z]{16}_[\w-]{43}$/);
    keys.set('narrow', made.stdout);
    const id = made.stdout.split('_')[1] ?? '';
    expect(made.stderr).toMatch(new RegExp(`^key ${id} of ci, until 20`));
    await eventually(
      'the key is known',
      async () => await canI('narrow', 'model.read', 'vision/digits'),
      ([status]) => status === 0,
    );
    expect(await canI('narrow', 'version.create', 'vision/digits')).toEqual([
      1,
      'no: workload ci may not version.create on model vision/digits: the API key is not for version.create',
    ]);
    expect((await slipway('narrow', 'auth', 'keys', 'list')).stdout).toMatch(
      new RegExp(`^${id} +workload ci +narrow +.* vision +until`, 'm'),
    );
    expect((await slipway('reader', 'auth', 'keys', 'list')).stdout).not.toContain(id);
    expect((await slipway('reader', 'auth', 'keys', 'list', '--all')).stderr).toContain('ACCESS_DENIED');
    expect((await slipway('reader', 'auth', 'keys', 'revoke', id)).stderr).toContain('API_KEY_NOT_FOUND');
    expect(await slipway(undefined, 'auth', 'keys', 'revoke', id)).toMatchObject({
      status: 0,
      stdout: `key ${id} of ci is revoked`,
    });
    await eventually(
      'the key is refused',
      async () => (await slipway('narrow', 'auth', 'whoami')).stderr,
      (text) => text.includes('UNAUTHENTICATED'),
    );
    expect((await slipway(undefined, 'auth', 'keys', 'list', '--all')).stdout).toMatch(
      new RegExp(`^${id} .* revoked by slipway:administrator`, 'm'),
    );
  });

  it('lets nobody grant what they do not hold, and says what is wrong', async () => {
    expect((await slipway('ci', 'auth', 'keys', 'create', 'more')).stderr).toContain('an API key makes no API keys');
    expect((await slipway('ci', 'auth', 'keys', 'create', 'x', '--workload', 'admin')).stderr).toContain(
      'ACCESS_DENIED',
    );
    const create = async (...args: string[]) =>
      (await slipway(undefined, 'auth', 'keys', 'create', 'x', '--workload', 'x', ...args)).stderr;
    expect(await create('--action', 'modle.read')).toContain('did you mean model.read?');
    expect(await create('--days', 'many')).toContain('--days must be a whole number, not "many"');
    expect(await create('--days', '0')).toContain('lifetimeDays must be from 1 to 366, not 0');
    expect(await create('--namespace', 'No Such')).toContain('NAME_INVALID');
  });
});

describe('slipway auth dry-run', () => {
  const changed = join(root, 'changed');
  const dryRun = (who: string | undefined, ...args: string[]) => slipway(who, 'auth', 'dry-run', ...args);
  const write = (text: string) => {
    mkdirSync(join(changed, 'access'), { recursive: true });
    writeFileSync(join(changed, 'access/team.yaml'), text);
  };

  beforeAll(async () => {
    await graphql('reader', '{ model(namespace: "vision", name: "digits") { name } }');
    await graphql(
      'stranger',
      'mutation { updateModel(input: { namespace: "vision", name: "digits", card: "x" }) { name } }',
    );
  });

  it('changes nothing by the policies in force', async () => {
    const { status, stdout } = await dryRun('auditor', clone);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^0 of \d+ decisions since 20\S+ would change$/)]);
  });

  it('tells who would lose and who would gain what they did, and changes nothing', async () => {
    write(POLICY.replace('workload: reader', 'workload: stranger'));
    const { status, stdout } = await dryRun('auditor', changed);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /allowed -> denied: workload reader, model\.read on model vision\/digits\n {2}.*last at 20\S+ from \S+\n {2}now: {2}team\/bindings\[1\]: viewer allows it\n {2}then: no rule allows it/,
    );
    expect(stdout).toMatch(/denied -> allowed: workload stranger, model\.read on model vision\/digits/);
    expect(stdout).toMatch(/\d+ of \d+ decisions since \S+ would change$/);
    expect(stdout).not.toContain('workload ci');
    expect((await canI('reader', 'model.read', 'vision/digits'))[0]).toBe(0);
  });

  it('says what is wrong with policies, in which file and line, with status 2', async () => {
    write(POLICY.replace('role: publisher', 'rule: publisher'));
    const { status, stderr } = await dryRun('auditor', changed);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/changed\/access\/team\.yaml: line 6: spec\.bindings\[0\]/),
    ]);
    write(POLICY.replace('role: publisher', 'role: publsher'));
    expect((await dryRun('auditor', changed)).stderr).toContain('spec.bindings[0].role there is no role publsher');
    expect(await dryRun('auditor', join(root, 'nowhere'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no file or folder'),
    });
    expect(await dryRun('auditor', server.stateDir)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no policy in'),
    });
    expect(await dryRun('auditor')).toMatchObject({ status: 2 });
  });

  it('is for those who may read policies, and tells them nothing of what they may not see', async () => {
    write(POLICY);
    expect(await dryRun('reader', changed)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('ACCESS_DENIED'),
    });
    // A refusal of something in a namespace that the auditor does not see.
    expect((await canI('ci', 'model.create', 'speech/new'))[0]).toBe(1);
    write(`${POLICY}    - { name: all, effect: allow, actions: [model.create], subjects: [{ workload: ci }] }\n`);
    expect(await dryRun('auditor', changed)).toMatchObject({ status: 0 });
    const denied = await graphql(
      'ci',
      'mutation { createModel(input: { namespace: "speech", name: "new" }) { name } }',
    );
    expect(codeOf(denied)).toBe('ACCESS_DENIED');
    const { status, stdout } = await dryRun('auditor', changed);
    expect(status).toBe(1);
    expect(stdout).toContain('1 about things that you may not see');
    expect(stdout).not.toContain('speech');
    const ofAdministrator = await dryRun(undefined, changed);
    expect(ofAdministrator.stdout).toContain('denied -> allowed: workload ci, model.create on model speech/new');
  });

  it('knows what was decided before a restart, and never a credential', async () => {
    await server.stop();
    const folder = join(server.stateDir, 'store/access/decisions');
    const texts = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(texts.join('')).toContain('"model.read"');
    for (const key of keys.values()) {
      // Secrets may have underscores of their own.
      const [, id = '', secret = ''] = /^slipway_([0-9a-z]{16})_([\w-]{43})$/.exec(key) ?? [];
      expect(secret).toHaveLength(43);
      for (const part of [id, secret]) expect(texts.join('')).not.toContain(part);
    }
    server = await startSlipwayServer(server.stateDir, { SLIPWAY_ACCESS: 'policies', SLIPWAY_ACCESS_POLL_MS: '100' });
    write(POLICY.replace('workload: reader', 'workload: stranger'));
    expect((await dryRun('auditor', changed)).stdout).toContain(
      'allowed -> denied: workload reader, model.read on model vision/digits',
    );
  });
});

describe('slipway auth actions', () => {
  it('lists what policies can allow', async () => {
    expect((await slipway('stranger', 'auth', 'actions')).stdout).toMatch(
      /^version\.read +version +See a version\. +metrics, /m,
    );
  });
});
