import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { postGraphql } from './registry-fixture.ts';
import { type CommandResult, runSlipway } from './run-slipway.ts';
import { serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const stateDir = freshStateDirectory();
const storeDir = join(stateDir, 'store');
const adminKey = `slipway_${'0'.repeat(16)}_${'a'.repeat(43)}`;
let server: SlipwayServer;
/** Of `vision-ci`. */
let keyId = '';
let ciKey = '';
/** How often it was shown after it was revoked. */
let timesRefused = 0;

interface Listed {
  readonly kind: string;
  readonly program: string;
  readonly principal?: { readonly kind: string; readonly id: string; readonly credential: string };
  readonly action?: string;
  readonly resource?: string;
  readonly detail?: string;
  readonly count?: number;
  readonly ruleId?: string;
}

const slipway = (args: readonly string[]) => runSlipway({ stateDir }, args, { SLIPWAY_STORE_DIR: storeDir });
const listed = async (...args: string[]): Promise<Listed[]> => {
  const { stdout, stderr, exitCode } = await slipway(['audit', 'list', '--limit', '1000', '--json', ...args]);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout) as Listed[];
};
const asked = (query: string, key?: string, variables: object = {}) =>
  postGraphql(server.registry, { query, variables }, key);
const CREATE_KEY = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id } } }';

beforeAll(async () => {
  server = await startSlipwayServer(stateDir, {
    SLIPWAY_ACCESS: 'policies',
    SLIPWAY_ADMIN_KEY: adminKey,
  });
  writeFileSync(join(stateDir, 'admin.key'), adminKey);
});
afterAll(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

describe('the audit log', () => {
  it('tells who came, who was refused, what was denied, and who made which key', async () => {
    const made = await asked(CREATE_KEY, adminKey, { input: { description: 'for tests', workload: 'vision-ci' } });
    expect(made.errors).toBeUndefined();
    const created = made.data?.['createApiKey'] as { key: string; apiKey: { id: string } };
    const { key, apiKey } = created;
    [keyId, ciKey] = [apiKey.id, key];
    const inForce = () => asked('{ caller { name } }', key);
    await eventually('the key is in force', inForce, ({ errors }) => errors === undefined);
    for (let at = 0; at < 5; at += 1) {
      const denied = await asked('mutation { createNamespace(input: { name: "vision" }) { name } }', key);
      expect(denied.errors?.[0]?.extensions['code']).toBe('ACCESS_DENIED');
    }
    await asked('{ caller { name } }', `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`);
    const entries = await eventually('what came is written', listed, (found) =>
      found.some(({ kind }) => kind === 'denied'),
    );
    const of = (kind: string) => entries.filter((entry) => entry.kind === kind);
    expect(of('login').map(({ principal }) => principal?.id)).toEqual(
      expect.arrayContaining(['slipway:administrator', 'vision-ci']),
    );
    expect(of('refused')[0]?.detail).toMatch(/^there is no such API key/);
    const denials = of('denied');
    expect(denials[0]).toMatchObject({
      program: 'registry',
      principal: { kind: 'workload', id: 'vision-ci', credential: 'apiKey' },
      action: 'namespace.create',
      detail: 'no policy allows it',
    });
    expect(denials.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(5);
    expect(of('change').find(({ action }) => action === 'key.create')).toMatchObject({
      principal: { id: 'slipway:administrator' },
      detail: expect.stringContaining(keyId),
    });
  });

  it('tells what became of the registry and of rollouts, and whose policies are in force', async () => {
    await serveDigits(server, 1, adminKey);
    const isWhole = (found: readonly Listed[]) => found.some(({ action }) => action === 'Promoted');
    const entries = await eventually('the rollout is written', listed, isWhole);
    const about = (action: string) => entries.find((entry) => entry.action === action);
    expect(about('version-registered')).toMatchObject({
      kind: 'change',
      principal: { id: 'slipway:administrator' },
      resource: 'version default/digits@1',
    });
    expect(about('Promoted')).toMatchObject({
      kind: 'rollout',
      program: 'controller',
      resource: 'deployment default/digits',
    });
    expect(about('TermBegun')).toBeDefined();
  });

  it('is searched by principal, action and denial', async () => {
    expect(new Set((await listed('--denied')).map(({ kind }) => kind))).toEqual(new Set(['denied', 'refused']));
    const actions = (await listed('--action', 'key.*')).map(({ action }) => action);
    expect(new Set(actions)).toEqual(new Set(['key.create']));
    expect((await listed('--principal', 'vision-ci', '--since', '1h')).length).toBeGreaterThan(0);
    expect(await listed('--until', '1h')).toEqual([]);
    const { stdout } = await slipway(['audit', 'list', '--denied', '--limit', '1']);
    expect(stdout).toMatch(/^TIME +KIND +WHO +ACTION +ON +MORE +BATCH\n.*(denied|refused)/);
    for (const wrong of [
      ['--limit', '0'],
      ['--since', 'yesterday'],
    ]) {
      expect((await slipway(['audit', 'list', ...wrong])).exitCode).toBe(1);
    }
  });

  it('tells of the end of a key', async () => {
    const revoked = await asked(`mutation { revokeApiKey(id: "${keyId}") { id } }`, adminKey);
    expect(revoked.errors).toBeUndefined();
    expect((await listed('--action', 'key.revoke'))[0]?.detail).toContain(keyId);
  });

  it('tells once of a key that is shown again and again although it is refused', async () => {
    const show = async () => {
      const { errors } = await asked('{ caller { name } }', ciKey);
      if (errors !== undefined) timesRefused += 1;
      return errors?.[0]?.message;
    };
    const refusal = `the API key ${keyId} was revoked`;
    await eventually('it is refused', show, (message) => message === refusal);
    const told = async () => (await listed('--denied')).filter(({ detail }) => detail === refusal);
    const first = await eventually('it is told', told, (entries) => entries.length > 0);
    for (let time = 0; time < 3; time += 1) expect(await show()).toBe(refusal);
    // What is noted afterwards is written afterwards.
    await asked('{ caller { name } }', 'no key at all');
    const isLater = (entries: readonly Listed[]) => entries.some(({ detail }) => detail?.includes('must be: Bearer'));
    await eventually('what came later is told', () => listed('--denied'), isLater);
    expect(await told()).toEqual(first);
  });

  it('tells at the latest at the end how often a refused key came again, and never of the key itself', async () => {
    await server.stop();
    const refusals = (await listed('--denied')).filter(({ detail }) => detail?.includes('was revoked'));
    const counts = refusals.map(({ kind, program, count = 1 }) => [kind, program, count]);
    expect(counts.sort()).toEqual([
      ['refused', 'registry', 1],
      ['refused', 'registry', timesRefused - 1],
    ]);
    const secret = ciKey.slice(-43);
    for (const name of readdirSync(join(storeDir, 'audit')))
      expect(readFileSync(join(storeDir, 'audit', name), 'utf8')).not.toContain(secret);
  });
});

describe('slipway audit verify', () => {
  const copy = mkdtempSync(join(tmpdir(), 'slipway-audit-'));
  let heads: string[];
  const verify = (...args: string[]): Promise<CommandResult> => slipway(['audit', 'verify', copy, ...args]);

  beforeAll(() => cpSync(storeDir, copy, { recursive: true }));
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('finds nothing in what the programs have left, and prints the heads', async () => {
    const { stdout, stderr, exitCode } = await slipway(['audit', 'verify']);
    expect(exitCode, `${stdout}${stderr}`).toBe(0);
    heads = [...stdout.matchAll(/head (\S+)/g)].map(([, head = '']) => head);
    expect(heads).toEqual([expect.stringMatching(/^audit\/:\d+:[0-9a-f]{64}$/), expect.stringMatching(/^log\/:\d+:/)]);
    const expected = heads.flatMap((head) => ['--expect-head', head]);
    expect((await verify(...expected)).exitCode).toBe(0);
    expect((await verify('--expect-head', 'audit/:1')).stderr).toContain('A head is audit/ or log/');
  });

  it.each(['audit', 'log'])('says which object of %s was edited, and ends with 1', async (log) => {
    const [name = ''] = readdirSync(join(copy, log)).slice(-1);
    const file = join(copy, log, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replaceAll(/administrator|rollout|anonymous|revoked/g, 'eve'));
    const { stdout, stderr, exitCode } = await verify();
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`${log}/${name} was changed after it was written`);
    expect(stderr).toContain('1 thing is wrong (AUDIT_LOG_BROKEN)');
    writeFileSync(file, text);
    expect((await verify()).exitCode).toBe(0);
  });

  it('finds an end that was cut off by the head that was printed before', async () => {
    const [name = ''] = readdirSync(join(copy, 'audit')).slice(-1);
    rmSync(join(copy, 'audit', name));
    expect((await verify()).exitCode).toBe(0);
    const { stdout, exitCode } = await verify('--expect-head', heads[0] ?? '');
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining(`audit/${name} was remembered and is gone`)]);
  });
});
