import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastRecentlyUsed, totalBytes } from './least-recently-used.ts';

const entries = fc.array(fc.record({ sizeBytes: fc.nat({ max: 100 }), lastUsedAtMs: fc.nat({ max: 50 }) }), {
  maxLength: 20,
});

describe('leastRecentlyUsed', () => {
  it('frees enough, or everything that there is', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: -10, max: 1500 }), (all, bytesToFree) => {
        const victims = leastRecentlyUsed(all, bytesToFree);
        expect(totalBytes(victims) >= bytesToFree || victims.length === all.length).toBe(true);
      }),
    );
  });

  it('lets nothing go that was used after something that stays, and nothing without need', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: -10, max: 1500 }), (all, bytesToFree) => {
        const victims = leastRecentlyUsed(all, bytesToFree);
        const survivors = all.filter((entry) => !victims.includes(entry));
        const newestVictim = Math.max(...victims.map(({ lastUsedAtMs }) => lastUsedAtMs));
        for (const { lastUsedAtMs } of survivors) expect(lastUsedAtMs).toBeGreaterThanOrEqual(newestVictim);
        if (victims.length > 0) expect(totalBytes(victims.slice(0, -1))).toBeLessThan(bytesToFree);
      }),
    );
  });
});
