import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SERVING_OPTIONS } from '#domain/inference';
import { pickVersion, publicModelName, type RoutableVersion, type Route, routedNumbers } from './route.ts';

const version = (number: number): RoutableVersion => ({ version: number, build: `digits@${number}` });
const route = (over: Partial<Route<RoutableVersion>> = {}): Route<RoutableVersion> => ({
  modelName: 'digits',
  namespace: 'default',
  deployment: 'digits',
  stable: version(1),
  candidate: version(2),
  candidateWeightPercent: 20,
  fallbackToStable: true,
  rolloutId: 'r',
  deadlineMs: 1000,
  maxConcurrency: 8,
  serving: DEFAULT_SERVING_OPTIONS,
  ...over,
});

describe('pickVersion', () => {
  it('gives the candidate exactly its share of evenly spread numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (candidateWeightPercent) => {
        const picks = Array.from({ length: 1000 }, (_, index) =>
          pickVersion(route({ candidateWeightPercent }), '', (index + 0.5) / 1000),
        );
        expect(picks.filter((pick) => pick.role === 'candidate')).toHaveLength(candidateWeightPercent * 10);
      }),
    );
  });

  it('lets stable step in for the candidate, and nobody for stable', () => {
    expect(pickVersion(route(), '', 0)).toMatchObject({ role: 'candidate', fallback: version(1) });
    expect(pickVersion(route({ fallbackToStable: false }), '', 0).fallback).toBeUndefined();
    expect(pickVersion(route(), '', 0.99)).toMatchObject({ role: 'stable', fallback: undefined });
  });

  it('serves a named version, without fallback and outside of the sample', () => {
    expect(pickVersion(route(), '2', 0.99)).toEqual({
      version: version(2),
      role: 'candidate',
      fallback: undefined,
      isRandomlySplit: false,
    });
  });

  it('serves a pinned version to requests that name it, and to no others', () => {
    const pinned = [version(7), version(8)];
    expect(pickVersion(route({ pinned }), '8', 0)).toEqual({
      version: version(8),
      role: 'pinned',
      fallback: undefined,
      isRandomlySplit: false,
    });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random01) => {
        expect(pickVersion(route({ pinned }), '', random01).role).not.toBe('pinned');
      }),
    );
    expect(() => pickVersion(route({ pinned }), '9', 0)).toThrow(/it serves 1, 2, 7, 8/);
  });

  it('serves the part that a request names, without fallback; without a candidate that is stable', () => {
    expect(pickVersion(route(), 'candidate', 0.99)).toMatchObject({
      version: version(2),
      fallback: undefined,
      isRandomlySplit: false,
    });
    expect(pickVersion(route(), 'stable', 0)).toMatchObject({ version: version(1), isRandomlySplit: false });
    const { candidate: _, ...withoutCandidate } = route();
    expect(pickVersion(withoutCandidate, 'candidate', 0)).toMatchObject({ version: version(1), role: 'stable' });
  });

  it('gives the candidate what carries every header of the match, with fallback and outside of the sample', () => {
    const match = { headers: { 'x-beta': 'true', 'x-team': 'red' } };
    const pick = (headers: Record<string, string>) =>
      pickVersion(route({ match, candidateWeightPercent: 0 }), '', 0, { header: (name) => headers[name] });
    expect(pick({ 'x-beta': 'true', 'x-team': 'red', 'x-other': '' })).toEqual({
      version: version(2),
      role: 'candidate',
      fallback: version(1),
      isRandomlySplit: false,
    });
    expect(pick({ 'x-beta': 'true' })).toMatchObject({ role: 'stable', isRandomlySplit: true });
    expect(pick({ 'x-beta': 'true', 'x-team': 'blue' }).role).toBe('stable');
    expect(pickVersion(route({ match, candidateWeightPercent: 0 }), '', 0).role).toBe('stable');
  });

  it('reads of a request only what the route asks for', () => {
    const header = () => expect.fail('nobody asked for a header');
    expect(pickVersion(route(), '', 0, { header }).role).toBe('candidate');
    const { candidate: _, ...withoutCandidate } = route({ match: { headers: { a: 'b' } } });
    expect(pickVersion(withoutCandidate, '', 0, { header }).role).toBe('stable');
  });

  it('tells a version that is not ready from one that is not served', () => {
    expect(() => pickVersion(route({ notReady: [7] }), '7', 0)).toThrow(/version 7 of digits is not ready/);
    expect(() => pickVersion(route({ notReady: [7] }), '8', 0)).toThrow(/does not serve version "8"/);
  });

  it('has one number for two builds of a version: it is stable, and the candidate is named by its part', () => {
    const candidate = { version: 1, build: 'digits@1 cpu/int8' };
    const builds = route({ candidate });
    expect(pickVersion(builds, '1', 0)).toMatchObject({ version: version(1), role: 'stable' });
    expect(pickVersion(builds, 'candidate', 0.99)).toMatchObject({ version: candidate, role: 'candidate' });
    expect(pickVersion(builds, '', 0)).toMatchObject({ version: candidate, fallback: version(1) });
    expect(routedNumbers(builds)).toEqual([1]);
  });

  it.each(['3', '01', '1 ', 'latest', '-1'])('refuses version %j, naming those that are served', (version) => {
    expect(() => pickVersion(route(), version, 0)).toThrow(/it serves 1, 2/);
  });
});

it('publicModelName leaves out the default namespace', () => {
  expect([publicModelName('default', 'digits'), publicModelName('payments', 'fraud')]).toEqual([
    'digits',
    'payments:fraud',
  ]);
});
