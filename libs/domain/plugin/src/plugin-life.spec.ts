import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  lifeAfter,
  NEW_LIFE,
  type PluginEvent,
  type PluginLife,
  REPLACEMENT_POLICY,
  takesCalls,
} from './plugin-life.ts';

const policy = REPLACEMENT_POLICY;
const started = { kind: 'started' } as const;
const answered = { kind: 'answered' } as const;
const retried = { kind: 'retried' } as const;
const stopped = { kind: 'stopped' } as const;
const lost = { kind: 'lost', reason: 'it hung' } as const;

const anyEvent = fc.constantFrom<PluginEvent>(started, answered, retried, stopped, lost, { kind: 'ended' });
const anyUnendingEvent = fc.constantFrom<PluginEvent>(started, answered, retried, lost);

function livedThrough(events: readonly PluginEvent[]): PluginLife {
  return events.reduce((life, event) => lifeAfter(life, event, policy), NEW_LIFE);
}

describe('a worker of a plugin', () => {
  it('takes calls while it starts, is ready, and is replaced; not when it was given up, nor at its end', () => {
    expect(takesCalls(NEW_LIFE)).toBe(true);
    expect(takesCalls(livedThrough([started]))).toBe(true);
    expect(takesCalls(livedThrough([started, lost]))).toBe(true);
    const givenUp = livedThrough(Array.from({ length: policy.maxLosses }, () => [started, lost, retried]).flat());
    expect(givenUp.phase).toBe('trying');
    expect(takesCalls(givenUp)).toBe(false);
    expect(takesCalls(livedThrough([started, stopped]))).toBe(false);
  });

  it('waits twice as long for each worker that is lost before one has answered', () => {
    const once = livedThrough([started, lost]);
    const twice = livedThrough([started, lost, retried, started, lost]);
    expect([once.pauseMs, twice.pauseMs]).toEqual([100, 200]);
    expect(livedThrough([started, lost, retried, started, answered, lost]).pauseMs).toBe(100);
  });

  it('is ready again when a worker that is tried after it was given up starts, and given up at once when that is lost', () => {
    const givenUp = Array.from({ length: policy.maxLosses }, () => [lost, retried]).flat();
    expect(livedThrough([...givenUp, started]).phase).toBe('ready');
    expect(livedThrough([...givenUp, started, lost]).phase).toBe('failed');
    expect(livedThrough([...givenUp, started, answered, lost]).phase).toBe('waiting');
  });

  it('counts no more losses than give it up, and has a pause exactly when one is due, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        const { phase, losses, pauseMs } = livedThrough(events);
        expect(losses).toBeLessThanOrEqual(policy.maxLosses);
        expect(pauseMs !== undefined).toBe(phase === 'waiting' || phase === 'failed');
        if (pauseMs !== undefined) expect(pauseMs).toBeLessThanOrEqual(policy.failedPauseMs);
      }),
    );
  });

  it('stays ended, and ends whenever it is told to and its worker is gone', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), fc.array(anyEvent), (before, after) => {
        const ended = [...before, stopped, { kind: 'ended' } as const];
        expect(livedThrough([...ended, ...after]).phase).toBe('stopped');
      }),
    );
  });

  it('is never lost for good while it is not told to stop: from wherever it is, it can become ready', () => {
    fc.assert(
      fc.property(fc.array(anyUnendingEvent), (events) => {
        expect(livedThrough([...events, retried, started]).phase).toBe('ready');
      }),
    );
  });

  it('refuses calls only after as many losses in a row as give it up', () => {
    fc.assert(
      fc.property(fc.array(anyUnendingEvent), (events) => {
        const life = livedThrough(events);
        if (!takesCalls(life)) expect(life.losses).toBe(policy.maxLosses);
      }),
    );
  });
});
