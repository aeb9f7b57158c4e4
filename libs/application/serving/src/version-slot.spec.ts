import { describe, expect, it } from 'vitest';
import { DomainError, type ErrorCode } from '#domain/errors';
import { DEFAULT_SERVING_OPTIONS } from '#domain/inference';
import type { Digest } from '#domain/registry';
import { NO_SIGNERS } from '#testing';
import {
  type HostedModel,
  type InferenceCall,
  type ModelToHost,
  type RunAnswer,
  type ServedVersion,
  VersionSlot,
} from './index.ts';

const spec = { name: 'x', datatype: 'UINT8' as const, shape: [1] };
const served: ServedVersion = {
  model: 'm',
  version: 1,
  build: 'm@1',
  signature: { inputs: [spec], outputs: [{ ...spec, name: 'y' }] },
  variants: [
    {
      target: 'cpu',
      precision: 'fp32',
      format: 'onnx',
      files: [{ path: 'm.onnx', digest: `sha256:${'0'.repeat(64)}` as Digest, sizeBytes: 1 }],
    },
  ],
};
const call: InferenceCall = {
  inputs: [{ ...spec, data: new Uint8Array(1) }],
  outputNames: ['y'],
  deadlineAtMs: 1e9,
  priority: 0,
  sequence: undefined,
  isRetriedOnLoss: true,
};
const answer: RunAnswer = { outputs: [{ ...spec, name: 'y', data: new Uint8Array(1) }], runMs: 5 };

/** A runner that answers at once until it is lost. */
class Runner implements HostedModel {
  readonly profile = { intraOpThreads: 1, runMs: 5, isRowIndependent: false };
  readonly freeRuns = 16;
  isClosed = false;
  /** Whether runs wait for `lose`. */
  isStuck = false;
  readonly #model: ModelToHost;
  #fail = (_error: Error) => {};

  constructor(model: ModelToHost) {
    this.#model = model;
  }

  run(): Promise<RunAnswer> {
    if (!this.isStuck) return Promise.resolve(answer);
    return new Promise((_, reject) => {
      this.#fail = reject;
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  lose(): void {
    this.#fail(new DomainError('RUNNER_LOST', 'gone'));
    this.#model.onLost('signal SIGKILL');
  }
}

type Outcomes = readonly (ErrorCode | undefined)[];

/** A slot that was told to load, and the world around it. */
function open(instances: number, { loads = [], pulls = [] }: { loads?: Outcomes; pulls?: Outcomes } = {}) {
  const world = {
    clockMs: 0,
    runners: [] as Runner[],
    /** Errors of the next loads and pulls; without one they succeed. */
    loads: [...loads],
    pulls: [...pulls],
    /** Loads wait while it is set. */
    hold: undefined as Promise<void> | undefined,
    timers: [] as { atMs: number; task: () => void }[],
    signals: [] as AbortSignal[],
  };
  const throwNext = (errors: (ErrorCode | undefined)[]) => {
    const code = errors.shift();
    if (code !== undefined) throw new DomainError(code, 'as the test has it');
  };
  const slot = new VersionSlot(
    { label: 'm@1', modelName: 'm', served },
    { deadlineMs: 1e6, maxConcurrency: 8, serving: { ...DEFAULT_SERVING_OPTIONS, instances } },
    {
      artifacts: {
        materialise: async () => {
          throwNext(world.pulls);
          return 'm.onnx';
        },
      },
      signers: NO_SIGNERS,
      host: {
        cores: 4,
        canRun: () => true,
        load: async (model) => {
          world.signals.push(model.signal);
          await world.hold;
          throwNext(world.loads);
          const runner = new Runner(model);
          world.runners.push(runner);
          return runner;
        },
      },
      after: (delayMs, task) => {
        const timer = { atMs: world.clockMs + delayMs, task };
        world.timers.push(timer);
        return () => {
          if (world.timers.includes(timer)) world.timers.splice(world.timers.indexOf(timer), 1);
        };
      },
      soon: (task) => setImmediate(task),
      monotonicMs: () => world.clockMs,
      nowMs: () => world.clockMs,
      observeRun: () => {},
      fingerprint: () => '',
      ensembles: { callModel: () => Promise.reject(new Error('there are none')), random01: () => 0 },
    },
    {
      onChange: () => {},
      admit: async ({ memory }) => {
        memory.reserve();
        return 'admitted';
      },
    },
  );
  const settled = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const advance = async (byMs: number) => {
    world.clockMs += byMs;
    for (const timer of [...world.timers]) {
      if (timer.atMs > world.clockMs) continue;
      world.timers.splice(world.timers.indexOf(timer), 1);
      timer.task();
    }
    await settled();
  };
  void slot.start();
  return { slot, world, settled, advance, alive: () => world.runners.filter(({ isClosed }) => !isClosed).length };
}

describe('VersionSlot', () => {
  it('serves with the instances that it has when another cannot be loaded, and tries again', async () => {
    const { slot, world, settled, advance } = open(2);
    await settled();
    expect(slot.profile?.instances).toBe(2);
    world.loads.push('MODEL_LOAD_FAILED');
    world.runners[0]?.lose();
    await settled();
    expect(slot.state.kind).toBe('ready');
    await expect(slot.run(call)).resolves.toMatchObject(answer);
    await advance(30_000);
    expect(slot.profile?.instances).toBe(2);
  });

  it('loads the second instance later when it could not be loaded at first', async () => {
    const { slot, settled, advance } = open(2, { loads: [undefined, 'RUNNER_LOST'] });
    await settled();
    expect(slot.profile?.instances).toBe(1);
    await advance(10_000);
    expect(slot.profile?.instances).toBe(2);
  });

  it('fails its calls at once when it lost its runner too often', async () => {
    const { slot, world, settled, alive } = open(1);
    await settled();
    for (let losses = 0; losses < 2; losses += 1) {
      world.runners.at(-1)?.lose();
      await settled();
    }
    const runner = world.runners.at(-1);
    if (runner !== undefined) runner.isStuck = true;
    const running = expect(slot.run(call)).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_READY' });
    await settled();
    runner?.lose();
    await running;
    expect(slot.state).toMatchObject({ kind: 'failed', code: 'RUNNER_LOST' });
    await expect(slot.run(call)).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_READY' });
    expect(alive()).toBe(3);
  });

  it('stays failed when an instance that was being loaded comes late, until it is tried again', async () => {
    const { slot, world, settled, advance } = open(3);
    await settled();
    let release = () => {};
    world.hold = new Promise((resolve) => {
      release = resolve;
    });
    for (const runner of [...world.runners]) {
      runner.lose();
      await settled();
    }
    expect(slot.state.kind).toBe('failed');
    release();
    await settled();
    expect(slot.state.kind).toBe('failed');
    expect(world.runners.at(-1)?.isClosed).toBe(true);
    expect(slot.profile?.instances).toBe(0);
    await advance(30_000);
    expect(slot.state.kind).toBe('ready');
  });

  it('ends a load that is not wanted any more', async () => {
    const { slot, world, settled, alive } = open(1);
    let release = () => {};
    world.hold = new Promise((resolve) => {
      release = resolve;
    });
    await settled();
    slot.close();
    expect(world.signals[0]?.aborted).toBe(true);
    release();
    await settled();
    expect(alive()).toBe(0);
  });

  it('refuses calls at once when it is closed', async () => {
    const { slot, settled } = open(1);
    await settled();
    slot.close();
    await expect(slot.run(call)).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_READY' });
  });

  it('pulls again what arrived damaged, and gives up after three times', async () => {
    const pulls = ['ARTIFACT_CORRUPT', 'ARTIFACT_CORRUPT', 'ARTIFACT_CORRUPT'] as const;
    const { slot, settled, advance } = open(1, { pulls });
    await settled();
    const states = [slot.state.kind];
    for (const pauseMs of [250, 500]) {
      await advance(pauseMs);
      states.push(slot.state.kind);
    }
    expect(states).toEqual(['loading', 'loading', 'failed']);
    await advance(1000);
    expect(slot.state.kind).toBe('ready');
  });

  it('asks again soon for what the store did not bring, however long that has lasted', async () => {
    const pausesMs = [250, 500, 1000, 2000, 4000, 5000, 5000, 5000];
    const { slot, settled, advance } = open(1, { pulls: pausesMs.map(() => 'STORE_UNAVAILABLE' as const) });
    await settled();
    for (const pauseMs of pausesMs) {
      expect(slot.state.kind).toBe('loading');
      await advance(pauseMs);
    }
    expect(slot.state.kind).toBe('ready');
  });

  it('leaves a model that takes long to fail a long time in peace', async () => {
    const { slot, world, settled, advance } = open(1, { loads: ['DEADLINE_EXCEEDED'] });
    let release = () => {};
    world.hold = new Promise((resolve) => {
      release = resolve;
    });
    await settled();
    world.clockMs += 120_000;
    release();
    await settled();
    expect(slot.state).toMatchObject({ kind: 'failed', code: 'DEADLINE_EXCEEDED' });
    await advance(1_199_000);
    expect(slot.state.kind).toBe('failed');
    await advance(1000);
    expect(slot.state.kind).toBe('ready');
  });
});
