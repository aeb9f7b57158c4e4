import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compilePolicies } from '#adapters/casl';
import { admitCallers } from '#adapters/http-access';
import { createLogger } from '#adapters/telemetry';
import { refuseCaller } from '#adapters/wire-errors';
import { AccessControl, Authenticator, PoliciesInForce } from '#application/access';
import type { Principal } from '#domain/access';
import { refuseUnlessActing, replyWithReadiness, type Standing } from './leader-standing.ts';

const logger = createLogger('test', 'silent');
const ada: Principal = { kind: 'user', id: 'ada', groups: [], attributes: {}, credential: 'token' };
const leader = { url: 'http://leader:8083', address: 'leader:8084' };
const standing = (() => ({ authority: 'none', epoch: 0, hasLooked: true, leader })) as unknown as Standing;

let fastify: FastifyInstance;
let isOpen: boolean;
const start = async () => {
  const nowMs = () => 0;
  const authenticator = new Authenticator({ tokens: { verify: async () => ada }, sha256: (text) => text, nowMs });
  const policies = new PoliciesInForce(compilePolicies);
  const lastResort = compilePolicies([]);
  const control = new AccessControl({ authenticator, policies, lastResort, nowMs, onDenied: () => {} });
  const publicRoutes = new Set(['/health/ready', '/hooks/git']);
  fastify = Fastify();
  admitCallers(fastify, { control, publicRoutes, refuse: refuseCaller('/graphql', logger) });
  refuseUnlessActing(fastify, { reconciler: { isActing: false }, standing, isOpen, logger });
  fastify.get('/health/ready', async (_request, reply) =>
    replyWithReadiness(reply, { standing, isOpen, hasPolled: false }),
  );
  fastify.post('/hooks/git', async () => ({ accepted: true }));
  fastify.get('/v1/deployments', async () => ({ deployments: [] }));
  fastify.get('/metrics', async () => 'metrics');
  await fastify.ready();
};
const ask = async (url: string, authorization?: string, method: 'GET' | 'POST' = 'GET') => {
  const headers = authorization === undefined ? {} : { authorization };
  const { statusCode, body } = await fastify.inject({ url, method, headers });
  return { statusCode, body };
};
afterEach(() => fastify.close());

describe('a controller that waits, where policies decide', () => {
  beforeEach(async () => {
    isOpen = false;
    await start();
  });

  it('lets nobody in who is refused, before it says anything of itself', async () => {
    for (const url of ['/v1/deployments', '/v1/nowhere', '/graphql', '/metrics', '/health/else']) {
      const { statusCode, body } = await ask(url, 'Basic YTpi');
      expect([url, statusCode, body.includes('leader')]).toEqual([url, 401, false]);
    }
  });

  it('tells where the leader is to those who say who they are', async () => {
    expect(await ask('/v1/deployments', 'Bearer a.b.c')).toMatchObject({
      statusCode: 503,
      body: expect.stringContaining('"code":"NOT_LEADER","leader":"http://leader:8083"'),
    });
    for (const [url, method] of [
      ['/v1/deployments', 'GET'],
      ['/hooks/git', 'POST'],
    ] as const) {
      const { statusCode, body } = await ask(url, undefined, method);
      expect([url, statusCode]).toEqual([url, 503]);
      expect(body).toContain('NOT_LEADER');
      expect(body).not.toContain('leader:808');
    }
  });

  it('tells everybody whether it is ready, and no more', async () => {
    const { statusCode, body } = await ask('/health/ready', 'Basic YTpi');
    expect([statusCode, JSON.parse(body)]).toEqual([200, { ready: true, leader: false }]);
  });

  it('answers for itself what everybody answers', async () => {
    expect(await ask('/metrics', 'Bearer a.b.c')).toEqual({ statusCode: 200, body: 'metrics' });
  });
});

describe('a controller that waits, where access is open', () => {
  beforeEach(async () => {
    isOpen = true;
    await start();
  });

  it('tells everybody where the leader is', async () => {
    expect((await ask('/v1/deployments')).body).toContain('http://leader:8083');
    expect(JSON.parse((await ask('/health/ready')).body)).toMatchObject({ leaderAddress: 'http://leader:8083' });
  });
});
