import type { TimeWindow } from '#domain/schedule';
import type { FreezeWindow } from '#generated/model-deployment';
import type { SchemaProblem } from './compile-schema.ts';

/** A span of time as documents write it: `between` two times, or on days of the week. */
export function toTimeWindow(window: FreezeWindow): TimeWindow {
  if ('between' in window) {
    const [from = '', to = ''] = window.between;
    return { kind: 'once', fromMs: Date.parse(from), toMs: Date.parse(to) };
  }
  const { days, from, to, timeZone = 'UTC' } = window;
  return { kind: 'weekly', days, fromMinute: toMinute(from), toMinute: toMinute(to), timeZone };
}

/** What no schema can say of a span of time. @param path where it stands in its document. */
export function timeWindowProblems(window: FreezeWindow, path: string): SchemaProblem[] {
  if ('between' in window) {
    const [from, to] = window.between.map(Date.parse);
    const isInOrder = from !== undefined && to !== undefined && from < to;
    return isInOrder ? [] : [{ path: `${path}.between`, message: 'must be two times, the earlier one first' }];
  }
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: window.timeZone ?? 'UTC' });
    return [];
  } catch {
    return [
      { path: `${path}.timeZone`, message: `${window.timeZone} is not a time zone: write it like Europe/Berlin` },
    ];
  }
}

/** Minutes since midnight. */
function toMinute(timeOfDay: string): number {
  const [hours = '0', minutes = '0'] = timeOfDay.split(':');
  return Number(hours) * 60 + Number(minutes);
}
