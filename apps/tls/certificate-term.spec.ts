import { beforeEach, expect, it } from 'vitest';
import type { Logger } from '#adapters/telemetry';
import { CertificateTerm, urgencyOf } from './certificate-term.ts';

const DAY = 86_400_000;
const HOUR = DAY / 24;

it.each([
  [90, 31, 'none'],
  [90, 29, 'warn'],
  [90, 6, 'error'],
  [90, -1, 'error'],
  [365, 31, 'none'],
  [365, 29, 'warn'],
  [365, 6, 'error'],
  [1, 0.5, 'none'],
  [1, 0.3, 'warn'],
  [1, 0.05, 'error'],
])('of %d days %d are left: %s', (life, left, urgency) => {
  expect(urgencyOf({ validFromMs: 0, expiresAtMs: life * DAY }, (life - left) * DAY)).toBe(urgency);
});

let told: string[];
let nowMs: number;
const take = (level: string) => (_fields: object, message: string) => void told.push(`${level}: ${message}`);
const logger = { warn: take('warn'), error: take('error') } as unknown as Logger;
beforeEach(() => {
  told = [];
  nowMs = 0;
});

it('that it expires is said once a day, at once when it becomes urgent, and no more when it was renewed', () => {
  let expiresAtMs = 100 * DAY;
  const term = new CertificateTerm(
    () => ({ validFromMs: 0, expiresAtMs }),
    'certificate',
    logger,
    () => nowMs,
  );
  const lookUntil = (untilMs: number) => {
    for (; nowMs < untilMs; nowMs += HOUR) term.look();
  };
  lookUntil(70 * DAY);
  expect(told).toEqual([]);
  lookUntil(73 * DAY);
  expect(told).toEqual(Array(3).fill('warn: the certificate expires soon: renew it'));
  lookUntil(93 * DAY + 2 * HOUR);
  expect(told.at(-1)).toBe('error: the certificate expires soon: renew it');
  nowMs = 101 * DAY;
  term.look();
  expect(told.at(-1)).toBe('error: the certificate has expired: renew it');
  expiresAtMs = 300 * DAY;
  const before = told.length;
  lookUntil(120 * DAY);
  expect(told).toHaveLength(before);
});
