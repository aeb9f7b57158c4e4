import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { ObjectStore } from '#application/registry';
import type { LoggedInference } from '#application/serving';
import { DomainError } from '#domain/errors';
import { ObjectStorePayloadLog, type PayloadLogEvent, type PayloadLogOptions } from './index.ts';

const atMs = Date.UTC(2026, 10, 24, 10, 47, 13, 123);
const inferenceAt = (offsetMs: number, deployment = 'digits'): LoggedInference => ({
  namespace: 'default',
  deployment,
  modelName: deployment,
  version: 1,
  role: 'stable',
  isFallback: false,
  requestId: undefined,
  traceId: undefined,
  atMs: atMs + offsetMs,
  tookMs: 1,
  inputs: [],
  outputNames: [],
  outputs: [],
  error: undefined,
  redact: [],
});

describe('ObjectStorePayloadLog', () => {
  const directory = mkdtempSync(join(tmpdir(), 'payload-log-'));
  let files: FsObjectStore;

  beforeAll(async () => {
    files = await FsObjectStore.open(directory);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function logOver(store: ObjectStore, over: Partial<PayloadLogOptions> = {}) {
    const events: PayloadLogEvent[] = [];
    const log = new ObjectStorePayloadLog(async () => store, {
      gatewayId: `gateway-${Math.random().toString(36).slice(2)}`,
      encode: ({ atMs: at }) => JSON.stringify({ at: at - atMs }),
      objectBytes: 1000,
      objectMs: 60_000,
      maxWaitingBytes: 10_000,
      onEvent: (event) => void events.push(event),
      ...over,
    });
    const of = (kind: PayloadLogEvent['kind']) => events.filter((event) => event.kind === kind);
    const count = (kind: 'written' | 'dropped') =>
      of(kind).reduce((sum, event) => sum + ('inferences' in event ? event.inferences : 0), 0);
    const lines = async () => {
      const texts = of('written').map(async (event) => {
        const object = await files.get('key' in event ? event.key : '');
        return Buffer.from(object?.bytes ?? '').toString();
      });
      return (await Promise.all(texts)).flatMap((text) =>
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).at),
      );
    };
    return { log, events, of, count, lines };
  }

  /** A store whose writes the test decides about. It stands for the outside system at its port. */
  function storeThat(put: ObjectStore['put']): ObjectStore {
    return Object.create(files, { put: { value: put } }) as ObjectStore;
  }

  it('writes what is left at the end, each deployment into objects of its own that sort by time', async () => {
    const { log, of, lines } = logOver(files, { gatewayId: 'g1' });
    log.take(inferenceAt(0));
    log.take(inferenceAt(5));
    log.take(inferenceAt(7, 'fraud'));
    await log.close(5000);
    expect(of('written').map((event) => ('key' in event ? event.key : ''))).toEqual([
      'payloads/default/digits/2026-11-24/10-47-13.123Z-g1-000001.ndjson',
      'payloads/default/fraud/2026-11-24/10-47-13.130Z-g1-000002.ndjson',
    ]);
    expect(await lines()).toEqual([0, 5, 7]);
    expect(log.waitingBytes).toBe(0);
  });

  it('writes an object when it is large enough, or old enough', async () => {
    const large = logOver(files, { objectBytes: 20 });
    for (let at = 0; at < 6; at += 1) large.log.take(inferenceAt(at));
    await vi.waitFor(() => expect(large.count('written')).toBe(6));
    expect(large.of('written')).toHaveLength(2);
    const old = logOver(files, { objectMs: 20 });
    old.log.take(inferenceAt(0));
    await vi.waitFor(() => expect(old.count('written')).toBe(1));
    old.log.take(inferenceAt(1));
    await vi.waitFor(() => expect(old.count('written')).toBe(2));
  });

  it('keeps no more than its memory while the store is slow, and counts what it drops', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = storeThat(async (...put) => held.then(() => files.put(...put)));
    const { log, count, lines } = logOver(slow, { objectBytes: 20, maxWaitingBytes: 100 });
    for (let at = 0; at < 100; at += 1) log.take(inferenceAt(at));
    expect(log.waitingBytes).toBeLessThanOrEqual(100);
    const kept = 100 - count('dropped');
    expect(kept).toBe(11);
    release();
    await log.close(5000);
    expect(await lines()).toEqual(Array.from({ length: kept }, (_, at) => at));
  });

  it('tries again while the store is down, and loses nothing of what it has', async () => {
    let isDown = true;
    const attempts: string[] = [];
    const failing = storeThat(async (key, ...rest) => {
      attempts.push(key);
      if (isDown) throw new DomainError('STORE_UNAVAILABLE', 'down');
      return files.put(key, ...rest);
    });
    const { log, of, lines } = logOver(failing, { objectMs: 1 });
    log.take(inferenceAt(3));
    await vi.waitFor(() => expect(of('failed')).toHaveLength(1));
    isDown = false;
    await log.close(5000);
    expect(await lines()).toEqual([3]);
    expect(new Set(attempts).size).toBe(1);
  });

  it('takes a write whose outcome was not known, and that had succeeded, for what it is', async () => {
    const { log, lines, of } = logOver(
      storeThat(async (...put) => {
        if ((await files.head(put[0])) !== undefined) return files.put(...put);
        await files.put(...put);
        throw new DomainError('STORE_UNAVAILABLE', 'the answer was lost');
      }),
    );
    log.take(inferenceAt(4));
    await log.close(5000);
    expect(await lines()).toEqual([4]);
    expect(of('failed')).toHaveLength(1);
  });

  it('ends in time when the store takes nothing, and counts what is lost', async () => {
    const { log, count } = logOver(storeThat(() => new Promise(() => {})));
    log.take(inferenceAt(0));
    log.take(inferenceAt(1, 'fraud'));
    await log.close(50);
    log.take(inferenceAt(2));
    expect([count('written'), count('dropped')]).toEqual([0, 3]);
  });

  it('drops what cannot be written down, and throws nothing', async () => {
    const { log, of } = logOver(files, {
      encode: () => {
        throw new Error('no form');
      },
    });
    log.take(inferenceAt(0));
    expect(of('dropped')).toMatchObject([{ inferences: 1, reason: 'it cannot be written down: no form' }]);
    await log.close(1000);
  });
});
