import { describe, expect, it } from 'vitest';
import { seededNumbers } from '#testing';
import { ANCHORS_HORIZON_MS } from './anchors.ts';
import { continuedStream } from './continued-stream.ts';
import { SeededRequests } from './digit-requests.ts';
import { REQUESTS_PER_SECOND } from './open-loop.ts';

const requests = (errorRate: number) =>
  new SeededRequests({ answered: [Buffer.from('answered')], failed: [Buffer.from('failed')] }, errorRate, 3);

describe('the stream that the rules of others see', () => {
  it('begins with the requests that the candidate got, at their times', () => {
    const isOfCandidate = [false, true, false, false, true];
    const { errorsMs } = continuedStream(requests(1), isOfCandidate, seededNumbers(1));
    expect(Array.from(errorsMs).slice(0, 2)).toEqual([2, 8]);
  });

  it('goes on by chance after the last one that the candidate got', () => {
    const known = [true, ...Array<boolean>(400).fill(false)];
    const { errorsMs } = continuedStream(requests(1), known, seededNumbers(1));
    expect(errorsMs[1]).toBeLessThan(400);
  });

  it('gives the candidate a tenth, and fails those that the run would have failed', () => {
    const { successesMs, errorsMs } = continuedStream(requests(0.05), [], seededNumbers(1));
    const count = (ANCHORS_HORIZON_MS / 1000) * REQUESTS_PER_SECOND;
    expect((successesMs.length + errorsMs.length) / count).toBeCloseTo(0.1, 2);
    expect(errorsMs.length / (successesMs.length + errorsMs.length)).toBeCloseTo(0.05, 2);
  });
});
