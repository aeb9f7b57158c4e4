import { beforeEach, describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import { DEFAULT_SERVING_OPTIONS } from '#domain/inference';
import type { Digest } from '#domain/registry';
import { desiredRoute, ScriptedHost, servedVersion, turns } from '#testing';
import { type DesiredRoute, type RecordedRequest, ServingSet } from './index.ts';

let host: ScriptedHost;
let set: ServingSet;
let revision: number;

beforeEach(() => {
  host = new ScriptedHost();
  set = new ServingSet(host.parts, () => {});
  revision = 0;
});

const apply = async (...deployments: DesiredRoute[]) => {
  revision += 1;
  set.apply({ revision, deployments });
  await turns();
};
const pinned = (...versions: number[]) => versions.map((version) => servedVersion(version));
const routed = (model = 'm') => set.routes.get(model)?.pinned?.map(({ version }) => version);
const statesOf = () => set.reports.map(({ version, role, state }) => [version, role, state.kind]);

describe('versions that are served by name', () => {
  it('are loaded one at a time, after the stable version', async () => {
    let release = () => {};
    host.holds.set(1, new Promise((resolve) => (release = resolve)));
    host.holds.set(3, new Promise(() => {}));
    await apply(desiredRoute({ pinned: pinned(3, 2) }));
    expect(host.loads).toEqual([1]);
    release();
    await turns();
    expect(host.loads).toEqual([1, 3]);
    expect(statesOf()).toEqual([
      [1, 'stable', 'ready'],
      [3, 'pinned', 'loading'],
      [2, 'pinned', 'loading'],
    ]);
  });

  it('stand in the route when they are ready, and no request without a name gets there', async () => {
    await apply(desiredRoute({ pinned: pinned(3, 2) }));
    expect(routed()).toEqual([3, 2]);
    expect(set.isReady).toBe(true);
  });

  it('leave the deployment as it is when they cannot be loaded, and the others too', async () => {
    host.loadErrors.set(3, 'MODEL_LOAD_FAILED');
    await apply(desiredRoute({ pinned: pinned(3, 2) }), desiredRoute({ name: 'n', pinned: pinned(3) }));
    expect(routed()).toEqual([2]);
    expect(set.routes.get('m')?.notReady).toEqual([3]);
    expect(set.isReady).toBe(true);
    expect(statesOf()).toEqual([
      [1, 'stable', 'ready'],
      [3, 'pinned', 'failed'],
      [2, 'pinned', 'ready'],
      [1, 'stable', 'ready'],
      [3, 'pinned', 'failed'],
    ]);
  });

  it('become candidate and stable without being loaded again, and served by name again afterwards', async () => {
    await apply(desiredRoute({ pinned: pinned(2) }));
    await apply(desiredRoute({ candidate: servedVersion(2) }));
    expect(set.routes.get('m')).toMatchObject({ stable: { version: 1 }, candidate: { version: 2 }, pinned: [] });
    await apply(desiredRoute({ stable: servedVersion(2), pinned: pinned(1) }));
    expect(set.routes.get('m')).toMatchObject({ stable: { version: 2 }, pinned: [{ version: 1 }] });
    expect(host.loads).toEqual([1, 2]);
    expect(host.closed).toEqual([]);
  });

  it('are tried afresh as a candidate, whatever became of them before', async () => {
    host.loadErrors.set(2, 'MODEL_LOAD_FAILED');
    await apply(desiredRoute({ pinned: pinned(2) }));
    host.loadErrors.clear();
    await apply(desiredRoute({ candidate: servedVersion(2) }));
    expect(statesOf()).toEqual([
      [1, 'stable', 'ready'],
      [2, 'candidate', 'ready'],
    ]);
  });

  it('are in the route once while the stable version of before still answers', async () => {
    await apply(desiredRoute());
    host.holds.set(2, new Promise(() => {}));
    await apply(desiredRoute({ stable: servedVersion(2), pinned: pinned(1) }));
    expect(set.routes.get('m')).toMatchObject({ stable: { version: 1 }, pinned: [] });
  });

  it('are freed when they are not wanted any more, and never loaded when that was so before their turn', async () => {
    let release = () => {};
    host.holds.set(3, new Promise((resolve) => (release = resolve)));
    await apply(desiredRoute({ pinned: pinned(2, 3, 4) }));
    await apply(desiredRoute());
    expect(host.closed).toEqual([2]);
    release();
    await turns();
    expect(host.loads).toEqual([1, 2, 3]);
    expect(host.closed).toEqual([2, 3]);
    expect(routed()).toEqual([]);
  });

  it('answer in their old build until the new one is ready, and go on with it when there is none', async () => {
    const [OLD, NEW] = [2, 20];
    await apply(desiredRoute({ pinned: pinned(2) }));
    let fail = () => {};
    host.holds.set(NEW, new Promise((_, reject) => (fail = () => reject(new DomainError('MODEL_LOAD_FAILED', 'no')))));
    const other = desiredRoute({ pinned: [servedVersion(2, {}, NEW)] });
    await apply(other);
    expect(host.loads).toEqual([1, OLD, NEW]);
    expect(set.routes.get('m')).toMatchObject({ pinned: [{ build: 'm@2', state: { kind: 'ready' } }], notReady: [] });
    fail();
    await turns();
    expect(set.reports[1]).toMatchObject({ build: 'm@2 cpu/20', role: 'pinned', state: { kind: 'failed' } });
    expect(routed()).toEqual([2]);
    host.holds.clear();
    for (const { delayMs } of [...host.delayed]) host.pass(delayMs);
    await turns();
    expect(set.routes.get('m')).toMatchObject({ pinned: [{ build: 'm@2 cpu/20', state: { kind: 'ready' } }] });
    expect(host.closed).toEqual([OLD]);
  });

  it('keep their files in the cache, as everything does that is held', async () => {
    await apply(desiredRoute({ pinned: pinned(2) }));
    const digestOf = (version: number) => servedVersion(version).variants[0]?.files[0]?.digest as never;
    expect([1, 2, 3].map((version) => set.uses(digestOf(version)))).toEqual([true, true, false]);
  });
});

describe('the warm-up', () => {
  const withRecording = (version: number) => {
    const served = servedVersion(version);
    const [variant] = served.variants;
    if (variant === undefined) throw new Error('it has a variant');
    const digest = `sha256:${'9'.repeat(64)}` as Digest;
    const files = [...variant.files, { path: 'warmup/one.json', digest, sizeBytes: 1 }];
    return { ...served, variants: [{ ...variant, files }] };
  };
  const data = new Uint8Array(Float32Array.from([5]).buffer);
  const recording: RecordedRequest = {
    file: 'warmup/one.json',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data }],
    outputNames: [],
  };

  it('runs what ships with the version, and the sizes of batch that the deployment wants, before any request', async () => {
    set = new ServingSet({ ...host.parts, recorded: { read: async () => [recording] } }, () => {});
    const serving = { ...DEFAULT_SERVING_OPTIONS, batching: { maxBatchSize: 4, maxDelayMs: 0, preferredSizes: [] } };
    await apply(desiredRoute({ stable: withRecording(1), serving }));
    expect(set.isReady).toBe(true);
    expect(host.runs.map(({ inputs }) => inputs[0]?.shape)).toEqual([[1], [4]]);
    expect(host.runs[0]?.inputs[0]?.data).toEqual(data);
  });

  it('that fails keeps the version out of traffic, and says which request it was', async () => {
    set = new ServingSet({ ...host.parts, recorded: { read: async () => [recording] } }, () => {});
    await apply(desiredRoute());
    host.runErrors.set(2, 'MODEL_RUN_FAILED');
    await apply(desiredRoute({ stable: withRecording(2) }));
    expect(set.routes.get('m')).toMatchObject({ stable: { version: 1 } });
    expect(set.reports[0]?.state).toEqual({
      kind: 'failed',
      code: 'MODEL_LOAD_FAILED',
      message: 'the warm-up with warmup/one.json failed: version 2 fails',
    });
    expect(host.closed).toEqual([2]);
  });

  it('is not begun when a recorded request cannot be read', async () => {
    const read = async () => Promise.reject(new DomainError('MODEL_LOAD_FAILED', 'warmup/one.json is no JSON'));
    set = new ServingSet({ ...host.parts, recorded: { read } }, () => {});
    await apply(desiredRoute({ stable: withRecording(1) }));
    expect(set.reports[0]?.state).toMatchObject({ kind: 'failed', message: 'warmup/one.json is no JSON' });
    expect(host.loads).toEqual([]);
  });
});
