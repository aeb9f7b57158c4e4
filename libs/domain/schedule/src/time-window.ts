/** A day of the week. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** A span of time, once or every week. */
export type TimeWindow =
  /** Once. Milliseconds since the epoch; the end is not in it. */
  | { readonly kind: 'once'; readonly fromMs: number; readonly toMs: number }
  /** Every week: it begins on each of the days and ends on the same day, or on the next one when `to` is not after `from`. */
  | {
      readonly kind: 'weekly';
      readonly days: readonly Weekday[];
      /** Minutes since midnight. */
      readonly fromMinute: number;
      readonly toMinute: number;
      /** Of the IANA database. */
      readonly timeZone: string;
    };

const WEEK: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Whether a time is in one of the windows. */
export function isWithin(windows: readonly TimeWindow[], nowMs: number): boolean {
  return windows.some((window) =>
    window.kind === 'once' ? nowMs >= window.fromMs && nowMs < window.toMs : isInWeek(window, nowMs),
  );
}

function isInWeek(window: Extract<TimeWindow, { kind: 'weekly' }>, nowMs: number): boolean {
  const { day, minute } = localTime(nowMs, window.timeZone);
  const begins = (weekday: Weekday | undefined) => weekday !== undefined && window.days.includes(weekday);
  const { fromMinute, toMinute } = window;
  if (fromMinute < toMinute) return begins(WEEK[day]) && minute >= fromMinute && minute < toMinute;
  const dayBefore = WEEK[(day + 6) % 7];
  return (begins(WEEK[day]) && minute >= fromMinute) || (begins(dayBefore) && minute < toMinute);
}

/** The day of the week, from Sunday on, and minutes since midnight, on the clocks of a zone. */
function localTime(nowMs: number, timeZone: string): { day: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  const day = WEEK.indexOf((parts.get('weekday') ?? '').toLowerCase() as Weekday);
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}
