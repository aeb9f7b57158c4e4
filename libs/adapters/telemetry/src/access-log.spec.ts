import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type AccessLine, AccessLog, type AccessLogOptions } from './access-log.ts';

const line: AccessLine = {
  protocol: 'grpc',
  model: 'm"\n{',
  version: 1,
  role: 'stable',
  result: 'ok',
  isFallback: false,
  requestId: undefined,
  traceId: undefined,
  tookMs: 1,
  queueMs: undefined,
  runMs: undefined,
  batchSize: undefined,
  inputBytes: 4,
  outputBytes: 4,
};

describe('AccessLog', () => {
  const directory = mkdtempSync(join(tmpdir(), 'access-log-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const logWith = (over: Partial<AccessLogOptions> = {}) =>
    new AccessLog({ mode: 'all', samplePercent: 100, target: join(directory, 'log'), ...over });

  it('writes nothing in the turn in which a request is noted, and all of it by the end, one line each', async () => {
    const target = join(directory, 'lines');
    const log = logWith({ target });
    for (let request = 0; request < 500; request += 1) log.note({ ...line, tookMs: request });
    expect(readFileSync(target, { encoding: 'utf8', flag: 'a+' })).toBe('');
    await log.close();
    const lines = readFileSync(target, 'utf8')
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(lines.map(({ tookMs }) => tookMs)).toEqual(Array.from({ length: 500 }, (_, request) => request));
    expect(lines[0]).toEqual({
      level: 'info',
      log: 'access',
      time: expect.any(String),
      protocol: 'grpc',
      model: 'm"\n{',
      version: 1,
      role: 'stable',
      result: 'ok',
      isFallback: false,
      tookMs: 0,
      inputBytes: 4,
      outputBytes: 4,
    });
    expect(log.dropped).toBe(0);
  });

  it('wants what its mode says, and a share of the answered requests', async () => {
    const of = (options: Partial<AccessLogOptions>) => {
      const log = logWith(options);
      const wanted = (isError: boolean) =>
        Array.from({ length: 2000 }, () => log.wants(isError)).filter(Boolean).length;
      return [wanted(false), wanted(true)];
    };
    expect(of({ mode: 'off' })).toEqual([0, 0]);
    expect(of({ mode: 'errors' })).toEqual([0, 2000]);
    expect(of({ mode: 'all' })).toEqual([2000, 2000]);
    const [answered = 0, failed] = of({ mode: 'all', samplePercent: 10 });
    expect(failed).toBe(2000);
    expect(answered).toBeGreaterThan(100);
    expect(answered).toBeLessThan(320);
  });

  it('counts lines that the output does not take, and ends nothing', async () => {
    // Full at the first byte.
    const log = logWith({ target: '/dev/full' });
    for (let request = 0; request < 200; request += 1) log.note(line);
    await log.close();
    expect(log.dropped).toBeGreaterThan(0);
  });
});
