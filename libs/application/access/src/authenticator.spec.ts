import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ACTION_NAMES, ANONYMOUS_PRINCIPAL, type Principal } from '#domain/access';
import { DomainError } from '#domain/errors';
import { type ApiKeyRecord, formatApiKey } from './api-key.ts';
import { Authenticator, type Presented, type RefusedCredential } from './authenticator.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const id = '0123456789abcdef';
const key = formatApiKey(id, 'x'.repeat(43));
const start = Date.parse('2026-11-30T00:00:00Z');
const record: ApiKeyRecord = {
  id,
  sha256: sha256(key),
  description: 'for tests',
  owner: { kind: 'user', id: 'ada', groups: ['vision'], attributes: {} },
  actions: ACTION_NAMES,
  createdAt: '2026-11-30T00:00:00.000Z',
  createdBy: 'ada',
  expiresAt: '2026-12-01T00:00:00.000Z',
};
const bob: Principal = { ...ANONYMOUS_PRINCIPAL, kind: 'user', id: 'bob', credential: 'token' };

let nowMs: number;
let refused: RefusedCredential[];
let verified: string[];
let answer: () => Principal;
let authenticator: Authenticator;
beforeEach(() => {
  nowMs = start;
  refused = [];
  verified = [];
  answer = () => ({ ...bob, validUntilMs: start + 300_000 });
  const tokens = {
    verify: async (token: string) => {
      verified.push(token);
      return answer();
    },
  };
  authenticator = new Authenticator({ tokens, sha256, nowMs: () => nowMs, onRefused: (why) => refused.push(why) });
  authenticator.setKeys([record]);
});

const ask = async (presented: Partial<Presented>) =>
  authenticator.authenticate({ authorization: undefined, certificate: undefined, ...presented });
const refusals = () => refused.map(({ reason }) => reason);
const bearer = (credential: string) => ask({ authorization: `Bearer ${credential}` });
const refusalOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'let in',
    ({ code, message }: DomainError) => `${code}: ${message}`,
  );

describe('an API key', () => {
  it('stands for its owner, within what it is for', async () => {
    const principal = await bearer(key);
    expect(principal).toEqual({
      ...record.owner,
      credential: 'apiKey',
      validUntilMs: Date.parse(record.expiresAt),
      scope: { keyId: id, actions: ACTION_NAMES },
    });
    expect(await bearer(key)).toBe(principal);
  });

  it.each([
    ['a wrong secret', formatApiKey(id, 'y'.repeat(43))],
    ['an id that is not there', formatApiKey('f'.repeat(16), 'x'.repeat(43))],
  ])('with %s is refused in the same words', async (_what, wrong) => {
    expect(await refusalOf(bearer(wrong))).toBe('UNAUTHENTICATED: there is no such API key');
    expect(refusals()).toEqual(['there is no such API key']);
  });

  it('ends when it expires, to the millisecond, although it was used before', async () => {
    await bearer(key);
    nowMs = Date.parse(record.expiresAt) - 1;
    await bearer(key);
    nowMs += 1;
    expect(await refusalOf(bearer(key))).toMatch(/^UNAUTHENTICATED: the API key \w+ expired at 2026-12-01/);
  });

  it('ends when it is revoked, although it was used before', async () => {
    await bearer(key);
    authenticator.setKeys([{ ...record, revokedAt: '2026-11-30T00:00:00.000Z' }]);
    expect(await refusalOf(bearer(key))).toMatch(/was revoked$/);
  });

  it('is told by nobody', async () => {
    await refusalOf(bearer(formatApiKey(id, 'y'.repeat(43))));
    authenticator.setKeys([{ ...record, revokedAt: '2026-11-30T00:00:00.000Z' }]);
    const told = await refusalOf(bearer(key));
    expect(JSON.stringify([told, refused])).not.toMatch(/x{43}|y{43}/);
  });
});

describe('a token', () => {
  it('is checked once a minute, and keeps its principal', async () => {
    const principal = await bearer('a.b.c');
    expect(await bearer('a.b.c')).toBe(principal);
    nowMs += 60_000;
    expect(await bearer('a.b.c')).toBe(principal);
    expect(verified).toEqual(['a.b.c', 'a.b.c']);
  });

  it('is not taken for longer than it is good', async () => {
    answer = () => ({ ...bob, validUntilMs: start + 1000 });
    await bearer('a.b.c');
    nowMs += 1000;
    answer = () => {
      throw new DomainError('UNAUTHENTICATED', 'the token expired');
    };
    expect(await refusalOf(bearer('a.b.c'))).toBe('UNAUTHENTICATED: the token expired');
    expect(refusals()).toEqual(['the token expired']);
  });

  it('with other groups than before is somebody else', async () => {
    const before = await bearer('a.b.c');
    nowMs += 60_000;
    answer = () => ({ ...bob, groups: ['speech'], validUntilMs: start + 300_000 });
    expect(await bearer('a.b.c')).not.toBe(before);
  });

  it('is refused where no issuer is configured', async () => {
    authenticator = new Authenticator({ tokens: undefined, sha256, nowMs: () => nowMs });
    expect(await refusalOf(bearer('a.b.c'))).toMatch(/no issuer is configured$/);
  });
});

describe('a name', () => {
  it.each([
    ['slipway:administrator', /do not begin with slipway:/],
    ['ada\nroot', /is not allowed/],
    ['', /is not allowed/],
    ['x'.repeat(300), /is not allowed/],
  ])('like %j is refused, whoever vouches for it', async (name, message) => {
    answer = () => ({ ...bob, id: name, validUntilMs: start + 300_000 });
    expect(await refusalOf(bearer('a.b.c'))).toMatch(message);
    expect(refusals()).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    'auth0|5f7c',
    'CN=shop,O=Example',
    'spiffe://example.org/ns/a/sa/b',
    'system:serviceaccount:a:b',
    'Zoë Ünal',
  ])('like %s is taken', async (name) => {
    answer = () => ({ ...bob, id: name, validUntilMs: start + 300_000 });
    expect(await bearer('a.b.c')).toMatchObject({ id: name });
  });
});

describe('a certificate', () => {
  const certificate = { subject: 'CN=shop', uris: ['https://example.org', 'spiffe://example.org/shop'] };

  it('names a workload by its SPIFFE id, or else by its subject', async () => {
    const shop = await ask({ certificate });
    expect(shop).toMatchObject({ kind: 'workload', id: 'spiffe://example.org/shop', credential: 'certificate' });
    expect(await ask({ certificate })).toBe(shop);
    expect(await ask({ certificate: { subject: 'CN=shop', uris: [] } })).toMatchObject({ id: 'CN=shop' });
  });

  it('is refused with several SPIFFE ids, or with no name', async () => {
    const several = { subject: 'CN=shop', uris: ['spiffe://a/b', 'spiffe://a/c'] };
    expect(await refusalOf(ask({ certificate: several }))).toMatch(/several SPIFFE ids$/);
    expect(await refusalOf(ask({ certificate: { subject: '', uris: [] } }))).toMatch(/neither/);
  });

  it('counts less than a token or key, good or not', async () => {
    expect(await ask({ certificate, authorization: `Bearer ${key}` })).toMatchObject({ id: 'ada' });
    const wrong = ask({ certificate, authorization: `Bearer ${formatApiKey(id, 'y'.repeat(43))}` });
    expect(await refusalOf(wrong)).toMatch(/^UNAUTHENTICATED/);
  });
});

it('whoever shows nothing is anonymous, and whoever shows nonsense is refused', async () => {
  expect(await ask({})).toBe(ANONYMOUS_PRINCIPAL);
  for (const authorization of ['', 'Basic YTpi', 'Bearer', 'Bearer a b', 'Bearer ä', `Bearer${key}`])
    expect(await refusalOf(ask({ authorization }))).toMatch(/must be: Bearer/);
  expect(await ask({ authorization: `bearer  ${key} ` })).toMatchObject({ id: 'ada' });
});

it('tells of what is refused, each time by the same fingerprint, which others do not have', async () => {
  answer = () => {
    throw new DomainError('UNAUTHENTICATED', 'the token expired');
  };
  const wrongKey = formatApiKey(id, 'y'.repeat(43));
  const several = { subject: 'CN=shop', uris: ['spiffe://a/b', 'spiffe://a/c'] };
  const shown: Partial<Presented>[] = [
    { authorization: `Bearer ${wrongKey}` },
    { authorization: `Bearer ${formatApiKey(id, 'z'.repeat(43))}` },
    { authorization: 'Bearer a.b.c' },
    { authorization: 'Basic YTpi' },
    { certificate: several },
    { certificate: { ...several, subject: 'CN=edge' } },
  ];
  for (const one of [...shown, ...shown]) expect(await refusalOf(ask(one))).toMatch(/^UNAUTHENTICATED/);
  const fingerprints = refused.map(({ fingerprint }) => fingerprint);
  expect(new Set(fingerprints).size).toBe(shown.length);
  expect(fingerprints.slice(shown.length)).toEqual(fingerprints.slice(0, shown.length));
  expect(fingerprints.join()).not.toContain(wrongKey);
});

it('tells of nothing that is refused where it cannot be told whether it is good', async () => {
  answer = () => {
    throw new DomainError('TOKEN_ISSUER_UNAVAILABLE', 'the issuer is out of reach');
  };
  expect(await refusalOf(bearer('a.b.c'))).toMatch(/^TOKEN_ISSUER_UNAVAILABLE/);
  expect(refused).toEqual([]);
});

it('tells of each credential when it comes first, whatever API keys are made meanwhile', async () => {
  const logins: string[] = [];
  const tokens = { verify: async (token: string) => ({ ...bob, id: token, validUntilMs: start + 300_000 }) };
  const onLogin = ({ kind, id: name }: Principal) => logins.push(`${kind} ${name}`);
  authenticator = new Authenticator({ tokens, sha256, nowMs: () => nowMs, onLogin });
  const certificate = { subject: 'CN=shop', uris: [] };
  for (let round = 0; round < 3; round += 1) {
    await bearer('a.b.c');
    await ask({ certificate });
    await ask({});
    authenticator.setKeys([]);
  }
  await bearer('d.e.f');
  expect(logins).toEqual(['user a.b.c', 'workload CN=shop', 'user d.e.f']);
});

it('remembers no more credentials than it should', async () => {
  for (let count = 0; count < 10_050; count += 1) await bearer(`token.${count}`);
  await bearer('token.10049');
  expect(verified).toHaveLength(10_050);
  await bearer('token.0');
  expect(verified).toHaveLength(10_051);
});
