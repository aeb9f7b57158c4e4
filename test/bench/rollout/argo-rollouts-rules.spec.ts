import { describe, expect, it } from 'vitest';
import { type ArgoMetric, isAborting, isAtLeast, isThereAndAtLeast, runAnalysis } from './argo-rollouts-rules.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const metric: ArgoMetric = { intervalMs: 60 * SECOND, successCondition: isAtLeast(0.99) };

/** Runs an analysis whose measurements answer these values in turn, the last one again and again; tells when each was taken. */
function run(over: Partial<ArgoMetric>, ...values: (readonly number[])[]) {
  const takenMs: number[] = [];
  const end = runAnalysis(
    { ...metric, ...over },
    (atMs) => {
      takenMs.push(atMs);
      return values[Math.min(takenMs.length, values.length) - 1] ?? [];
    },
    HOUR,
  );
  return { end, takenMs };
}

describe('an AnalysisRun', () => {
  it('measures at once and then after each interval', () => {
    expect(run({ count: 3 }, [1])).toEqual({
      end: { phase: 'Successful', atMs: 120 * SECOND },
      takenMs: [0, 60 * SECOND, 120 * SECOND],
    });
  });

  it('measures first after the initial delay', () => {
    expect(run({ initialDelayMs: 300 * SECOND, count: 1 }, [1]).takenMs).toEqual([300 * SECOND]);
  });

  it('fails at the first failed measurement by default', () => {
    expect(run({}, [1], [1], [0.98]).end).toEqual({ phase: 'Failed', atMs: 120 * SECOND });
  });

  it('fails at the fourth failed measurement with a limit of three, whatever lies between them', () => {
    expect(run({ failureLimit: 3 }, [0], [1], [0], [0], [1], [0]).end).toEqual({ phase: 'Failed', atMs: 300 * SECOND });
  });

  it('goes on without end while it has no count and nothing fails', () => {
    expect(run({}, [1]).end).toBeUndefined();
  });

  it('measures again after 10 s where the first value of an empty vector is asked for, and gives up at the fifth time', () => {
    expect(run({}, [])).toEqual({
      end: { phase: 'Error', atMs: 40 * SECOND },
      takenMs: [0, 10, 20, 30, 40].map((seconds) => seconds * SECOND),
    });
  });

  it('counts only errors that follow each other, and none of them as a measurement', () => {
    expect(run({ count: 2 }, [], [], [], [], [1], [], [], [1]).end).toEqual({
      phase: 'Successful',
      atMs: 120 * SECOND,
    });
  });

  it('fails for an empty vector where the condition asks for a value, and for NaN', () => {
    expect(run({ successCondition: isThereAndAtLeast(0.99) }, []).end).toEqual({ phase: 'Failed', atMs: 0 });
    expect(run({}, [Number.NaN]).end).toEqual({ phase: 'Failed', atMs: 0 });
  });

  it('is inconclusive where neither of two conditions holds', () => {
    const between = { failureCondition: ([value = 0]: readonly number[]) => value < 0.9 };
    expect(run(between, [0.95]).end).toEqual({ phase: 'Inconclusive', atMs: 0 });
    expect(run({ ...between, inconclusiveLimit: 1 }, [0.95], [0.8]).end?.phase).toBe('Failed');
    expect(run({ ...between, count: 1 }, [0.99]).end?.phase).toBe('Successful');
  });

  it('aborts the rollout when it failed or was an error, and else does not', () => {
    const phases = (['Failed', 'Error', 'Inconclusive', 'Successful'] as const).filter((phase) =>
      isAborting({ phase, atMs: 0 }),
    );
    expect(phases).toEqual(['Failed', 'Error']);
  });
});
