import { describe, expect, it } from 'vitest';
import { reportStages, STAGES, type Stage } from './index.ts';

const secondsOf = (slow: Stage) =>
  Object.fromEntries(STAGES.map((stage) => [stage, stage === slow ? 6 : 1])) as Record<Stage, number>;
const report = (slow: Stage, maxBatchSize: number, rowsPerRun = 1) =>
  reportStages({ requests: 1000, seconds: secondsOf(slow), rowsPerRun }, maxBatchSize);

describe('reportStages', () => {
  it('says how the time is shared out, and names the stage that has most of it', () => {
    const { averageMs, stages, slowest } = report('run', 1);
    expect(averageMs).toBeCloseTo(10);
    expect(slowest).toBe('run');
    expect(stages.find(({ stage }) => stage === 'run')).toEqual({ stage: 'run', averageMs: 6, sharePercent: 60 });
    expect(stages.reduce((sum, { sharePercent }) => sum + sharePercent, 0)).toBeCloseTo(100);
  });

  it.each([
    ['decode', 1, 1, /binary data/],
    ['queue', 1, 1, /resources\.instances/],
    ['queue', 32, 31, /full with 32 rows/],
    ['queue', 32, 2, /wait for the model/],
    ['crossing', 1, 1, /more rows into one request/],
    ['run', 1, 1, /set batching\.maxBatchSize/],
    ['run', 32, 1, /takes long: register a variant of lower precision/],
    ['encode', 1, 1, /binary outputs/],
  ] as const)(
    'when %s is the slowest, advises what helps there (batches up to %s, %s rows a run)',
    (slow, maxBatchSize, rows, advice) => {
      expect(report(slow, maxBatchSize, rows).advice).toMatch(advice);
    },
  );

  it('has nothing to say before the first request', () => {
    const seconds = { decode: 0, queue: 0, crossing: 0, run: 0, encode: 0 };
    expect(reportStages({ requests: 0, seconds, rowsPerRun: 0 }, 1)).toMatchObject({
      slowest: undefined,
      stages: [],
    });
  });
});
