import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseSleepers, type MemoryNeed, type Resident, type ResidentPart } from './choose-sleepers.ts';
import { totalBytes } from './least-recently-used.ts';

const residents = fc.array(
  fc.record({
    part: fc.constantFrom<ResidentPart>('pinned', 'stable', 'needed'),
    sizeBytes: fc.integer({ min: 1, max: 100 }),
    lastUsedAtMs: fc.nat({ max: 1000 }),
    isBusy: fc.boolean(),
  }),
  { maxLength: 12 },
);
const needs = fc.record({
  neededBytes: fc.nat({ max: 200 }),
  budgetBytes: fc.nat({ max: 800 }),
  nowMs: fc.constant(1000),
  idleAfterMs: fc.nat({ max: 1000 }),
});
const holds = (rule: (all: readonly Resident[], need: MemoryNeed, chosen: readonly Resident[] | undefined) => void) =>
  fc.assert(fc.property(residents, needs, (all, need) => rule(all, need, chooseSleepers(all, need))));
const maySleep = ({ part, isBusy, lastUsedAtMs }: Resident, { nowMs, idleAfterMs }: MemoryNeed) =>
  !isBusy && (part === 'pinned' || (part === 'stable' && nowMs - lastUsedAtMs >= idleAfterMs));

describe('chooseSleepers', () => {
  it('never puts to sleep what is needed, has requests, or answers a deployment in use', () => {
    holds((_all, need, chosen = []) => {
      for (const resident of chosen) expect(maySleep(resident, need)).toBe(true);
    });
  });

  it('makes the version fit, and says so only when nothing could', () => {
    holds((all, need, chosen) => {
      const leftBytes = totalBytes(all) + need.neededBytes;
      if (chosen !== undefined) expect(leftBytes - totalBytes(chosen)).toBeLessThanOrEqual(need.budgetBytes);
      else {
        const evictable = all.filter((resident) => maySleep(resident, need));
        expect(leftBytes - totalBytes(evictable)).toBeGreaterThan(need.budgetBytes);
      }
    });
  });

  it('goes by the last use, and puts nobody to sleep without need', () => {
    holds((all, need, chosen = []) => {
      const newest = Math.max(...chosen.map(({ lastUsedAtMs }) => lastUsedAtMs));
      const others = all.filter((resident) => !chosen.includes(resident) && maySleep(resident, need));
      for (const { lastUsedAtMs } of chosen.length === 0 ? [] : others)
        expect(lastUsedAtMs).toBeGreaterThanOrEqual(newest);
      if (chosen.length > 0) {
        const oneLess = totalBytes(all) + need.neededBytes - totalBytes(chosen.slice(0, -1));
        expect(oneLess).toBeGreaterThan(need.budgetBytes);
      }
    });
  });
});
