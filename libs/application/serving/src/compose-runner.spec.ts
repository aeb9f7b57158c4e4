import { expect, it } from 'vitest';
import { type CacheOptions, DEFAULT_SERVING_OPTIONS, type SequenceOptions } from '#domain/inference';
import { callOf, floats, ManualClock, ScriptedRunner } from '#testing';
import { composeRunner } from './compose-runner.ts';
import type { ServedVersion } from './serving-snapshot.ts';

const served: ServedVersion = {
  model: 'm',
  version: 1,
  build: 'm@1',
  signature: {
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [-1] },
      { name: 's', datatype: 'FP32', shape: [1] },
    ],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
  },
  variants: [],
};
const cache: CacheOptions = { maxBytes: 10_000, ttlMs: undefined };
const sequence: SequenceOptions = {
  states: [{ output: 'y', input: 's' }],
  startInput: undefined,
  endInput: undefined,
  maxSequences: 1,
  maxIdleMs: 1000,
};

function composed(options: { cache?: CacheOptions; sequence?: SequenceOptions }) {
  const clock = new ManualClock();
  const inner = new ScriptedRunner();
  const timing = { monotonicMs: clock.nowMs, after: clock.after };
  const fingerprint = (parts: readonly (string | Uint8Array)[]) => JSON.stringify(parts);
  const runner = composeRunner(inner, served, { ...DEFAULT_SERVING_OPTIONS, ...options }, { fingerprint, timing });
  return { inner, runner };
}

it('composeRunner passes calls on when nothing is asked for', async () => {
  const { inner, runner } = composed({});
  void runner.run(callOf());
  void runner.run(callOf());
  expect(inner.calls).toHaveLength(2);
  expect(runner.cacheProfile).toBeUndefined();
});

it('composeRunner puts a cache before the version, and forgets its answers when it is closed', async () => {
  const { inner, runner } = composed({ cache });
  const first = runner.run(callOf());
  inner.at(0).answer([floats('y', [1])]);
  await first;
  await runner.run(callOf());
  expect(runner.cacheProfile).toMatchObject({ entryCount: 1 });
  runner.close();
  expect(runner.cacheProfile).toMatchObject({ entryCount: 0 });
});

it('composeRunner puts sequences before the version', async () => {
  const { inner, runner } = composed({ sequence });
  const first = runner.run(callOf({ sequence: { id: 'a', isStart: true, isEnd: false } }));
  await Promise.resolve();
  inner.at(0).answer([floats('y', [1])]);
  await first;
  expect([runner.sequenceCount, runner.holdsSequence('a'), runner.holdsSequence('b')]).toEqual([1, true, false]);
});

it('composeRunner refuses to keep the answers of a model with state', () => {
  expect(() => composed({ cache, sequence })).toThrow(/spec\.cache: /);
});
