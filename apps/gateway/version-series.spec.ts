import { describe, expect, it } from 'vitest';
import type { InferenceObservation } from '#application/serving';
import { DomainError } from '#domain/errors';
import { SeriesTable, VersionSeries } from './version-series.ts';

const observed = (over: Partial<InferenceObservation> = {}): InferenceObservation => ({
  modelName: 'm',
  version: 1,
  role: 'stable',
  outcome: 'success',
  startedAtMs: 0,
  askedAtMs: 10,
  endedAtMs: 30,
  tookSeconds: 0.03,
  isFallback: false,
  run: { outputs: [], rows: 1, batchSize: 2, queueMs: 5, runMs: 12 },
  steps: [],
  error: undefined,
  ...over,
});

describe('VersionSeries', () => {
  it('shares the time of an answered request out among its stages', () => {
    const series = new VersionSeries('m', 1, 'stable');
    series.observe(observed());
    const { queue, run, crossing, decode } = series.totals.seconds;
    expect([queue, run, decode]).toEqual([0.005, 0.012, 0]);
    expect(crossing).toBeCloseTo(0.003);
    expect(series.inference.sum).toBe(0.03);
  });

  it('counts what failed by its code, and an answer without a run as found in the cache', () => {
    const series = new VersionSeries('m', 1, 'stable');
    const failed = { run: undefined, outcome: 'server_error' as const };
    series.observe(observed({ ...failed, error: new DomainError('RUNNER_LOST', '') }));
    series.observe(observed({ ...failed, error: new TypeError() }));
    const kept = { outputs: [], rows: 0, batchSize: 0, queueMs: 0, runMs: 0 };
    series.observe(observed({ run: { ...kept, cacheLookup: { isHit: true, tookMs: 2 } } }));
    expect([...series.errors]).toEqual([
      ['RUNNER_LOST', 1],
      ['INTERNAL', 1],
    ]);
    expect(series.outcomes).toEqual({ success: 1, server_error: 2, client_error: 0, refused: 0 });
    expect([series.cacheHits, series.cacheMisses]).toEqual([
      { count: 1, sum: 0.002 },
      { count: 0, sum: 0 },
    ]);
    expect(series.stages.run.count).toBe(0);
  });
});

describe('SeriesTable', () => {
  it('keeps one series for each version and role', () => {
    const table = new SeriesTable();
    expect(table.of('m', 1, 'stable')).toBe(table.of('m', 1, 'stable'));
    table.of('m', 1, 'candidate');
    table.of('m', 1, 'pinned');
    table.of('n', 1, 'stable');
    expect(table.all.map(({ labels }) => labels)).toEqual([
      'model="m",version="1",role="stable"',
      'model="m",version="1",role="candidate"',
      'model="m",version="1",role="pinned"',
      'model="n",version="1",role="stable"',
    ]);
  });

  it('forgets a version a while after it was served and counted last', () => {
    const table = new SeriesTable();
    const old = table.of('m', 1, 'stable');
    table.of('m', 2, 'stable');
    const minutes = (count: number) => table.forgetIdle(({ version }) => version === 2, count * 60_000);
    minutes(0);
    minutes(10);
    // A request that was on its way still counts.
    old.observe(observed());
    minutes(16);
    expect(table.ofModel('m')).toHaveLength(2);
    minutes(31);
    expect(table.ofModel('m').map(({ version }) => version)).toEqual([2]);
  });
});
