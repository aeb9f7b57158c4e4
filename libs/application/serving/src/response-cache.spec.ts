import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floats, ManualClock } from '#testing';
import { ResponseCache } from './response-cache.ts';

const answerOf = (value: number, length = 1) => [floats('y', Array(length).fill(value))];
const roomFor = (count: number) => {
  const probe = new ResponseCache({ maxBytes: Infinity, ttlMs: undefined }, () => 0);
  probe.set('a', answerOf(0));
  return probe.sizeBytes * count;
};
const cacheOf = (maxBytes: number, ttlMs?: number) => {
  const clock = new ManualClock();
  return { clock, cache: new ResponseCache({ maxBytes, ttlMs }, clock.nowMs) };
};

describe('ResponseCache', () => {
  it('gives back what was kept under a key, and nothing under others', () => {
    const { cache } = cacheOf(roomFor(2));
    cache.set('a', answerOf(1));
    expect(cache.get('a')).toEqual(answerOf(1));
    expect(cache.get('b')).toBeUndefined();
  });

  it('lets go of what was used least recently when there is no more room', () => {
    const { cache } = cacheOf(roomFor(2));
    cache.set('a', answerOf(1));
    cache.set('b', answerOf(2));
    cache.get('a');
    cache.set('c', answerOf(3));
    expect(['a', 'b', 'c'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
    expect(cache.evictions).toBe(1);
  });

  it('leaves everything as it is for an answer that would never fit', () => {
    const { cache } = cacheOf(roomFor(1));
    cache.set('a', answerOf(1));
    cache.set('b', answerOf(2, 10_000));
    expect(cache.get('a')).toBeDefined();
    expect(cache.get('b')).toBeUndefined();
    expect(cache.evictions).toBe(0);
  });

  it('forgets an answer when its time is up, and a use does not prolong it', async () => {
    const { cache, clock } = cacheOf(roomFor(1), 100);
    cache.set('a', answerOf(1));
    await clock.advance(99);
    expect(cache.get('a')).toBeDefined();
    await clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.sizeBytes).toBe(0);
  });

  it('never holds more than its budget, and accounts for every byte, whatever is done with it', () => {
    const action = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      length: fc.nat(2000),
      isSet: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(action), fc.nat(20_000), (actions, maxBytes) => {
        const { cache } = cacheOf(maxBytes);
        for (const { key, length, isSet } of actions) {
          if (isSet) cache.set(key, answerOf(length, length));
          const found = cache.get(key);
          if (found !== undefined) expect(found[0]?.data.byteLength).toBeLessThanOrEqual(maxBytes);
          expect(cache.sizeBytes).toBeLessThanOrEqual(maxBytes);
        }
        const kept = ['a', 'b', 'c', 'd'].map((key) => cache.get(key)?.[0]).filter((tensor) => tensor !== undefined);
        expect(cache.entryCount).toBe(kept.length);
        const again = new ResponseCache({ maxBytes: Infinity, ttlMs: undefined }, () => 0);
        for (const [index, tensor] of kept.entries()) again.set(String(index), [tensor]);
        expect(cache.sizeBytes).toBe(again.sizeBytes);
      }),
    );
  });
});
