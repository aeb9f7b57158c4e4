import { describe, expect, it } from 'vitest';
import { output, type ScriptedHost, STABLE, servedVersion, serveRollout, turns, watching } from '#testing';
import type { TrafficLedger } from './index.ts';

describe('two builds of one version', () => {
  // The numbers under which the host knows their files.
  const [OLD, NEW] = [1, 10];
  const candidate = servedVersion(1, {}, NEW);
  const filesRun = (host: ScriptedHost) => host.runs.map(({ version }) => version);
  const countsOf = (ledger: TrafficLedger) =>
    Object.fromEntries(ledger.totals.map(({ build, requests, serverErrors }) => [build, [requests, serverErrors]]));

  it('are loaded beside each other, answer for their parts and are counted apart', async () => {
    const { host, infer, ledger, chance } = await serveRollout({ candidate });
    expect(await infer()).toMatchObject({ modelVersion: 1, role: 'candidate' });
    chance.next = STABLE;
    for (let request = 0; request < 3; request += 1) expect(await infer()).toMatchObject({ role: 'stable' });
    expect(filesRun(host)).toEqual([NEW, OLD, OLD, OLD]);
    expect(countsOf(ledger)).toEqual({ [candidate.build]: [1, 0], 'm@1': [3, 0] });
  });

  it("are told apart when the new one fails: stable's own build answers, and the breaker takes out the other", async () => {
    const { host, infer, ledger, trips, set } = await serveRollout({
      candidate,
      breaker: { max: 0.01, logThreshold: Math.log(1e4) },
    });
    host.runErrors.set(NEW, 'MODEL_RUN_FAILED');
    for (let request = 0; request < 3; request += 1) {
      expect(await infer()).toMatchObject({ modelVersion: 1, role: 'stable', isFallback: true });
    }
    expect(filesRun(host)).toEqual([NEW, OLD, NEW, OLD, NEW, OLD]);
    expect(countsOf(ledger)).toEqual({ [candidate.build]: [3, 3] });
    expect(trips).toEqual(['r1']);
    expect(set.routes.get('m')).toMatchObject({ stable: { build: 'm@1' }, pinned: [], notReady: [] });
    expect(await infer()).toMatchObject({ isFallback: false });
  });

  it('have one number, which is stable while both are there; the candidate is asked by its part', async () => {
    const { host, infer } = await serveRollout({ candidate });
    expect(await infer({ modelVersion: '1' })).toMatchObject({ role: 'stable' });
    expect(await infer({ modelVersion: 'candidate' })).toMatchObject({ modelVersion: 1, role: 'candidate' });
    expect(filesRun(host)).toEqual([OLD, NEW]);
  });

  it("are compared by copies of stable's requests", async () => {
    const watch = watching({ agreement: [{ output: 'y', tolerance: 0.01 }] });
    const { host, infer, ledger, chance } = await serveRollout({ candidate, mirrorPercent: 100, watch });
    host.answers.set(NEW, () => [output(2)]);
    chance.next = STABLE;
    await infer();
    host.pass(0);
    await turns();
    const mirrored = ledger.totals.map(({ build, mirrored }) => [build, mirrored?.disagreements.get('y')]);
    expect(mirrored).toEqual([
      ['m@1', undefined],
      [candidate.build, 1],
    ]);
  });

  it.each([
    ['the new one', candidate, [OLD], NEW],
    ['the old one', servedVersion(1), [NEW], OLD],
  ])('are one again when the rollout is over: %s stays, loaded once', async (_, stable, closed, file) => {
    const { host, apply, infer, set } = await serveRollout({ candidate });
    await apply({ stable, candidate: undefined, candidateWeightPercent: 0, rolloutId: '' });
    expect(host.closed).toEqual(closed);
    expect(host.loads).toEqual([OLD, NEW]);
    expect(await infer()).toMatchObject({ role: 'stable' });
    expect(filesRun(host)).toEqual([file]);
    expect(set.reports).toMatchObject([{ build: stable.build, role: 'stable', state: { kind: 'ready' } }]);
  });

  it('of which the candidate went do not begin their rollout again', async () => {
    const { apply, set } = await serveRollout({ candidate });
    await apply({ candidate: undefined, candidateWeightPercent: 0, rolloutId: '' });
    await apply();
    expect([...set.takenOut]).toEqual(['r1']);
  });

  it('are reported each with its own state', async () => {
    const { host, apply, set } = await serveRollout({ candidate: undefined, candidateWeightPercent: 0, rolloutId: '' });
    host.loadErrors.set(NEW, 'MODEL_LOAD_FAILED');
    await apply({ candidate, rolloutId: 'r1' });
    expect(set.reports).toMatchObject([
      { build: 'm@1', role: 'stable', state: { kind: 'ready' } },
      { build: candidate.build, role: 'candidate', state: { kind: 'failed' } },
    ]);
    expect(set.isReady).toBe(true);
  });

  it('are two also where they are the same file for other targets', async () => {
    const build = 'm@1 cuda/fp32';
    const { host, set } = await serveRollout({ candidate: servedVersion(1, { build }) });
    expect(host.loads).toEqual([1, 1]);
    const { stable, candidate } = set.routes.get('m') ?? {};
    expect([stable?.build, candidate?.build]).toEqual(['m@1', build]);
  });
});
