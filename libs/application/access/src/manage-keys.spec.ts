import { createHash, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ANONYMOUS_PRINCIPAL, type Principal, resolvePolicies } from '#domain/access';
import { DomainError } from '#domain/errors';
import { type ApiKeyRecord, apiKeyIdIn } from './api-key.ts';
import { type ChangeAudit, NO_AUDIT } from './change-audit.ts';
import { ManageKeys } from './manage-keys.ts';

const user = (name: string): Principal => ({ ...ANONYMOUS_PRINCIPAL, kind: 'user', id: name, credential: 'token' });
const [ada, root] = [user('ada'), user('root')];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const request = { description: 'for tests', lifetimeDays: 30 };
const DAY_MS = 24 * 3_600_000;

function rules() {
  const bind = (kind: 'user' | 'workload', name: string, role: string) => ({
    role,
    subjects: [{ kind, name }],
    when: [],
  });
  const bindings = [bind('user', 'root', 'admin'), bind('user', 'ada', 'viewer'), bind('workload', 'shop', 'invoker')];
  const resolved = resolvePolicies([{ name: 'test', roles: [], rules: [], bindings }]);
  if (resolved.kind === 'refused') throw new Error('refused');
  return resolved.rules;
}

/** Keeps keys with compare-and-swap, and lets somebody else write first now and then. */
class MemoryStore {
  keys: readonly ApiKeyRecord[] = [];
  tag = 0;
  races = 0;

  async read() {
    return { keys: this.keys, etag: this.tag === 0 ? undefined : String(this.tag) };
  }

  async write(keys: readonly ApiKeyRecord[], etag: string | undefined) {
    if (this.races > 0) {
      this.races -= 1;
      this.tag += 1;
    }
    if (etag !== (this.tag === 0 ? undefined : String(this.tag))) throw new DomainError('PRECONDITION_FAILED', 'lost');
    this.keys = keys;
    this.tag += 1;
  }
}

let store: MemoryStore;
let nowMs: number;
let keys: ManageKeys;
beforeEach(() => {
  store = new MemoryStore();
  nowMs = Date.parse('2026-11-30T00:00:00Z');
  keys = keysWith(NO_AUDIT);
});

function keysWith(audit: ChangeAudit): ManageKeys {
  let made = 0;
  return new ManageKeys({
    audit,
    store,
    rules,
    nowMs: () => nowMs,
    newId: () => {
      made += 1;
      return String(made).padStart(16, '0');
    },
    newSecret: () => randomBytes(32).toString('base64url'),
    sha256,
  });
}

const refusalOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'done',
    ({ code, message }: DomainError) => `${code}: ${message}`,
  );

describe('API keys', () => {
  it('are shown once, and kept as their hash', async () => {
    const { key, record } = await keys.create(request, ada);
    expect(apiKeyIdIn(key)).toBe(record.id);
    expect(record).toMatchObject({ sha256: sha256(key), owner: { kind: 'user', id: 'ada' }, createdBy: 'ada' });
    expect(record.expiresAt).toBe('2026-12-30T00:00:00.000Z');
    expect(JSON.stringify(store.keys)).not.toContain(key.slice(-43));
    expect(await keys.list(ada)).toEqual([record]);
    expect(await keys.list(root)).toEqual([]);
    expect(await keys.list('everybody')).toEqual([record]);
  });

  it('for a program are made by those who may do all that it may', async () => {
    const { record } = await keys.create({ ...request, workload: 'shop' }, root);
    expect(record.owner).toEqual({ kind: 'workload', id: 'shop', groups: [], attributes: {} });
    expect(await refusalOf(keys.create({ ...request, workload: 'shop' }, ada))).toBe(
      'ACCESS_DENIED: shop may do what ada may not: nobody grants what they do not hold',
    );
  });

  it('make no keys, and nobody without a name has any', async () => {
    expect(await refusalOf(keys.create(request, { ...ada, credential: 'apiKey' }))).toMatch(/^ACCESS_DENIED/);
    expect(await refusalOf(keys.create(request, ANONYMOUS_PRINCIPAL))).toMatch(/^UNAUTHENTICATED/);
  });

  it('are revoked by their owner, not by others, and not twice', async () => {
    const { record } = await keys.create(request, ada);
    expect(await refusalOf(keys.revoke(record.id, user('bob'), user('bob')))).toMatch(/^API_KEY_NOT_FOUND/);
    const revoked = await keys.revoke(record.id, ada, ada);
    expect(revoked).toMatchObject({ revokedAt: '2026-11-30T00:00:00.000Z', revokedBy: 'ada' });
    nowMs += 1000;
    expect(await keys.revoke(record.id, root, 'everybody')).toEqual(revoked);
  });

  it('of several who write at once are all there', async () => {
    store.races = 5;
    await keys.create(request, ada);
    await keys.create(request, root);
    expect(store.keys.map(({ owner }) => owner.id)).toEqual(['ada', 'root']);
  });

  it('are forgotten a month after their end, and are a hundred of one at most', async () => {
    for (let count = 0; count < 100; count += 1) await keys.create(request, ada);
    expect(await refusalOf(keys.create(request, ada))).toBe(
      'API_KEYS_FULL: ada has 100 API keys in force: revoke some',
    );
    await keys.create(request, root);
    nowMs += 31 * DAY_MS;
    await keys.create(request, ada);
    expect(store.keys).toHaveLength(102);
    nowMs += 30 * DAY_MS;
    await keys.create(request, ada);
    expect(store.keys).toHaveLength(2);
  });

  it.each([
    [{ description: ' ' }, 'description must say what the key is for'],
    [{ lifetimeDays: 0 }, 'lifetimeDays must be from 1 to 366, not 0'],
    [{ lifetimeDays: 1.5 }, 'lifetimeDays must be'],
    [{ lifetimeDays: 400 }, 'lifetimeDays must be'],
    [{ actions: [] }, 'a key must be for something'],
    [{ namespaces: [] }, 'a key must be for some namespace'],
  ])('with %j are refused', async (over, message) => {
    expect(await refusalOf(keys.create({ ...request, ...over }, ada))).toContain(`INPUT_INVALID: ${message}`);
    expect(store.keys).toEqual([]);
  });

  it('are written down before they are made or revoked, and not made where that fails', async () => {
    const told: string[] = [];
    let isStoreDown = false;
    keys = keysWith({
      change: async ({ by, action, detail }, make) => {
        if (isStoreDown) throw new DomainError('STORE_UNAVAILABLE', 'down');
        told.push(`${by.id} ${action} ${detail} of ${store.keys.length}`);
        return make();
      },
      refused: ({ by, action, detail }) => told.push(`${by.id} was refused ${action}: ${detail}`),
    });
    const { record } = await keys.create(request, ada);
    await keys.revoke(record.id, root, 'everybody');
    await keys.revoke(record.id, root, 'everybody');
    expect(await refusalOf(keys.create({ ...request, workload: 'shop' }, ada))).toMatch(/^ACCESS_DENIED/);
    expect(told).toEqual([
      'ada key.create API key 0000000000000001 for user ada until 2026-12-30T00:00:00.000Z of 0',
      'root key.revoke API key 0000000000000001 of user ada of 1',
      'ada was refused key.create: shop may do what ada may not: nobody grants what they do not hold',
    ]);
    isStoreDown = true;
    expect(await refusalOf(keys.create(request, ada))).toBe('STORE_UNAVAILABLE: down');
    expect(store.keys).toHaveLength(1);
  });
});
