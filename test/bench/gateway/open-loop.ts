import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../servers/run-command.ts';
import type { Call } from './call.ts';
import { type LoggedRequest, readRequestLog } from './request-log.ts';

/** A load that comes at its own pace, however slow the answers are. */
export interface OpenLoop {
  readonly perSecond: number;
  readonly seconds: number;
  /** Connections: so many requests can wait for an answer before the load falls behind. */
  readonly connections: number;
  /** As `taskset` takes them. */
  readonly cores: string;
}

/** Sends a call over HTTP/1.1 at a constant rate with `h2load`. @returns every request. */
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
      '--duration',
      `${seconds}s`,
    ];
    const args = ['--h1', ...pace, '--data', body, '--log-file', log, ...headers, call.url];
    await runCommand('taskset', ['--cpu-list', cores, 'h2load', ...args]);
    return readRequestLog(log);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
