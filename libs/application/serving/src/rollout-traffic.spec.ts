import { describe, expect, it } from 'vitest';
import type { Tensor } from '#domain/inference';
import { type TrafficWatch, WATCH_NOTHING } from '#domain/traffic';
import { desiredRoute, ScriptedHost, servedVersion, turns } from '#testing';
import {
  type DesiredRoute,
  InferencePipeline,
  type InferenceRequest,
  type MirrorOutcome,
  ServingSet,
  TrafficLedger,
} from './index.ts';

const CANDIDATE = 0;
const STABLE = 0.999;
const numbers = (...values: number[]): Tensor => ({
  name: 'x',
  datatype: 'FP32',
  shape: [values.length],
  data: new Uint8Array(Float32Array.from(values).buffer),
});
const valuesIn = ([first]: readonly Tensor[]) =>
  first === undefined ? [] : [...new Float32Array(first.data.slice().buffer)];
const output = (...values: number[]): Tensor => ({ ...numbers(...values), name: 'y' });
const watching = (over: Partial<TrafficWatch>): TrafficWatch => ({ ...WATCH_NOTHING, ...over });

/** A gateway without processes in a rollout of version 2 beside version 1. */
async function serve(over: Partial<DesiredRoute> = {}) {
  const host = new ScriptedHost();
  const set = new ServingSet(host.parts, () => {});
  const trips: string[] = [];
  const ledger = new TrafficLedger(() => 42, {
    onError: () => {},
    onTrip: ({ rolloutId }) => {
      trips.push(rolloutId);
      set.takeOut(rolloutId);
    },
  });
  const chance = { next: CANDIDATE, mirror: 0 };
  const outcomes: MirrorOutcome[] = [];
  let draws = 0;
  const pipeline = new InferencePipeline({
    ...host.parts,
    routes: () => set.routes,
    ledger,
    // The first draw of a request is for its version, the second one for its copy.
    random01: () => (draws++ % 2 === 0 ? chance.next : chance.mirror),
    observe: () => {},
    observeMirrored: ({ outcome }) => outcomes.push(outcome),
  });
  let revision = 0;
  const apply = async (changed: Partial<DesiredRoute> = {}) => {
    revision += 1;
    const route = { candidate: servedVersion(2), candidateWeightPercent: 50, rolloutId: 'r1', ...over, ...changed };
    set.apply({ revision, deployments: [desiredRoute(route)] });
    await turns();
  };
  await apply();
  // Those of the warm-up.
  host.runs.length = 0;
  const infer = (asked: Partial<InferenceRequest> = {}) => {
    draws = 0;
    return pipeline.infer({ modelName: 'm', modelVersion: '', inputs: [numbers(1)], outputNames: [], ...asked });
  };
  const of = (version: number) => ledger.totals.find(({ build }) => build === `m@${version}`);
  return { host, set, ledger, apply, infer, of, chance, trips, outcomes };
}

describe('a candidate that fails a request', () => {
  it('by an answer that does not fit its signature is stepped in for, and has failed', async () => {
    const { host, infer, of } = await serve();
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
    const { infer, of } = await serve({ candidate: servedVersion(2, { signature }) });
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
    const { host, infer } = await serve({ candidate: servedVersion(2, { signature: { ...signature, outputs } }) });
    host.runErrors.set(2, 'MODEL_RUN_FAILED');
    expect((await infer()).outputs.map(({ name }) => name)).toEqual(['y']);
  });

  it('by NaN is stepped in for while a gate asks, which counts as no error of the server', async () => {
    const { host, apply, infer, of } = await serve({ watch: watching({ nonFinite: true }) });
    host.answers.set(2, () => [output(Number.NaN)]);
    expect(await infer()).toMatchObject({ modelVersion: 1, isFallback: true });
    expect(of(2)).toMatchObject({ requests: 1, serverErrors: 0, nonFinite: 1, fallbacks: 1 });
    await apply({ watch: WATCH_NOTHING });
    expect(await infer()).toMatchObject({ modelVersion: 2, isFallback: false });
    expect(of(2)).toMatchObject({ requests: 2, nonFinite: 1, fallbacks: 1 });
  });

  it('by NaN where nobody steps in answers with it, and is counted', async () => {
    const { host, infer, of } = await serve({ watch: watching({ nonFinite: true }), fallbackToStable: false });
    host.answers.set(2, () => [output(Number.POSITIVE_INFINITY)]);
    expect(await infer()).toMatchObject({ modelVersion: 2 });
    expect(of(2)).toMatchObject({ requests: 1, serverErrors: 0, nonFinite: 1, fallbacks: 0 });
  });

  it('is stepped in for where the request matched, which is not counted; not where it was named', async () => {
    const { host, infer, ledger, chance } = await serve({ match: { headers: { 'x-beta': 'yes' } } });
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
    const { apply, infer, set, of } = await serve();
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
    const { apply, set } = await serve();
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
    const { host, infer, of, trips, set } = await serve({ breaker, match, mirrorPercent: 100 });
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
    const { host, apply, infer, set } = await serve({ breaker });
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
    const { host, infer, chance, trips } = await serve({ breaker });
    host.runErrors.set(1, 'MODEL_RUN_FAILED').set(2, 'MODEL_RUN_FAILED');
    chance.next = STABLE;
    await infer().catch(() => {});
    chance.next = CANDIDATE;
    for (let request = 0; request < 20; request += 1) await infer().catch(() => {});
    expect(trips).toEqual([]);
  });

  it('is not impressed by as many errors as may be', async () => {
    const { host, infer, trips } = await serve({ breaker: { ...breaker, max: 0.5 } });
    for (let request = 0; request < 100; request += 1) {
      if (request % 2 === 0) host.runErrors.set(2, 'MODEL_RUN_FAILED');
      else host.runErrors.clear();
      await infer();
    }
    expect(trips).toEqual([]);
  });

  it('leaves it to the controller where the route has none', async () => {
    const { host, infer, of } = await serve();
    host.runErrors.set(2, 'MODEL_RUN_FAILED');
    for (let request = 0; request < 20; request += 1) await infer();
    expect(of(2)?.serverErrors).toBe(20);
  });
});

describe('two builds of one version', () => {
  // The numbers under which the host knows their files.
  const [OLD, NEW] = [1, 10];
  const candidate = servedVersion(1, {}, NEW);
  const filesRun = (host: ScriptedHost) => host.runs.map(({ version }) => version);
  const countsOf = (ledger: TrafficLedger) =>
    Object.fromEntries(ledger.totals.map(({ build, requests, serverErrors }) => [build, [requests, serverErrors]]));

  it('are loaded beside each other, answer for their parts and are counted apart', async () => {
    const { host, infer, ledger, chance } = await serve({ candidate });
    expect(await infer()).toMatchObject({ modelVersion: 1, role: 'candidate' });
    chance.next = STABLE;
    for (let request = 0; request < 3; request += 1) expect(await infer()).toMatchObject({ role: 'stable' });
    expect(filesRun(host)).toEqual([NEW, OLD, OLD, OLD]);
    expect(countsOf(ledger)).toEqual({ [candidate.build]: [1, 0], 'm@1': [3, 0] });
  });

  it("are told apart when the new one fails: stable's own build answers, and the breaker takes out the other", async () => {
    const { host, infer, ledger, trips, set } = await serve({
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
    const { host, infer } = await serve({ candidate });
    expect(await infer({ modelVersion: '1' })).toMatchObject({ role: 'stable' });
    expect(await infer({ modelVersion: 'candidate' })).toMatchObject({ modelVersion: 1, role: 'candidate' });
    expect(filesRun(host)).toEqual([OLD, NEW]);
  });

  it("are compared by copies of stable's requests", async () => {
    const watch = watching({ agreement: [{ output: 'y', tolerance: 0.01 }] });
    const { host, infer, ledger, chance } = await serve({ candidate, mirrorPercent: 100, watch });
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
    const { host, apply, infer, set } = await serve({ candidate });
    await apply({ stable, candidate: undefined, candidateWeightPercent: 0, rolloutId: '' });
    expect(host.closed).toEqual(closed);
    expect(host.loads).toEqual([OLD, NEW]);
    expect(await infer()).toMatchObject({ role: 'stable' });
    expect(filesRun(host)).toEqual([file]);
    expect(set.reports).toMatchObject([{ build: stable.build, role: 'stable', state: { kind: 'ready' } }]);
  });

  it('of which the candidate went do not begin their rollout again', async () => {
    const { apply, set } = await serve({ candidate });
    await apply({ candidate: undefined, candidateWeightPercent: 0, rolloutId: '' });
    await apply();
    expect([...set.takenOut]).toEqual(['r1']);
  });

  it('are reported each with its own state', async () => {
    const { host, apply, set } = await serve({ candidate: undefined, candidateWeightPercent: 0, rolloutId: '' });
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
    const { host, set } = await serve({ candidate: servedVersion(1, { build }) });
    expect(host.loads).toEqual([1, 1]);
    const { stable, candidate } = set.routes.get('m') ?? {};
    expect([stable?.build, candidate?.build]).toEqual(['m@1', build]);
  });
});

describe('a mirrored request', () => {
  const watch = watching({ agreement: [{ output: 'y', tolerance: 0.01 }] });
  const mirror = async (over: Partial<DesiredRoute> = {}) => {
    const served = await serve({ candidateWeightPercent: 0, mirrorPercent: 100, watch, ...over });
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

describe('what is looked at in answers', () => {
  it('is nothing that no gate asks for', async () => {
    const { infer, of } = await serve({ watch: WATCH_NOTHING });
    await infer();
    const { latency, nonFinite, constant, outputs, mirrored } = of(2) ?? {};
    expect([latency, nonFinite, constant, outputs, mirrored]).toEqual(Array(5).fill(undefined));
  });

  it('is how long they took', async () => {
    const { host, infer, of } = await serve({ watch: watching({ latency: true }) });
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
    const { host, infer, of } = await serve({ watch: watching({ constant: true }) });
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
    const { infer, of, chance } = await serve({ watch: watching({ outputs: ['y', 'none'] }) });
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
    const { host, infer, of } = await serve({ watch, candidate: servedVersion(2, { signature }) });
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
