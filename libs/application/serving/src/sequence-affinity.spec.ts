import { expect, it } from 'vitest';
import { DEFAULT_SERVING_OPTIONS } from '#domain/inference';
import type { Route } from '#domain/routing';
import { pickForSequence, type SequenceHolder } from './sequence-affinity.ts';

const holder = (version: number, ...ids: string[]): SequenceHolder => ({
  version,
  build: `m@${version}`,
  holdsSequence: (id) => ids.includes(id),
});
const route: Route<SequenceHolder> = {
  modelName: 'm',
  namespace: 'default',
  deployment: 'm',
  stable: holder(1, 'old'),
  candidate: holder(2, 'new'),
  pinned: [holder(7, 'ancient')],
  candidateWeightPercent: 50,
  fallbackToStable: true,
  rolloutId: 'r',
  deadlineMs: 1000,
  maxConcurrency: 8,
  serving: DEFAULT_SERVING_OPTIONS,
};
const CANDIDATE = 0;
const STABLE = 0.99;
const pick = (id: string, isStart: boolean, random01: number, version = '') =>
  pickForSequence(route, { modelVersion: version, sequence: { id, isStart, isEnd: false } }, random01);

it('pickForSequence leaves the first request to chance, with stable to step in', () => {
  expect(pick('old', true, CANDIDATE)).toMatchObject({ version: { version: 2 }, fallback: { version: 1 } });
  expect(pickForSequence(route, { modelVersion: '' }, STABLE)).toMatchObject({ version: { version: 1 } });
});

it('pickForSequence follows the state with the others, and nobody steps in for it', () => {
  expect(pick('old', false, CANDIDATE)).toMatchObject({ version: { version: 1 }, role: 'stable' });
  const followed = pick('new', false, STABLE);
  expect(followed).toMatchObject({ version: { version: 2 }, role: 'candidate', isRandomlySplit: true });
  expect(followed.fallback).toBeUndefined();
  expect(pick('ancient', false, STABLE)).toMatchObject({ version: { version: 7 }, isRandomlySplit: false });
});

it('pickForSequence sends what nobody knows to stable, and a named version gets its request', () => {
  expect(pick('unknown', false, CANDIDATE).version.version).toBe(1);
  expect(pick('old', false, STABLE, '2').version.version).toBe(2);
});
