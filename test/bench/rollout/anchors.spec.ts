import { describe, expect, it } from 'vitest';
import { seededNumbers } from '#testing';
import { ANCHORS, ANCHORS_HORIZON_MS } from './anchors.ts';

/** A candidate with 50 requests/s that fails so many of them, by chance. */
function streamOf(errorRate: number, seed: number) {
  const random = seededNumbers(seed);
  const [successesMs, errorsMs] = [[] as number[], [] as number[]];
  for (let atMs = 20; atMs < ANCHORS_HORIZON_MS; atMs += 20) {
    (random() < errorRate ? errorsMs : successesMs).push(atMs);
  }
  return { successesMs, errorsMs };
}

const secondsOf = (errorRate: number) =>
  Object.fromEntries(
    ANCHORS.map((anchor) => {
      const atMs = anchor.rollbackAtMs(streamOf(errorRate, 1), 0.5, ANCHORS_HORIZON_MS);
      return [anchor.name, atMs === undefined ? undefined : atMs / 1000];
    }),
  );

describe('the others', () => {
  it('take out a candidate that only fails: Argo Rollouts because its query has no result five times', () => {
    expect(secondsOf(1)).toEqual({
      'Argo Rollouts default': 40,
      'Argo Rollouts fastest': 10,
      'Flagger default': 360,
      'Flagger fastest': 20,
    });
  });

  it('take out a candidate that fails half of the time: Argo Rollouts at the fourth failure', () => {
    expect(secondsOf(0.5)).toEqual({
      'Argo Rollouts default': 30 + 3 * 300,
      'Argo Rollouts fastest': 10,
      'Flagger default': 360,
      'Flagger fastest': 20,
    });
  });

  it('keep a candidate that never fails', () => {
    expect(Object.values(secondsOf(0))).toEqual([undefined, undefined, undefined, undefined]);
  });
});
