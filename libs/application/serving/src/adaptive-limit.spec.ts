import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AdaptiveLimit } from './index.ts';

/** A server that works on one request at a time; answers the limit after so many requests at full use. */
function saturate(limit: AdaptiveLimit, serviceMs: number, requests: number): number {
  for (let count = 0; count < requests; count += 1) limit.record(serviceMs * limit.limit, limit.limit);
  return limit.limit;
}

describe('AdaptiveLimit', () => {
  it('falls under load until latency is tolerable, and no lower', () => {
    const limit = new AdaptiveLimit({ max: 256, min: 4, tolerableMs: 1000 });
    limit.record(50, 1);
    const settled = saturate(limit, 50, 5000);
    expect(settled * 50).toBeGreaterThan(800);
    expect(settled * 50).toBeLessThan(2000);
  });

  it('falls no lower than it may, however slow the model is', () => {
    const limit = new AdaptiveLimit({ max: 256, min: 16, tolerableMs: 10 });
    limit.record(50, 1);
    expect(saturate(limit, 50, 20_000)).toBe(16);
  });

  it('lets in all that it may while latency is low', () => {
    const limit = new AdaptiveLimit({ max: 256, min: 4, tolerableMs: 1000 });
    expect(saturate(limit, 0.05, 5000)).toBe(256);
  });

  it('rises again when the load is gone', () => {
    const limit = new AdaptiveLimit({ max: 256, min: 4, tolerableMs: 100 });
    limit.record(10, 1);
    const low = saturate(limit, 10, 5000);
    for (let count = 0; count < 20_000; count += 1) limit.record(1, limit.limit);
    expect(limit.limit).toBeGreaterThan(low * 2);
  });

  it('stays within its bounds, whatever it sees', () => {
    const sample = fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.integer({ min: 1, max: 500 }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.array(sample, { maxLength: 200 }), (max, samples) => {
        const limit = new AdaptiveLimit({ max, min: 4, tolerableMs: 10 });
        for (const [latencyMs, inWork] of samples) {
          limit.record(latencyMs, inWork);
          expect(limit.limit).toBeGreaterThanOrEqual(1);
          expect(limit.limit).toBeLessThanOrEqual(max);
        }
      }),
    );
  });
});
