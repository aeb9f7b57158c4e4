import { describe, expect, it } from 'vitest';
import { WATCH_NOTHING } from '#domain/traffic';
import { numbers, output, STABLE, servedVersion, serveRollout, turns, watching } from '#testing';

describe('what is looked at in answers', () => {
  it('is nothing that no gate asks for', async () => {
    const { infer, of } = await serveRollout({ watch: WATCH_NOTHING });
    await infer();
    const { latency, nonFinite, constant, outputs, mirrored } = of(2) ?? {};
    expect([latency, nonFinite, constant, outputs, mirrored]).toEqual(Array(5).fill(undefined));
  });

  it('is how long they took', async () => {
    const { host, infer, of } = await serveRollout({ watch: watching({ latency: true }) });
    let release = () => {};
    host.running = new Promise((resolve) => {
      release = resolve;
    });
    const answer = infer();
    await turns();
    host.nowMs += 80;
    release();
    await answer;
    expect(of(2)?.latency?.count).toBe(1);
    expect(Math.abs((of(2)?.latency?.quantile(0.5) ?? 0) - 80)).toBeLessThan(0.8);
  });

  it('is whether they are the ones before, other inputs notwithstanding', async () => {
    const { host, infer, of } = await serveRollout({ watch: watching({ constant: true }) });
    await infer({ inputs: [numbers(1)] });
    await infer({ inputs: [numbers(2)] });
    expect(of(2)?.constant).toBe(0);
    host.answers.set(2, () => [output(5)]);
    await infer({ inputs: [numbers(3)] });
    await infer({ inputs: [numbers(3)] });
    expect(of(2)?.constant).toBe(0);
    await infer({ inputs: [numbers(4)] });
    expect(of(2)?.constant).toBe(1);
  });

  it('is what they hold on the whole, of stable and of the candidate: rows of one request are no random sample', async () => {
    const { infer, of, chance } = await serveRollout({ watch: watching({ outputs: ['y', 'none'] }) });
    await infer({ inputs: [numbers(4, -4, Number.NaN)] });
    chance.next = STABLE;
    await infer({ inputs: [numbers(9)] });
    const ofCandidate = of(2)?.outputs?.get('y');
    expect(ofCandidate?.labels.size).toBe(0);
    expect(ofCandidate?.values).toMatchObject({ count: 1, sum: 0 });
    expect(of(1)?.outputs?.get('y')?.values).toMatchObject({ count: 1, sum: 9 });
    expect(of(1)?.outputs?.has('none')).toBe(false);
  });

  it('tells at most 64 labels apart', async () => {
    const signature = {
      ...servedVersion(2).signature,
      outputs: [{ name: 'y', datatype: 'INT32', shape: [-1] }],
    } as const;
    const watch = watching({ outputs: ['y'] });
    const { host, infer, of } = await serveRollout({ watch, candidate: servedVersion(2, { signature }) });
    for (let answer = 0; answer < 200; answer += 1) {
      const labels = Int32Array.of(answer % 100, 7);
      host.answers.set(2, () => [{ name: 'y', datatype: 'INT32', shape: [2], data: new Uint8Array(labels.buffer) }]);
      await infer();
    }
    const counted = of(2)?.outputs?.get('y')?.labels ?? new Map<string, number>();
    expect(counted.size).toBe(65);
    expect([counted.get('0'), counted.get('63'), counted.get('other')]).toEqual([2, 2, 72]);
  });
});
