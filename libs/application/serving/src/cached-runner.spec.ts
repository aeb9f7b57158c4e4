import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import type { Digest } from '#domain/registry';
import { callOf, floats, floatsOf, ManualClock, ScriptedRunner, settled } from '#testing';
import { CachedRunner } from './cached-runner.ts';
import type { Fingerprint } from './call-key.ts';
import type { ServedVersion } from './serving-snapshot.ts';

const fingerprint: Fingerprint = (parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
const served: ServedVersion = {
  model: 'm',
  version: 1,
  build: 'm@1',
  signature: { inputs: [], outputs: [] },
  variants: [
    {
      target: 'cpu',
      precision: 'fp32',
      format: 'onnx',
      files: [{ path: 'm.onnx', digest: 'sha256:1' as Digest, sizeBytes: 1 }],
    },
  ],
};

function cached(ttlMs?: number) {
  const clock = new ManualClock();
  const inner = new ScriptedRunner();
  const timing = { monotonicMs: clock.nowMs, after: clock.after };
  const runner = new CachedRunner(inner, served, { maxBytes: 100_000, ttlMs }, { fingerprint, timing });
  return { clock, inner, runner };
}

describe('CachedRunner', () => {
  it('runs a call once, and answers it from memory after that', async () => {
    const { inner, runner } = cached();
    const first = runner.run(callOf());
    inner.at(0).answer([floats('y', [3])]);
    expect(await first).toMatchObject({ rows: 1, batchSize: 1, runMs: 1, cacheLookup: { isHit: false } });
    const second = await runner.run(callOf());
    expect(second).toMatchObject({ rows: 0, batchSize: 0, queueMs: 0, runMs: 0, cacheLookup: { isHit: true } });
    expect(second.outputs.map(floatsOf)).toEqual([[3]]);
    expect(inner.calls).toHaveLength(1);
    expect(runner.profile).toMatchObject({ entryCount: 1, evictions: 0 });
  });

  it('keeps bytes of its own, of the request and of the answer', async () => {
    const { inner, runner } = cached();
    const shared = new Uint8Array(Float32Array.from([0, 7, 0]).buffer);
    const request = floats('x', [1, 2]);
    const first = runner.run(callOf({ inputs: [request] }));
    inner.at(0).answer([{ name: 'y', datatype: 'FP32', shape: [1], data: shared.subarray(4, 8) }]);
    const answered = await first;
    shared.fill(255);
    request.data.fill(255);
    const kept = await runner.run(callOf());
    expect(floatsOf(kept.outputs[0] ?? floats('none', []))).toEqual([7]);
    expect(answered.outputs.map(floatsOf)).toEqual([[7]]);
    expect(kept.outputs[0]?.data.buffer.byteLength).toBe(4);
  });

  it('keeps no failures', async () => {
    const { inner, runner } = cached();
    const failed = runner.run(callOf());
    inner.at(0).fail(new DomainError('MODEL_RUN_FAILED', 'no'));
    await expect(failed).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
    void runner.run(callOf());
    expect(inner.calls).toHaveLength(2);
  });

  it('runs a call again when its answer has become too old', async () => {
    const { inner, runner, clock } = cached(50);
    const first = runner.run(callOf());
    inner.at(0).answer([floats('y', [1])]);
    await first;
    await clock.advance(50);
    void runner.run(callOf({ deadlineAtMs: 2000 }));
    expect(inner.calls).toHaveLength(2);
  });

  it('passes calls in sequences on: their answers follow from more than their inputs', async () => {
    const { inner, runner } = cached();
    const sequence = { id: '1', isStart: true, isEnd: false };
    for (const place of [0, 1]) {
      const run = runner.run(callOf({ sequence }));
      inner.at(place).answer([floats('y', [place])]);
      expect((await run).cacheLookup).toBeUndefined();
    }
    expect(inner.calls).toHaveLength(2);
    expect(runner.profile.entryCount).toBe(0);
  });

  it('keeps nothing any more once it is closed, not even of runs that were on', async () => {
    const { inner, runner } = cached();
    const first = runner.run(callOf());
    runner.close();
    inner.at(0).answer([floats('y', [1])]);
    await first;
    expect(runner.profile).toMatchObject({ entryCount: 0, sizeBytes: 0 });
  });

  it('lets equal calls in flight share one run', async () => {
    const { inner, runner } = cached();
    const runs = Promise.all([runner.run(callOf()), runner.run(callOf()), runner.run(callOf({ outputNames: ['z'] }))]);
    expect(inner.calls).toHaveLength(2);
    inner.at(0).answer([floats('y', [5])]);
    inner.at(1).answer([floats('z', [6])]);
    const [leader, follower] = await runs;
    expect([leader.batchSize, follower.batchSize]).toEqual([1, 0]);
    expect(follower.outputs).toEqual(leader.outputs);
    await settled();
    expect([leader.cacheLookup?.isHit, follower.cacheLookup?.isHit]).toEqual([false, true]);
    expect(runner.profile.entryCount).toBe(2);
  });
});
