import { describe, expect, it } from 'vitest';
import { numbers, output, serveRollout, turns, valuesIn, watching } from '#testing';
import type { DesiredRoute } from './index.ts';

describe('a mirrored request', () => {
  const watch = watching({ agreement: [{ output: 'y', tolerance: 0.01 }] });
  const mirror = async (over: Partial<DesiredRoute> = {}) => {
    const served = await serveRollout({ candidateWeightPercent: 0, mirrorPercent: 100, watch, ...over });
    const settle = async () => {
      served.host.pass(0);
      await turns();
    };
    return { ...served, settle };
  };

  it('is put to the candidate when stable has answered, and compared', async () => {
    const { host, infer, of, outcomes, settle } = await mirror();
    expect(await infer({ inputs: [numbers(4)] })).toMatchObject({ modelVersion: 1, isMirrored: true });
    expect(host.runs.filter(({ version }) => version === 2)).toEqual([]);
    await settle();
    host.answers.set(2, () => [output(1.005)]);
    await infer();
    await settle();
    host.answers.set(2, () => [output(1.02)]);
    await infer();
    await settle();
    expect(of(2)?.mirrored).toMatchObject({ requests: 3, compared: 3, serverErrors: 0, shed: 0 });
    expect(of(2)?.mirrored?.disagreements).toEqual(new Map([['y', 1]]));
    expect(outcomes).toEqual(['success', 'success', 'disagreement']);
    expect(of(2)).toMatchObject({ requests: 0, serverErrors: 0 });
    expect(of(1)).toMatchObject({ requests: 3 });
  });

  it('tells nobody but the counts that the candidate failed', async () => {
    const { host, infer, of, settle } = await mirror({ breaker: { max: 0.01, logThreshold: 1 } });
    host.runErrors.set(2, 'MODEL_RUN_FAILED');
    expect(await infer()).toMatchObject({ modelVersion: 1, isFallback: false });
    await settle();
    host.runErrors.clear();
    host.answers.set(2, () => [{ ...output(1), shape: [1, 1] }]);
    await infer();
    await settle();
    expect(of(2)?.mirrored).toMatchObject({ requests: 2, serverErrors: 2, compared: 0 });
    expect(of(2)).toMatchObject({ requests: 0, serverErrors: 0 });
  });

  it('is one in so many', async () => {
    const { infer, of, chance, settle } = await mirror({ mirrorPercent: 10 });
    chance.mirror = 0.1;
    expect(await infer()).toMatchObject({ isMirrored: false });
    chance.mirror = 0.0999;
    expect(await infer()).toMatchObject({ isMirrored: true });
    await settle();
    expect(of(2)?.mirrored).toMatchObject({ requests: 1, shed: 0 });
  });

  it('is dropped when eight are in work', async () => {
    const { infer, of, settle } = await mirror({ maxConcurrency: 100 });
    for (let request = 0; request < 10; request += 1) await infer();
    expect(of(2)?.mirrored).toMatchObject({ requests: 0, shed: 2 });
    await settle();
    expect(of(2)?.mirrored).toMatchObject({ requests: 8, shed: 2 });
    expect(await infer()).toMatchObject({ isMirrored: true });
  });

  it('is dropped while the deployment has half of its requests in work, or calls wait for the candidate', async () => {
    const { host, infer, of, settle } = await mirror({ maxConcurrency: 4 });
    let release = () => {};
    host.running = new Promise((resolve) => {
      release = resolve;
    });
    const busy = [infer(), infer(), infer()];
    await turns();
    release();
    await Promise.all(busy);
    // Of three in work, two find more than half of four beside them, and one is copied.
    expect(of(2)?.mirrored).toMatchObject({ shed: 2 });
    await settle();
    host.running = new Promise(() => {});
    const waiting = [infer({ modelVersion: '2' }), infer({ modelVersion: '2' })];
    await turns();
    host.running = undefined;
    expect(await infer()).toMatchObject({ modelVersion: 1, isMirrored: false });
    expect(waiting).toHaveLength(2);
  });

  it('is never a part of a sequence', async () => {
    const { infer, of } = await mirror();
    await infer({ sequence: { id: 's', isStart: true, isEnd: false } }).catch(() => {});
    expect(of(2)?.mirrored).toBeUndefined();
  });

  it('keeps copies of what is only borrowed', async () => {
    const { host, infer, settle } = await mirror();
    const borrowed = numbers(7);
    await infer({ inputs: [borrowed], isBorrowed: true });
    (borrowed.data.buffer as ArrayBuffer).transfer(0);
    await settle();
    const copy = host.runs.find(({ version }) => version === 2);
    expect(valuesIn(copy?.inputs ?? [])).toEqual([7]);
  });
});
