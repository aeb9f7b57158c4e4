import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compilePolicies } from '#adapters/casl';
import { AccessControl, Authenticator, PoliciesInForce, type Presented } from '#application/access';
import type { DomainError } from '#domain/errors';
import { admitCallers } from './admit-callers.ts';
import { certificateOf, presentedBy } from './presented.ts';

let fastify: FastifyInstance;
beforeEach(async () => {
  const tokens = {
    verify: async () => ({
      kind: 'user' as const,
      id: 'ada',
      groups: [],
      attributes: {},
      credential: 'token' as const,
    }),
  };
  const authenticator = new Authenticator({ tokens, sha256: (text) => text, nowMs: () => 0 });
  const control = new AccessControl({
    authenticator,
    policies: new PoliciesInForce(compilePolicies),
    lastResort: compilePolicies([]),
    nowMs: () => 0,
    onDenied: () => {},
  });
  fastify = Fastify({ routerOptions: { ignoreTrailingSlash: true } });
  admitCallers(fastify, {
    control,
    publicRoutes: new Set(['/health/live']),
    refuse: (_request, reply, error) => reply.code(401).send({ code: (error as DomainError).code }),
  });
  fastify.get('/health/live', async () => ({ live: true }));
  fastify.get('/health/:what', async ({ caller }) => ({ id: caller.principal.id }));
  fastify.all('/who', async ({ caller }) => ({ id: caller.principal.id }));
  await fastify.ready();
});
afterEach(() => fastify.close());

const ask = async (url: string, authorization?: string, method: 'GET' | 'HEAD' | 'POST' | 'OPTIONS' = 'GET') => {
  const { statusCode, body } = await fastify.inject({
    url,
    method,
    headers: authorization === undefined ? {} : { authorization },
  });
  return [statusCode, body];
};

describe('a request', () => {
  it('is known to its route', async () => {
    expect(await ask('/who', 'Bearer a.b.c')).toEqual([200, '{"id":"ada"}']);
    expect(await ask('/who')).toEqual([200, '{"id":"anonymous"}']);
  });

  it('with a credential that is not valid goes nowhere, whatever its method and path', async () => {
    for (const url of [
      '/who',
      '/who/',
      '//who',
      '/who?x=1',
      '/WHO',
      '/who%2F',
      '/who;x',
      '/nowhere',
      '/health/ready',
      '/graphql',
    ])
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS'] as const)
        expect([url, method, (await ask(url, 'Basic YTpi', method))[0]]).toEqual([url, method, 401]);
  });

  it('to what is public needs none, and there is no other way to that', async () => {
    expect((await ask('/health/live', 'Basic YTpi'))[0]).toBe(200);
    expect((await ask('/health/live/', 'Basic YTpi'))[0]).toBe(200);
    expect((await ask('/health/livE', 'Basic YTpi'))[0]).toBe(401);
  });
});

describe('a connection', () => {
  const socketWith = (certificate: object, authorized = true) =>
    ({ authorized, getPeerCertificate: () => certificate }) as unknown as Parameters<typeof certificateOf>[0];

  it('names its client by the certificate that was verified', () => {
    const certificate = {
      subject: { CN: 'shop', OU: ['a', 'b'] },
      subjectaltname:
        'DNS:shop.example, URI:spiffe://example.org/shop, URI:"https://example.org/a,b", IP Address:10.0.0.1',
    };
    expect(certificateOf(socketWith(certificate))).toEqual({
      subject: 'CN=shop,OU=a,OU=b',
      uris: ['spiffe://example.org/shop', 'https://example.org/a,b'],
    });
    expect(certificateOf(socketWith({ subject: { CN: 'shop' } }))).toEqual({ subject: 'CN=shop', uris: [] });
  });

  it('without one, or with one that was not verified, names nobody', () => {
    expect(certificateOf(socketWith({}))).toBeUndefined();
    expect(certificateOf(socketWith({ subject: { CN: 'shop' } }, false))).toBeUndefined();
    expect(certificateOf({})).toBeUndefined();
  });

  it('cannot put a name into another one', () => {
    const subjectaltname = 'DNS:"evil, URI:spiffe://example.org/root", URI:spiffe://example.org/shop';
    expect(certificateOf(socketWith({ subject: { CN: 'x' }, subjectaltname }))?.uris).toEqual([
      'spiffe://example.org/shop',
    ]);
    expect(certificateOf(socketWith({ subject: { CN: 'shop,O=Bank' } }))?.subject).toBe('CN=shop\\,O\\=Bank');
  });

  it('is shown beside the header', () => {
    const shown: Presented = presentedBy({ headers: { authorization: 'Bearer x' }, socket: {} } as Parameters<
      typeof presentedBy
    >[0]);
    expect(shown).toEqual({ authorization: 'Bearer x', certificate: undefined });
  });
});
