import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startTracing, type TraceSampling, type Tracing, type TracingOptions, traceIdOf } from './index.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const options: Omit<TracingOptions, 'sampling'> = {
  protocol: 'http/protobuf',
  url: 'http://127.0.0.1:9/v1/traces',
  headers: {},
  // None: a machine that is busy is no collector that is gone.
  timeoutMs: 2 ** 31 - 1,
  compression: 'none',
  serviceName: 'test',
  serviceVersion: '1',
  resourceAttributes: {},
  batchDelayMs: 60_000,
  queueSize: 100,
  batchSize: 100,
};

describe('OtlpTracing', () => {
  let tracing: Tracing | undefined;
  afterEach(async () => {
    vi.useRealTimers();
    await tracing?.close();
  });

  async function begun(sampling: TraceSampling, traceparent: string | undefined, count = 1): Promise<number> {
    const started = await startTracing({ ...options, sampling }, () => {});
    tracing = started;
    const carrier = { traceparent, tracestate: undefined };
    return Array.from({ length: count }, () => started.begin(carrier, 0)).filter((trace) => trace !== undefined).length;
  }

  const byParent = (flags: string) => `00-${traceId}-b7ad6b7169203331-${flags}`;

  it('traces a share of the requests that nobody has decided about', async () => {
    expect(await begun({ ratio: 1, followsParent: true }, undefined, 100)).toBe(100);
    expect(await begun({ ratio: 0, followsParent: true }, undefined, 100)).toBe(0);
    const half = await begun({ ratio: 0.5, followsParent: true }, undefined, 4000);
    expect(half).toBeGreaterThan(1800);
    expect(half).toBeLessThan(2200);
  });

  it('follows a caller that has decided, where it is told to', async () => {
    expect(await begun({ ratio: 0, followsParent: true }, byParent('01'))).toBe(1);
    expect(await begun({ ratio: 1, followsParent: true }, byParent('00'))).toBe(0);
    // Otherwise by the trace's id, as every service with this ratio does.
    expect(await begun({ ratio: 0, followsParent: false }, byParent('01'))).toBe(0);
    expect(await begun({ ratio: 1, followsParent: false }, byParent('00'))).toBe(1);
    const always = await begun({ ratio: 0.5, followsParent: false }, byParent('01'), 100);
    expect([0, 100]).toContain(always);
  });

  it('takes a context that is no context for none', async () => {
    for (const traceparent of ['', 'nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-00`])
      expect(await begun({ ratio: 1, followsParent: true }, traceparent)).toBe(1);
  });

  it('goes on in the trace of the caller, and tells what it could not send', async () => {
    // The pauses between attempts, and nothing of the connection itself.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const lost: [number, Error | undefined][] = [];
    tracing = await startTracing({ ...options, sampling: { ratio: 1, followsParent: true } }, (...one) =>
      lost.push(one),
    );
    const request = tracing.begin({ traceparent: byParent('01'), tracestate: 'a=b' }, 0);
    expect(request?.traceId).toBe(traceId);
    expect(request?.traceparent).toMatch(new RegExp(`^00-${traceId}-(?!b7ad6b7169203331)[\\da-f]{16}-01$`));
    request?.end({ name: 'request', endMs: 2, stages: [{ name: 'stage', startMs: 0, endMs: 1 }] });
    expect(tracing.spanCount).toBe(2);
    const closing = tracing.close();
    while (lost.length === 0) {
      vi.advanceTimersByTime(1000);
      await nextTurn();
    }
    await closing;
    expect(lost).toMatchObject([[2, { code: 'ECONNREFUSED' }]]);
  });
});

it('finds the trace id of a context', () => {
  expect(traceIdOf(`00-${traceId}-b7ad6b7169203331-00`)).toBe(traceId);
  expect(traceIdOf(`cc-${traceId}-b7ad6b7169203331-00-future`)).toBe(traceId);
  for (const text of [undefined, '', traceId, `00-${'0'.repeat(32)}-b7ad6b7169203331-00`, `00-${traceId}-b7-00`])
    expect(traceIdOf(text)).toBeUndefined();
});
