import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DomainError } from '#domain/errors';
import { JoseTokenVerifier } from './jose-token-verifier.ts';
import type { TokenIssuer } from './token-issuer.ts';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

const start = Date.parse('2026-11-30T00:00:00Z');
const freshness = { refreshMs: 300_000, maxAgeMs: 3_600_000, cooldownMs: 10_000 };

/** An identity provider on this machine, with keys that can be rotated and moods that can be set. */
class Provider {
  readonly server: Server;
  keys = new Map<string, KeyPair>();
  fetches = 0;
  mood: 'well' | 'down' | 'redirects' | 'garbage' | 'endless' | 'impostor' = 'well';

  constructor() {
    this.server = createServer(async ({ url }, response) => {
      if (this.mood === 'down') return response.writeHead(503).end();
      if (this.mood === 'redirects') return response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      if (this.mood === 'garbage') return response.end('<html>');
      if (this.mood === 'endless') return response.end(`"${'x'.repeat(600 * 1024)}"`);
      if (url === '/.well-known/openid-configuration') {
        const issuer = this.mood === 'impostor' ? 'https://elsewhere.example' : this.url;
        return response.end(JSON.stringify({ issuer, jwks_uri: `${this.url}/keys` }));
      }
      this.fetches += 1;
      const keys = await Promise.all(
        [...this.keys].map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid, alg: 'ES256' })),
      );
      return response.end(JSON.stringify({ keys }));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async rotate(kid: string): Promise<KeyPair> {
    const pair = await generateKeyPair('ES256');
    this.keys.set(kid, pair);
    return pair;
  }
}

let provider: Provider;
let first: KeyPair;
let nowMs: number;
let failures: string[];
let verifier: JoseTokenVerifier;
const issuerOf = (over: Partial<TokenIssuer> = {}): TokenIssuer => ({
  issuer: provider.url,
  audience: 'slipway',
  jwksUri: undefined,
  kind: 'user',
  prefix: '',
  nameClaim: 'email',
  groupsClaim: 'groups',
  attributeClaims: {},
  ...over,
});
const verifierOf = (...issuers: TokenIssuer[]) =>
  new JoseTokenVerifier(issuers, {
    nowMs: () => nowMs,
    freshness,
    onFailure: (issuer, error) => failures.push(`${issuer}: ${(error as Error).message}`),
  });
beforeEach(async () => {
  provider = new Provider();
  await new Promise<void>((resolve) => provider.server.listen(0, '127.0.0.1', resolve));
  first = await provider.rotate('first');
  nowMs = start;
  failures = [];
  verifier = verifierOf(issuerOf());
});
afterEach(() => {
  provider.server.closeAllConnections();
  provider.server.close();
});

const claims = (over: Record<string, unknown> = {}): JWTPayload => ({
  iss: provider.url,
  aud: 'slipway',
  sub: '42',
  email: 'ada@example.org',
  iat: start / 1000,
  exp: start / 1000 + 600,
  ...over,
});
const token = (over: Record<string, unknown> = {}, { privateKey } = first, header: object = {}) =>
  new SignJWT(claims(over)).setProtectedHeader({ alg: 'ES256', kid: 'first', ...header }).sign(privateKey);
const refusalOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'let in',
    ({ code, message }: DomainError) => `${code}: ${message}`,
  );

describe('a token', () => {
  it('names a user, with groups and attributes, until it expires', async () => {
    const issuer = issuerOf({
      prefix: 'corp:',
      groupsClaim: 'realm_access.roles',
      attributeClaims: { team: 'team', level: 'clearance.level', site: 'https://example.org/site', none: 'absent' },
    });
    const over = {
      realm_access: { roles: ['vision', 'speech'] },
      team: ['a', 'b'],
      clearance: { level: 3 },
      'https://example.org/site': 'berlin',
    };
    expect(await verifierOf(issuer).verify(await token(over))).toEqual({
      kind: 'user',
      id: 'corp:ada@example.org',
      groups: ['vision', 'speech'],
      attributes: { team: ['a', 'b'], level: ['3'], site: ['berlin'] },
      credential: 'token',
      validUntilMs: start + 630_000,
    });
  });

  it('is good for half a minute more and less than it says, and not a second longer', async () => {
    const good = await token({ nbf: start / 1000 });
    nowMs = start + 600_000 + 29_000;
    expect(await refusalOf(verifier.verify(good))).toBe('let in');
    nowMs = start + 600_000 + 30_000;
    expect(await refusalOf(verifier.verify(good))).toBe('UNAUTHENTICATED: the token has expired: get another one');
    nowMs = start - 30_000;
    expect(await refusalOf(verifier.verify(good))).toBe('let in');
    nowMs = start - 31_000;
    expect(await refusalOf(verifier.verify(good))).toMatch(/"nbf"/);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['for somebody else', { aud: 'mlflow' }, /^UNAUTHENTICATED: the token is not for this: unexpected "aud"/],
    [
      'of an issuer that nobody trusts',
      { iss: 'https://evil.example' },
      /^UNAUTHENTICATED: tokens of the issuer "https:\/\/evil.example" are not/,
    ],
    ['without an end', { exp: undefined }, /missing required "exp"/],
    ['without a name', { email: undefined }, /^UNAUTHENTICATED: the token has no name in its claim email$/],
    ['with a name that is no text', { email: ['root'] }, /no name/],
  ])('%s is refused', async (_what, over, message) => {
    expect(await refusalOf(verifier.verify(await token(over)))).toMatch(message);
  });

  it('with a signature by somebody else, or changed after it was signed, is refused', async () => {
    const other = await generateKeyPair('ES256');
    expect(await refusalOf(verifier.verify(await token({}, other)))).toMatch(
      /^UNAUTHENTICATED: the token is not good: signature/,
    );
    const [header, , signature] = (await token()).split('.');
    const changed = Buffer.from(JSON.stringify(claims({ email: 'root@example.org' }))).toString('base64url');
    expect(await refusalOf(verifier.verify(`${header}.${changed}.${signature}`))).toMatch(/^UNAUTHENTICATED/);
  });

  it('without a signature, or signed with what everybody knows, is refused', async () => {
    const unsecured = new UnsecuredJWT(claims()).encode();
    expect(await refusalOf(verifier.verify(unsecured))).toMatch(/^UNAUTHENTICATED/);
    const publicKey = new TextEncoder().encode(await exportSPKI(first.publicKey));
    const confused = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(publicKey);
    expect(await refusalOf(verifier.verify(confused))).toMatch(/^UNAUTHENTICATED.*"alg"/);
  });

  it('brings no keys of its own', async () => {
    const own = await generateKeyPair('ES256', { extractable: true });
    const header = { jwk: await exportJWK(own.publicKey), jku: 'https://evil.example/keys', kid: undefined };
    expect(await refusalOf(verifier.verify(await token({}, own, header)))).toMatch(/^UNAUTHENTICATED/);
  });

  it.each(['', 'a', 'a.b.c', `${'x'.repeat(20_000)}.y.z`, 'e30.e30.', '.eyJpc3MiOjF9.'])('%# is none', async (text) => {
    expect(await refusalOf(verifier.verify(text))).toMatch(/^UNAUTHENTICATED/);
  });
});

describe('the keys of an issuer', () => {
  it('are fetched once for many tokens at once', async () => {
    const some = await token();
    await Promise.all(Array.from({ length: 50 }, () => verifier.verify(some)));
    expect(provider.fetches).toBe(1);
  });

  it('are fetched anew for a token whose key is new, but not for every nonsense', async () => {
    await verifier.verify(await token());
    const second = await provider.rotate('second');
    const rotated = await token({}, second, { kid: 'second' });
    // Just fetched: whoever makes keys up must not make us ask for each of them.
    expect(await refusalOf(verifier.verify(rotated))).toMatch(/no such key/);
    nowMs += 10_000;
    expect(await refusalOf(verifier.verify(rotated))).toBe('let in');
    const unknown = await token({}, second, { kid: 'third' });
    for (let count = 0; count < 20; count += 1)
      expect(await refusalOf(verifier.verify(unknown))).toMatch(/no such key/);
    expect(provider.fetches).toBe(2);
  });

  it('that were withdrawn are forgotten with the next look', async () => {
    const old = await token({ exp: start / 1000 + 7200 });
    await verifier.verify(old);
    provider.keys.delete('first');
    await provider.rotate('second');
    nowMs += 300_000;
    await verifier.verify(old);
    await expect.poll(() => provider.fetches).toBe(2);
    await expect.poll(() => refusalOf(verifier.verify(old))).toMatch(/no such key/);
  });

  it('serve on while the issuer is down, and no longer than they may', async () => {
    const long = await token({ exp: start / 1000 + 7200 });
    await verifier.verify(long);
    provider.mood = 'down';
    nowMs += 3_599_000;
    expect(await refusalOf(verifier.verify(long))).toBe('let in');
    await expect.poll(() => failures.length).toBeGreaterThan(0);
    nowMs += 10_000;
    expect(await refusalOf(verifier.verify(long))).toMatch(/^TOKEN_ISSUER_UNAVAILABLE/);
    provider.mood = 'well';
    expect(await refusalOf(verifier.verify(long))).toMatch(/^TOKEN_ISSUER_UNAVAILABLE/);
    nowMs += 10_000;
    expect(await refusalOf(verifier.verify(long))).toBe('let in');
  });

  it.each(['down', 'redirects', 'garbage', 'endless', 'impostor'] as const)(
    'are not taken from an issuer that is or does: %s',
    async (mood) => {
      provider.mood = mood;
      expect(await refusalOf(verifier.verify(await token()))).toBe(
        `TOKEN_ISSUER_UNAVAILABLE: the keys of ${provider.url} cannot be fetched now`,
      );
      expect(failures).toHaveLength(1);
    },
  );
});
