import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SERVING_OPTIONS } from '#domain/inference';
import { pickVersion, type RoutableVersion, type Route } from './route.ts';
import type { StickyKey } from './split.ts';

const BY_USER: StickyKey = { source: 'header', name: 'x-user' };
const route = (candidateWeightPercent: number, over: Partial<Route<RoutableVersion>> = {}) => ({
  modelName: 'm',
  namespace: 'default',
  deployment: 'm',
  stable: { version: 1, build: 'm@1' },
  candidate: { version: 2, build: 'm@2' },
  candidateWeightPercent,
  stickyBy: BY_USER,
  fallbackToStable: true,
  rolloutId: 'r',
  deadlineMs: 1000,
  maxConcurrency: 8,
  serving: DEFAULT_SERVING_OPTIONS,
  ...over,
});
const isTried = (user: string, weight: number, over: Partial<Route<RoutableVersion>> = {}, random01 = 0.999) =>
  pickVersion(route(weight, over), '', random01, { header: () => user }).role === 'candidate';
const users = fc.string({ minLength: 1 });
const weights = fc.integer({ min: 0, max: 100 });
const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a route with a sticky key', () => {
  it('decides for a user as it did before, whatever chance says', () => {
    fc.assert(
      fc.property(users, weights, chances, chances, (user, weight, one, other) => {
        expect(isTried(user, weight, {}, one)).toBe(isTried(user, weight, {}, other));
      }),
    );
  });

  it('keeps a user on the candidate as the weight grows, and on stable as it falls', () => {
    fc.assert(
      fc.property(users, weights, weights, (user, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        if (isTried(user, less)) expect(isTried(user, more)).toBe(true);
      }),
    );
  });

  it.each([1, 5, 20, 50, 90])('gives the candidate %i %% of the users', (weight) => {
    const count = 20_000;
    const expected = (count * weight) / 100;
    const deviation = Math.sqrt((expected * (100 - weight)) / 100);
    for (const name of [(index: number) => `user-${index}`, (index: number) => String(1_000_000 + index)]) {
      const tried = Array.from({ length: count }, (_, index) => isTried(name(index), weight)).filter(Boolean).length;
      expect(Math.abs(tried - expected)).toBeLessThan(4.5 * deviation);
    }
  });

  it('tries other users with another candidate, and in another deployment', () => {
    const count = 20_000;
    const names = Array.from({ length: count }, (_, index) => `user-${index}`);
    const builds = ['m@3', 'm@2 cpu/int8'].map((build) => ({ candidate: { version: 2, build } }));
    for (const other of [...builds, { deployment: 'n' }, { namespace: 'payments' }]) {
      const both = names.filter((user) => isTried(user, 20) && isTried(user, 20, other)).length;
      // 4 % by independence; 4.5 standard deviations of a binomial.
      expect(Math.abs(both - count * 0.04)).toBeLessThan(4.5 * Math.sqrt(count * 0.04 * 0.96));
    }
  });

  it('tells users apart by a parameter, whatever scalar it is', () => {
    const stickyBy = { source: 'parameter', name: 'user' } as const;
    const pick = (value: unknown, random01: number) =>
      pickVersion(route(50, { stickyBy }), '', random01, { parameter: () => value }).role;
    fc.assert(
      fc.property(fc.oneof(users, fc.integer(), fc.boolean(), fc.bigInt()), chances, chances, (value, one, other) => {
        expect(pick(value, one)).toBe(pick(value, other));
      }),
    );
  });

  it('leaves requests without the key to chance', () => {
    for (const traits of [{}, { header: () => undefined }, { header: () => '' }]) {
      expect(pickVersion(route(50), '', 0, traits).role).toBe('candidate');
      expect(pickVersion(route(50), '', 0.99, traits).role).toBe('stable');
    }
  });
});
