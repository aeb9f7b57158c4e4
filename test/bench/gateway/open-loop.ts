import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call } from './call.ts';
import { type LoggedRequest, readRequestLog } from './request-log.ts';
import { runPinned } from './run-pinned.ts';

/** Beyond the time that the load should take. */
const GRACE_SECONDS = 60;

/** A load that comes at its own pace, however slow the answers are. */
export interface OpenLoop {
  readonly perSecond: number;
  readonly seconds: number;
  /** Connections: so many requests can wait for an answer before the load falls behind. */
  readonly connections: number;
  /** As `taskset` takes them. */
  readonly cores: string;
}

/**
 * Sends a call over HTTP/1.1 at a constant rate with `h2load`, evenly: connections are opened one after the other, or all of them would
 * ask at the same moments, and their latency be that of a burst.
 *
 * @returns every request.
 */
export async function offerLoad(
  call: Call,
  { perSecond, seconds, connections, cores }: OpenLoop,
): Promise<LoggedRequest[]> {
  if (call.kind !== 'http') throw new Error('the constant rate is for HTTP/1.1');
  const folder = mkdtempSync(join(tmpdir(), 'bench-open-loop-'));
  try {
    const [body, log] = [join(folder, 'body'), join(folder, 'log')];
    writeFileSync(body, call.body);
    const headers = Object.entries(call.headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
    const pace = [
      '--clients',
      String(connections),
      '--rps',
      String(perSecond / connections),
      '--rate',
      '1',
      '--rate-period',
      `${Math.round(1000 / perSecond)}ms`,
      '--requests',
      String(perSecond * seconds),
    ];
    const args = ['--h1', ...pace, '--data', body, '--log-file', log, ...headers, call.url];
    await runPinned({ cores, limitSeconds: seconds + GRACE_SECONDS, command: ['h2load', ...args] });
    return readRequestLog(log);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
