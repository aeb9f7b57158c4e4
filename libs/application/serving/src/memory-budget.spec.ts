import { beforeEach, describe, expect, it } from 'vitest';
import { desiredRoute, ScriptedHost, servedVersion, turns } from '#testing';
import { type DesiredRoute, type MemoryEvent, type RoutedSlot, ServingSet } from './index.ts';

const MIB = 1024 * 1024;
/** A version of one byte is taken for a runner without a model, until it is measured. */
const ESTIMATE_MIB = 65;
const IDLE_MS = 10_000;

let host: ScriptedHost;
let set: ServingSet;
let revision: number;
let events: MemoryEvent[];

/** A gateway with room for so many versions, each of which turns out to take 100 MiB. */
const open = (budgetMib: number) => {
  host = new ScriptedHost();
  for (let version = 1; version < 10; version += 1) host.residentBytes.set(version, 100 * MIB);
  events = [];
  const parts = { ...host.parts, onMemory: (event: MemoryEvent) => events.push(event) };
  set = new ServingSet(parts, () => {}, { budgetBytes: budgetMib * MIB, idleAfterMs: IDLE_MS });
  revision = 0;
};
beforeEach(() => open(310));

const apply = async (...deployments: DesiredRoute[]) => {
  revision += 1;
  set.apply({ revision, deployments });
  await turns();
};
const pinned = (...versions: number[]) => versions.map((version) => servedVersion(version));
const deployment = (name: string, version: number, over: Partial<DesiredRoute> = {}) =>
  desiredRoute({ name, stable: servedVersion(version), ...over });
const states = () => Object.fromEntries(set.reports.map(({ version, state }) => [version, state.kind]));
const slotOf = (version: number, model = 'm') => {
  const route = set.routes.get(model);
  const slot = [route?.stable, route?.candidate, ...(route?.pinned ?? [])].find((one) => one?.version === version);
  if (slot === undefined) throw new Error(`version ${version} of ${model} is not in the route`);
  return slot;
};
const run = async (slot: RoutedSlot, timeoutMs: number) => {
  const deadlineAtMs = host.nowMs + timeoutMs;
  const call = { inputs: [], outputNames: [], deadlineAtMs, priority: 0, sequence: undefined, isRetriedOnLoss: true };
  return (await slot.run(call)).outputs;
};
const infer = async (version: number, model = 'm', timeoutMs = 1000) => {
  host.nowMs += 1;
  const answer = run(slotOf(version, model), timeoutMs);
  // Whoever waits for the answer meets its failure.
  answer.catch(() => {});
  await turns();
  return answer;
};

describe('the memory budget', () => {
  it('keeps versions that are served by name asleep when there is no room, in traffic all the same', async () => {
    await apply(desiredRoute({ pinned: pinned(4, 3, 2) }));
    expect(states()).toEqual({ 1: 'ready', 4: 'ready', 3: 'ready', 2: 'sleeping' });
    expect(set.routes.get('m')?.pinned?.map(({ version }) => version)).toEqual([4, 3, 2]);
    expect(set.isReady).toBe(true);
    expect(host.loads).toEqual([1, 4, 3]);
  });

  it('loads a sleeping version for its first request, in the place of the one that was used least recently', async () => {
    await apply(desiredRoute({ pinned: pinned(4, 3, 2) }));
    await infer(4);
    expect(await infer(2)).toEqual([]);
    expect(states()).toEqual({ 1: 'ready', 4: 'ready', 3: 'sleeping', 2: 'ready' });
    expect(host.closed).toEqual([3]);
    expect(events).toEqual(
      [
        { kind: 'slept', model: 'm', version: 3, sizeBytes: 100 * MIB },
        { kind: 'woke', model: 'm', version: 2, sizeBytes: ESTIMATE_MIB * MIB },
      ].map((event) => expect.objectContaining({ ...event, sizeBytes: expect.any(Number) })),
    );
  });

  it('loads once for all requests that wait, and lets each wait no longer than it can', async () => {
    await apply(desiredRoute({ pinned: pinned(4, 3, 2) }));
    let release = () => {};
    host.holds.set(2, new Promise((resolve) => (release = resolve)));
    const slot = slotOf(2);
    const answers = [run(slot, 500), run(slot, 900), run(slot, 900)];
    await turns();
    expect(slot.state.kind).toBe('sleeping');
    host.pass(500);
    await expect(answers[0]).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_READY', isRetryable: true });
    release();
    expect(await Promise.all(answers.slice(1))).toEqual([[], []]);
    expect(host.loads.filter((version) => version === 2)).toHaveLength(1);
  });

  it('says that there is no room when everything else is in use, and finds some later', async () => {
    open(210);
    await apply(deployment('a', 1), deployment('b', 2, { pinned: pinned(3) }));
    expect(states()).toEqual({ 1: 'ready', 2: 'ready', 3: 'sleeping' });
    await expect(infer(3, 'b')).rejects.toMatchObject({
      code: 'MEMORY_BUDGET_EXCEEDED',
      isRetryable: true,
      message: expect.stringMatching(/needs about 65 MiB; 10 of 210 MiB are free/),
    });
    host.nowMs += IDLE_MS;
    await infer(1, 'a');
    expect(await infer(3, 'b')).toEqual([]);
    expect(states()).toEqual({ 1: 'ready', 2: 'sleeping', 3: 'ready' });
    expect(set.routes.get('b')?.stable.state.kind).toBe('sleeping');
  });

  it('wakes a stable version at its next request', async () => {
    open(110);
    await apply(deployment('a', 1));
    host.nowMs += IDLE_MS;
    await apply(deployment('a', 1), deployment('b', 2));
    expect(states()).toEqual({ 1: 'sleeping', 2: 'ready' });
    expect(set.isReady).toBe(true);
    host.nowMs += IDLE_MS;
    expect(await infer(1, 'a')).toEqual([]);
    expect(states()).toEqual({ 1: 'ready', 2: 'sleeping' });
  });

  it('fails a version that nothing makes room for, and leaves what serves alone', async () => {
    open(110);
    await apply(deployment('a', 1));
    await apply(deployment('a', 1, { candidate: servedVersion(2) }));
    expect(states()).toEqual({ 1: 'ready', 2: 'failed' });
    expect(set.reports[1]?.state).toMatchObject({ code: 'MEMORY_BUDGET_EXCEEDED' });
    expect(host.closed).toEqual([]);
  });

  it('puts nobody to sleep who takes part in a rollout, and wakes stable for it', async () => {
    open(210);
    await apply(deployment('a', 1));
    host.nowMs += IDLE_MS;
    await apply(deployment('a', 1), deployment('b', 2), deployment('c', 3));
    expect(states()).toEqual({ 1: 'sleeping', 2: 'ready', 3: 'ready' });
    host.nowMs += IDLE_MS;
    await apply(deployment('a', 1, { candidate: servedVersion(4) }));
    expect(states()).toEqual({ 1: 'ready', 4: 'ready' });
    host.nowMs += IDLE_MS;
    await apply(deployment('a', 1, { candidate: servedVersion(4) }), deployment('b', 2));
    expect(states()).toEqual({ 1: 'ready', 4: 'ready', 2: 'failed' });
  });

  it('has a sleeping version loaded before it is a candidate', async () => {
    await apply(desiredRoute({ pinned: pinned(4, 3, 2) }));
    let release = () => {};
    host.holds.set(2, new Promise((resolve) => (release = resolve)));
    await apply(desiredRoute({ candidate: servedVersion(2) }));
    expect(states()).toEqual({ 1: 'ready', 2: 'loading' });
    expect(set.routes.get('m')?.candidate).toBeUndefined();
    release();
    await turns();
    expect(set.routes.get('m')?.candidate?.version).toBe(2);
  });

  it('loads a version that became a candidate while it was on its way to sleep', async () => {
    open(210);
    // Measuring takes a while: meanwhile the version that waits for room gets another part.
    await apply(desiredRoute({ pinned: pinned(3) }));
    const measuring = Promise.withResolvers<void>();
    host.measuring = measuring.promise;
    await apply(desiredRoute({ pinned: pinned(3, 2) }));
    await apply(desiredRoute({ candidate: servedVersion(2), pinned: pinned(3) }));
    measuring.resolve();
    await turns();
    expect(states()).toEqual({ 1: 'ready', 2: 'ready', 3: 'sleeping' });
  });

  it('lets a version go that is not wanted any more while it waits for room', async () => {
    await apply(desiredRoute());
    const measuring = Promise.withResolvers<void>();
    host.measuring = measuring.promise;
    await apply(desiredRoute({ pinned: pinned(2) }));
    await apply(desiredRoute());
    measuring.resolve();
    await turns();
    expect(host.loads).toEqual([1]);
    expect(states()).toEqual({ 1: 'ready' });
  });

  it('keeps the place of a version whose runner was lost', async () => {
    open(110);
    await apply(deployment('a', 1));
    let release = () => {};
    host.holds.set(1, new Promise((resolve) => (release = resolve)));
    host.lose.get(1)?.('signal SIGKILL');
    await apply(deployment('a', 1), deployment('b', 2));
    release();
    await turns();
    expect(states()).toEqual({ 1: 'ready', 2: 'failed' });
  });

  it('gives up waiting when the version cannot be loaded any more', async () => {
    await apply(desiredRoute({ pinned: pinned(4, 3, 2) }));
    host.loadErrors.set(2, 'MODEL_LOAD_FAILED');
    await expect(infer(2)).rejects.toMatchObject({
      code: 'MODEL_VERSION_NOT_READY',
      message: expect.stringContaining('version 2 cannot be loaded'),
    });
    expect(states()[2]).toBe('failed');
  });

  it('is no limit when it is 0', async () => {
    open(0);
    await apply(desiredRoute({ pinned: pinned(2, 3, 4, 5, 6) }));
    expect(new Set(Object.values(states()))).toEqual(new Set(['ready']));
  });
});
