import { beforeEach, describe, expect, it } from 'vitest';
import type { Limit, Principal } from '#domain/access';
import { CallLimits, type LimitedCall } from './call-limits.ts';

const ada: Principal = { kind: 'user', id: 'ada', groups: [], attributes: {}, credential: 'token' };
const bob: Principal = { ...ada, id: 'bob' };
const nobody: Principal = { ...ada, kind: 'anonymous', id: 'anonymous', credential: 'none' };
const limit = (more: Partial<Limit>): Limit => ({
  id: 'team/limits[0]: few',
  subjects: [{ kind: 'everyone' }],
  where: [],
  isShared: false,
  ...more,
});
const call = (more: Partial<LimitedCall> = {}): LimitedCall => ({
  principal: ada,
  address: '10.0.0.1',
  deployment: 'digits',
  bytes: 100,
  ...more,
});

let nowMs: number;
let limits: CallLimits;
beforeEach(() => {
  nowMs = 0;
  limits = new CallLimits(() => nowMs);
});

/** Whether a call passes; it is over at once. */
function passes(own: readonly Limit[], asked: LimitedCall): boolean {
  try {
    limits.pass(own, asked).end();
    return true;
  } catch {
    return false;
  }
}

describe('limits', () => {
  it('give each caller an allowance at each deployment', () => {
    const one = [limit({ requests: { count: 1, periodMs: 60_000 } })];
    const asked = [call(), call(), call({ principal: bob }), call({ deployment: 'letters' })];
    expect(asked.map((each) => passes(one, each))).toEqual([true, false, true, true]);
    const strangers = [call({ principal: nobody }), call({ principal: nobody, address: '10.0.0.2' })];
    expect([...strangers, ...strangers].map((each) => passes(one, each))).toEqual([true, true, false, false]);
  });

  it('give all of them one, where they share it', () => {
    const one = [limit({ requests: { count: 1, periodMs: 60_000 }, isShared: true })];
    expect([call(), call({ principal: bob })].map((each) => passes(one, each))).toEqual([true, false]);
  });

  it('count bytes, and say when there will be enough', () => {
    const some = [limit({ bytes: { count: 1000, periodMs: 10_000 } })];
    expect(passes(some, call({ bytes: 800 }))).toBe(true);
    expect(() => limits.pass(some, call({ bytes: 500 }))).toThrow(
      expect.objectContaining({
        code: 'RATE_LIMITED',
        message: 'the limit team/limits[0]: few allows ada 1000 bytes in 10 s: try again in 3 s',
        context: { limit: 'team/limits[0]: few', retryAfterSeconds: 3 },
      }),
    );
    nowMs = 3000;
    expect(passes(some, call({ bytes: 500 }))).toBe(true);
  });

  it('count what is in work until it ends', () => {
    const two = [limit({ concurrent: 2 })];
    const passing = [limits.pass(two, call()), limits.pass(two, call())];
    expect(passes(two, call())).toBe(false);
    passing[0]?.end();
    expect(passes(two, call())).toBe(true);
  });

  it('that refuse a call leave the others as they were', () => {
    const wide = limit({ id: 'wide', requests: { count: 2, periodMs: 60_000 } });
    const narrow = limit({ id: 'narrow', requests: { count: 1, periodMs: 60_000 } });
    expect(passes([wide, narrow], call())).toBe(true);
    for (let again = 0; again < 5; again += 1) expect(passes([wide, narrow], call())).toBe(false);
    expect(passes([wide], call())).toBe(true);
    expect(passes([wide], call())).toBe(false);
  });
});
