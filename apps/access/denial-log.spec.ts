import { expect, it } from 'vitest';
import type { Logger } from '#adapters/telemetry';
import { DenialLog } from './denial-log.ts';

function logAt(clock: { nowMs: number }) {
  const lines: [object, string][] = [];
  const logger = { info: (details: object, message: string) => lines.push([details, message]) };
  return { lines, log: new DenialLog(logger as unknown as Logger, () => clock.nowMs) };
}

it('tells the same once a minute, with how often it was in between, and others at once', () => {
  const clock = { nowMs: 0 };
  const { lines, log } = logAt(clock);
  const attach = { principal: 'anonymous anonymous', action: 'gateway.attach' };
  for (; clock.nowMs < 60_000; clock.nowMs += 500) log.add('denied', attach);
  expect(lines).toEqual([[attach, 'denied']]);
  log.add('denied', { ...attach, principal: 'workload edge' });
  log.add('a credential was refused', attach);
  expect(lines).toHaveLength(3);
  log.add('denied', attach);
  expect(lines.at(-1)).toEqual([{ ...attach, sameSince: 119 }, 'denied']);
});

it('remembers a bounded number of them, and tells those that it forgot once more', () => {
  const { lines, log } = logAt({ nowMs: 0 });
  for (let number = 0; number <= 1000; number += 1) log.add('denied', { resource: String(number) });
  log.add('denied', { resource: '1000' });
  expect(lines).toHaveLength(1001);
  log.add('denied', { resource: '0' });
  expect(lines).toHaveLength(1002);
});
