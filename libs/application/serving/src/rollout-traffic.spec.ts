import { describe, expect, it } from 'vitest';
import { WATCH_NOTHING } from '#domain/traffic';
import { CANDIDATE, numbers, output, STABLE, servedVersion, serveRollout, watching } from '#testing';

describe('a candidate that fails a request', () => {
  it('by an answer that does not fit its signature is stepped in for, and has failed', async () => {
    const { host, infer, of } = await serveRollout();
    host.answers.set(2, () => [{ ...output(1), shape: [1, 1] }]);
    expect(await infer()).toMatchObject({ modelVersion: 1, isFallback: true });
    expect(of(2)).toMatchObject({ requests: 1, serverErrors: 1, fallbacks: 1 });
    expect(of(2)?.lastError).toContain('output "y" has shape [1,1] and not [-1]');
  });

  it('by refusing what stable takes is stepped in for, and has failed', async () => {
    const signature = {
      ...servedVersion(2).signature,
      inputs: [{ name: 'z', datatype: 'FP32', shape: [-1] }],
    } as const;
    const { infer, of } = await serveRollout({ candidate: servedVersion(2, { signature }) });
    expect(await infer()).toMatchObject({ modelVersion: 1, isFallback: true });
    expect(of(2)).toMatchObject({ requests: 1, serverErrors: 1, fallbacks: 1 });
    await expect(infer({ inputs: [{ ...numbers(1), name: 'unknown' }] })).rejects.toMatchObject({
      code: 'TENSOR_INVALID',
    });
    expect(of(2)).toMatchObject({ requests: 1 });
  });

  it('has stable answer with the outputs that stable has', async () => {
    const signature = servedVersion(2).signature;
    const outputs = [...signature.outputs, { name: 'more', datatype: 'FP32', shape: [-1] }] as const;
    const { host, infer } = await serveRollout({
      candidate: servedVersion(2, { signature: { ...signature, outputs } }),
    });
    host.runErrors.set(2, 'MODEL_RUN_FAILED');
    expect((await infer()).outputs.map(({ name }) => name)).toEqual(['y']);
  });

  it('by NaN is stepped in for while a gate asks, which counts as no error of the server', async () => {
    const { host, apply, infer, of } = await serveRollout({ watch: watching({ nonFinite: true }) });
    host.answers.set(2, () => [output(Number.NaN)]);
    expect(await infer()).toMatchObject({ modelVersion: 1, isFallback: true });
    expect(of(2)).toMatchObject({ requests: 1, serverErrors: 0, nonFinite: 1, fallbacks: 1 });
    await apply({ watch: WATCH_NOTHING });
    expect(await infer()).toMatchObject({ modelVersion: 2, isFallback: false });
    expect(of(2)).toMatchObject({ requests: 2, nonFinite: 1, fallbacks: 1 });
  });

  it('by NaN where nobody steps in answers with it, and is counted', async () => {
    const { host, infer, of } = await serveRollout({ watch: watching({ nonFinite: true }), fallbackToStable: false });
    host.answers.set(2, () => [output(Number.POSITIVE_INFINITY)]);
    expect(await infer()).toMatchObject({ modelVersion: 2 });
    expect(of(2)).toMatchObject({ requests: 1, serverErrors: 0, nonFinite: 1, fallbacks: 0 });
  });

  it('is stepped in for where the request matched, which is not counted; not where it was named', async () => {
    const { host, infer, ledger, chance } = await serveRollout({ match: { headers: { 'x-beta': 'yes' } } });
    chance.next = STABLE;
    host.runErrors.set(2, 'MODEL_RUN_FAILED');
    const header = (name: string) => (name === 'x-beta' ? 'yes' : undefined);
    expect(await infer({ header })).toMatchObject({ modelVersion: 1, isFallback: true });
    await expect(infer({ modelVersion: 'candidate' })).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
    expect(ledger.totals).toEqual([]);
  });
});

describe('a rollout that is over', () => {
  const over = { candidate: undefined, candidateWeightPercent: 0, rolloutId: '' };

  it('does not begin again where a controller knows nothing of its end, who is told', async () => {
    const { apply, infer, set, of } = await serveRollout();
    await apply(over);
    await apply();
    expect(await infer()).toMatchObject({ modelVersion: 1, isFallback: false });
    expect([...set.takenOut]).toEqual(['r1']);
    await apply({ rolloutId: 'r2' });
    expect(await infer()).toMatchObject({ modelVersion: 2 });
    expect([...set.takenOut]).toEqual([]);
    expect(of(2)).toMatchObject({ rolloutId: 'r2' });
  });

  it('with a promotion is no reason to mistrust what comes next', async () => {
    const { apply, set } = await serveRollout();
    await apply({ ...over, stable: servedVersion(2) });
    await apply({ stable: servedVersion(2), candidate: servedVersion(3) });
    expect([...set.takenOut]).toEqual([]);
  });
});

describe("a gateway's own breaker", () => {
  const breaker = { max: 0.01, logThreshold: Math.log(1e4) };
  const match = { headers: { 'x-beta': 'yes' } };
  const header = () => 'yes';

  it('gives a candidate that fails no fourth request, also none that matches or asks for a preview', async () => {
    const { host, infer, of, trips, set } = await serveRollout({ breaker, match, mirrorPercent: 100 });
    host.runErrors.set(2, 'MODEL_RUN_FAILED');
    for (let request = 0; request < 10; request += 1) expect(await infer()).toMatchObject({ modelVersion: 1 });
    expect(of(2)).toMatchObject({ requests: 3, serverErrors: 3 });
    expect(trips).toEqual(['r1']);
    expect(set.takenOut).toEqual(new Set(['r1']));
    expect(await infer({ header })).toMatchObject({ modelVersion: 1, isFallback: false });
    expect(await infer({ modelVersion: 'candidate' })).toMatchObject({ modelVersion: 1, isFallback: false });
    await expect(infer({ modelVersion: '2' })).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
    expect(host.runs.filter(({ version }) => version === 2)).toHaveLength(4);
  });

  it('stays as it is for this rollout, and lets the next one in', async () => {
    const { host, apply, infer, set } = await serveRollout({ breaker });
    host.runErrors.set(2, 'MODEL_RUN_FAILED');
    for (let request = 0; request < 3; request += 1) await infer();
    host.runErrors.clear();
    await apply({ candidateWeightPercent: 100 });
    expect(await infer()).toMatchObject({ modelVersion: 1 });
    await apply({ rolloutId: 'r2' });
    expect(await infer()).toMatchObject({ modelVersion: 2 });
    expect(set.takenOut.size).toBe(0);
  });

  it('blames no candidate for what befalls stable too', async () => {
    const { host, infer, chance, trips } = await serveRollout({ breaker });
    host.runErrors.set(1, 'MODEL_RUN_FAILED').set(2, 'MODEL_RUN_FAILED');
    chance.next = STABLE;
    await infer().catch(() => {});
    chance.next = CANDIDATE;
    for (let request = 0; request < 20; request += 1) await infer().catch(() => {});
    expect(trips).toEqual([]);
  });

  it('is not impressed by as many errors as may be', async () => {
    const { host, infer, trips } = await serveRollout({ breaker: { ...breaker, max: 0.5 } });
    for (let request = 0; request < 100; request += 1) {
      if (request % 2 === 0) host.runErrors.set(2, 'MODEL_RUN_FAILED');
      else host.runErrors.clear();
      await infer();
    }
    expect(trips).toEqual([]);
  });

  it('leaves it to the controller where the route has none', async () => {
    const { host, infer, of } = await serveRollout();
    host.runErrors.set(2, 'MODEL_RUN_FAILED');
    for (let request = 0; request < 20; request += 1) await infer();
    expect(of(2)?.serverErrors).toBe(20);
  });
});
