import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import { callOf, floats, ManualClock, ScriptedRunner, settled } from '#testing';
import type { InferenceCall } from './inference-call.ts';
import { SharedRuns } from './shared-runs.ts';

function sharing() {
  const clock = new ManualClock();
  const inner = new ScriptedRunner();
  const runs = new SharedRuns({ monotonicMs: clock.nowMs, after: clock.after });
  const join = (over: Partial<InferenceCall> = {}) => {
    const call = callOf(over);
    const outcome = runs
      .join('key', call, () => inner.run(call))
      .then(
        () => 'answered',
        (error: unknown) => (error instanceof DomainError ? error.code : error),
      );
    return outcome;
  };
  return { clock, inner, join, runs };
}

const answer = [floats('y', [1])];
const timeUp = new DomainError('DEADLINE_EXCEEDED', 'the time is up');

describe('SharedRuns', () => {
  it('ends the waiting of a follower at its own deadline, and the run goes on for the others', async () => {
    const { clock, inner, join } = sharing();
    const [leader, hurried, patient] = [join(), join({ deadlineAtMs: 100 }), join()];
    await clock.advance(100);
    expect(await hurried).toBe('DEADLINE_EXCEEDED');
    inner.at(0).answer(answer);
    expect(await Promise.all([leader, patient])).toEqual(['answered', 'answered']);
    expect(inner.calls).toHaveLength(1);
    expect(clock.timerCount).toBe(0);
  });

  it('lets followers fail as their leader did', async () => {
    const { inner, join } = sharing();
    const outcomes = [join(), join(), join()];
    inner.at(0).fail(new DomainError('QUEUE_FULL', 'full'));
    expect(await Promise.all(outcomes)).toEqual(['QUEUE_FULL', 'QUEUE_FULL', 'QUEUE_FULL']);
    expect(inner.calls).toHaveLength(1);
  });

  it("runs once more, for all that have time left, when it was the leader's time that was up", async () => {
    const { clock, inner, join } = sharing();
    const leader = join({ deadlineAtMs: 100 });
    const [second, third] = [join({ deadlineAtMs: 1000 }), join({ deadlineAtMs: 2000 })];
    await clock.advance(100);
    inner.at(0).fail(timeUp);
    await settled();
    expect(inner.calls).toHaveLength(2);
    inner.at(1).answer(answer);
    expect(await Promise.all([leader, second, third])).toEqual(['DEADLINE_EXCEEDED', 'answered', 'answered']);
  });

  it('begins anew after a run has ended: what it answered is not kept here', async () => {
    const { inner, join } = sharing();
    const first = join();
    inner.at(0).answer(answer);
    await first;
    void join();
    expect(inner.calls).toHaveLength(2);
  });

  it('keeps calls apart that are treated differently on their way', () => {
    const { inner, join } = sharing();
    void join();
    void join({ priority: 1 });
    void join({ isRetriedOnLoss: false });
    expect(inner.calls).toHaveLength(3);
  });

  it('settles every call by its deadline, answered when a run in time was, and never runs two at once', async () => {
    const deadlines = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(deadlines, fc.integer({ min: 1, max: 60 }), async (deadlineAtMs, runMs) => {
        const clock = new ManualClock();
        const runs = new SharedRuns({ monotonicMs: clock.nowMs, after: clock.after });
        let running = 0;
        let most = 0;
        const begin = (call: InferenceCall) => async () => {
          running += 1;
          most = Math.max(most, running);
          const isInTime = clock.nowMs() + runMs <= call.deadlineAtMs;
          await new Promise<void>((resolve) => {
            clock.after(Math.min(runMs, call.deadlineAtMs - clock.nowMs()), resolve);
          });
          running -= 1;
          if (!isInTime) throw timeUp;
          return { outputs: answer, rows: 1, batchSize: 1, queueMs: 0, runMs };
        };
        const settledAt = deadlineAtMs.map(async (at) => {
          const call = callOf({ deadlineAtMs: at });
          const outcome = await runs.join('key', call, begin(call)).then(
            () => 'answered',
            () => 'failed',
          );
          return { at: clock.nowMs(), outcome };
        });
        await clock.advance(60);
        const outcomes = await Promise.all(settledAt);
        for (const [index, { at }] of outcomes.entries()) expect(at).toBeLessThanOrEqual(deadlineAtMs[index] ?? 0);
        if ((deadlineAtMs[0] ?? 0) >= runMs) {
          const isAnswered = outcomes.map(({ outcome }) => outcome === 'answered');
          expect(isAnswered).toEqual(deadlineAtMs.map((deadline) => deadline >= runMs));
        }
        expect(most).toBe(1);
      }),
    );
  });
});
