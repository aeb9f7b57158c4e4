import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compilePolicies, trustedProxies } from '#adapters/casl';
import { AccessControl, Authenticator, PoliciesInForce } from '#application/access';
import { type Policy, type Principal, SERVER } from '#domain/access';
import { DomainError } from '#domain/errors';
import { accessFor } from '#testing';
import { admitSubscriber } from './admit-subscriber.ts';
import { renewCaller } from './renewed-caller.ts';

const VALID_UNTIL_MS = 12_000;
/** Lets one user read metrics. */
const policyFor = (name: string): Policy => ({
  name: 'p',
  roles: [{ name: 'scraper', extends: [], grants: [{ actions: ['metrics.read'], where: [] }] }],
  bindings: [{ role: 'scraper', subjects: [{ kind: 'user', name }], when: [] }],
  rules: [],
});

let policies: PoliciesInForce;
let control: AccessControl;
const inForce = (user: string) =>
  policies.take({ name: user, documents: [{ file: 'p.yaml', parsed: { kind: 'policy', policy: policyFor(user) } }] });

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  policies = new PoliciesInForce(compilePolicies);
  const ada: Principal = {
    kind: 'user',
    id: 'ada',
    groups: [],
    attributes: {},
    credential: 'token',
    validUntilMs: VALID_UNTIL_MS,
  };
  const verify = async () => {
    if (Date.now() >= VALID_UNTIL_MS) throw new DomainError('UNAUTHENTICATED', 'the token has expired');
    return ada;
  };
  const nowMs = () => Date.now();
  const authenticator = new Authenticator({ tokens: { verify }, sha256: (text) => text, nowMs });
  const lastResort = compilePolicies([]);
  control = new AccessControl({ authenticator, policies, lastResort, nowMs, onDenied: () => {} });
});
afterEach(() => {
  vi.useRealTimers();
});

const headers = { authorization: 'Bearer a.b.c' };
const socket = { remoteAddress: '127.0.0.1' };

describe('an answer that goes on and on', () => {
  const begin = async (onRefused: (error: unknown) => void) => {
    const caller = await control.admit({ ...headers, certificate: undefined }, '127.0.0.1');
    return renewCaller(control, { caller, raw: { headers, socket } } as FastifyRequest, onRefused);
  };

  it('ends within five seconds of its token, and once', async () => {
    const refused: unknown[] = [];
    await begin((error) => refused.push([Date.now(), (error as DomainError).message]));
    await vi.advanceTimersByTimeAsync(11_000);
    expect(refused).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(refused).toEqual([[15_000, 'the token has expired']]);
  });

  it('is asked about no more when it was ended', async () => {
    const refused: unknown[] = [];
    (await begin((error) => refused.push(error))).stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(refused).toEqual([]);
  });

  it('that was ended while its credential was looked at is refused no more', async () => {
    const refused: unknown[] = [];
    const { stop } = await begin((error) => refused.push(error));
    await vi.advanceTimersByTimeAsync(14_000);
    vi.advanceTimersByTime(1000);
    stop();
    await vi.advanceTimersByTimeAsync(0);
    expect(refused).toEqual([]);
  });

  it('knows what its reader may do now', async () => {
    const { callerNow } = await begin(() => {});
    expect(callerNow().may('metrics.read', SERVER)).toBe(false);
    inForce('ada');
    expect(callerNow().may('metrics.read', SERVER)).toBe(true);
    inForce('bob');
    expect(callerNow().may('metrics.read', SERVER)).toBe(false);
  });
});

describe('whoever subscribes', () => {
  const subscribe = (said: object, request: object = {}) =>
    admitSubscriber(control, said as Record<string, unknown>, { headers: {}, socket, ...request } as IncomingMessage);

  it('says who they are when they connect, or by a header, and the first counts', async () => {
    expect((await subscribe(headers)).caller.principal.id).toBe('ada');
    expect((await subscribe({}, { headers })).caller.principal.id).toBe('ada');
    expect((await subscribe({})).caller.principal.id).toBe('anonymous');
    await expect(subscribe({ authorization: 'Basic YTpi' }, { headers })).rejects.toThrow('must be: Bearer');
    expect((await subscribe({ authorization: 7 }, { headers })).caller.principal.id).toBe('anonymous');
  });

  it('is where their connection comes from, or where a trusted proxy says', async () => {
    const addressOf = async (own: AccessControl, forwardedFor: string) => {
      const request = { headers: { 'x-forwarded-for': forwardedFor }, socket } as unknown as IncomingMessage;
      return (await admitSubscriber(own, {}, request)).callerNow().circumstances.address;
    };
    expect(await addressOf(control, '203.0.113.7')).toBe('127.0.0.1');
    const behind = accessFor([], {}, trustedProxies(['127.0.0.0/8'])).control;
    expect(await addressOf(behind, '198.51.100.9, 203.0.113.7')).toBe('203.0.113.7');
  });

  it('is known by the policies in force when it is asked for', async () => {
    const { callerNow } = await subscribe(headers);
    expect(callerNow().may('metrics.read', SERVER)).toBe(false);
    inForce('ada');
    expect(callerNow().may('metrics.read', SERVER)).toBe(true);
  });
});
