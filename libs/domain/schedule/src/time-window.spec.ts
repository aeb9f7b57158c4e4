import { describe, expect, it } from 'vitest';
import { isWithin, type TimeWindow } from './time-window.ts';

const at = (iso: string) => Date.parse(iso);
const weekly = (over: Partial<Extract<TimeWindow, { kind: 'weekly' }>> = {}): TimeWindow => ({
  kind: 'weekly',
  days: ['fri'],
  fromMinute: 18 * 60,
  toMinute: 8 * 60,
  timeZone: 'Europe/Berlin',
  ...over,
});

describe('isWithin', () => {
  it('holds from the beginning of a window to its end, which is not in it', () => {
    const window: TimeWindow = { kind: 'once', fromMs: 1000, toMs: 2000 };
    expect([999, 1000, 1999, 2000].map((nowMs) => isWithin([window], nowMs))).toEqual([false, true, true, false]);
  });

  it('goes by the clocks of its zone, over midnight, in summer and in winter', () => {
    // A Friday at 18:00 in Berlin is 17:00 UTC in winter and 16:00 in summer.
    expect(isWithin([weekly()], at('2026-01-09T16:59:00Z'))).toBe(false);
    expect(isWithin([weekly()], at('2026-01-09T17:00:00Z'))).toBe(true);
    expect(isWithin([weekly()], at('2026-07-10T16:00:00Z'))).toBe(true);
    expect(isWithin([weekly()], at('2026-01-10T06:59:00Z'))).toBe(true);
    expect(isWithin([weekly()], at('2026-01-10T07:00:00Z'))).toBe(false);
    expect(isWithin([weekly()], at('2026-01-10T17:30:00Z'))).toBe(false);
  });

  it('knows windows within a day, and none at all', () => {
    const office = weekly({ days: ['mon', 'tue'], fromMinute: 9 * 60, toMinute: 17 * 60, timeZone: 'UTC' });
    expect(isWithin([office], at('2026-01-05T12:00:00Z'))).toBe(true);
    expect(isWithin([office], at('2026-01-05T17:00:00Z'))).toBe(false);
    expect(isWithin([office], at('2026-01-07T12:00:00Z'))).toBe(false);
    expect(isWithin([], 0)).toBe(false);
  });
});
