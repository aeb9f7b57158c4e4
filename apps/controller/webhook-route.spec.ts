import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '#adapters/telemetry';
import type { Reconciler, StrayCommit } from '#application/rollout';
import { GitPoller } from './git-poller.ts';
import { registerWebhook } from './webhook-route.ts';

const secret = 'a secret';
let fastify: FastifyInstance;
let reconciler: Reconciler;
let poller: GitPoller;
/** When the repository was looked at, and how often at once. */
let looks: number[];
let strays: StrayCommit[];

beforeEach(() => {
  fastify = Fastify();
  looks = [];
  strays = [];
  reconciler = {
    poll: async () => {
      looks.push(performance.now());
      await sleep(30);
    },
    reportStray: (stray: StrayCommit) => strays.push(stray),
  } as unknown as Reconciler;
  poller = new GitPoller(reconciler, 3600, createLogger('test', 'fatal'));
  registerWebhook(fastify, {
    reconciler,
    deployedBranch: 'main',
    secret,
    isOpen: false,
    pollNow: () => poller.pollNow(),
  });
});
afterEach(async () => {
  await poller.stop();
  await fastify.close();
});

const post = (payload: string, headers: Record<string, string>) =>
  fastify.inject({
    method: 'POST',
    url: '/hooks/git',
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  });
const signed = (payload: string) => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`,
});

describe('POST /hooks/git', () => {
  it('makes the next look at Git immediate', async () => {
    const before = performance.now();
    const reply = await post('{}', signed('{}'));
    expect([reply.statusCode, looks.length]).toEqual([202, 1]);
    expect((looks[0] ?? Number.POSITIVE_INFINITY) - before).toBeLessThan(100);
  });

  it.each([
    ['no signature', {}, /not signed/],
    ['a wrong signature', { 'x-hub-signature-256': 'sha256=00' }, /does not fit/],
  ])('refuses a webhook with %s and does not look', async (_, headers, reason) => {
    const reply = await post('{}', headers);
    expect(reply.statusCode).toBe(401);
    expect(reply.json().error).toMatch(reason);
    expect(looks).toEqual([]);
  });

  it('answers a hundred of them, replays too, with as few looks as do', async () => {
    const replies = await Promise.all(Array.from({ length: 100 }, () => post('{}', signed('{}'))));
    expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([202]));
    await sleep(150);
    expect(looks).toHaveLength(2);
  });

  it('believes only a signed notice of a refused push', async () => {
    const notice = JSON.stringify({
      event: 'refused',
      ref: 'refs/heads/feature',
      commit: 'c'.repeat(40),
      paths: ['a.yaml'],
    });
    await post(notice, {});
    expect(strays).toEqual([]);
    await post(notice, signed(notice));
    expect(strays).toEqual([{ branch: 'feature', commit: 'c'.repeat(40), paths: ['a.yaml'] }]);
    expect(looks).toEqual([]);
  });

  it.each([
    [false, 0, 1],
    [true, 1, 0],
  ])('without a secret believes a notice only where access is open (%s)', async (isOpen, told, looked) => {
    const unsigned = Fastify();
    const pollNow = () => poller.pollNow();
    registerWebhook(unsigned, { reconciler, deployedBranch: 'main', secret: undefined, isOpen, pollNow });
    const notice = { event: 'refused', ref: 'refs/heads/feature', commit: 'c'.repeat(40), paths: ['a.yaml'] };
    const reply = await unsigned.inject({ method: 'POST', url: '/hooks/git', payload: notice });
    await unsigned.close();
    expect([reply.statusCode, strays.length, looks.length]).toEqual([202, told, looked]);
  });
});
