import { describe, expect, it } from 'vitest';
import { DomainError, type ErrorCode } from '#domain/errors';
import { DEFAULT_SERVING_OPTIONS, type Tensor } from '#domain/inference';
import type { Digest } from '#domain/registry';
import { NO_SIGNERS } from '#testing';
import {
  type DesiredRoute,
  type InferenceCall,
  type InferenceObservation,
  type InferenceObserver,
  InferencePipeline,
  type ModelToHost,
  type RunRequest,
  type ServedVersion,
  ServingSet,
  type SlotParts,
  TrafficLedger,
} from './index.ts';

const signature = {
  inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1] }],
  outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1] }],
};
const input = (shape = [1]): Tensor => ({ name: 'x', datatype: 'FP32', shape, data: new Uint8Array(4) });
const versionOf = (version: number): ServedVersion => ({
  model: 'm',
  version,
  build: `m@${version}`,
  signature,
  variants: [
    {
      target: 'cpu',
      precision: 'fp32',
      format: 'onnx',
      files: [{ path: 'm.onnx', digest: `sha256:${String(version).padStart(64, '0')}` as Digest, sizeBytes: 1 }],
    },
  ],
});

/** A host whose models do what the test says, by version. It stands for the outside system at its port. */
class ScriptedHost {
  readonly failures = new Map<number, ErrorCode>();
  readonly closed: number[] = [];
  readonly lose = new Map<number, (reason: string) => void>();
  /** Versions in the order of their runs. */
  readonly runs: number[] = [];
  readonly timers: { readonly atMs: number; readonly task: () => void }[] = [];
  clockMs = 0;
  loadError: ErrorCode | undefined;
  hold: Promise<void> | undefined;
  /** Versions that never answer. */
  readonly stuck = new Set<number>();

  readonly parts: SlotParts = {
    artifacts: { materialise: async ([file]) => String(Number(file?.digest.slice(7))) },
    host: { cores: 1, canRun: ({ target }) => target === 'cpu', load: (model) => this.#load(model) },
    after: (delayMs, task) => {
      this.timers.push({ atMs: this.clockMs + delayMs, task });
      return () => {};
    },
    soon: (task) => task(),
    monotonicMs: () => this.clockMs,
    nowMs: () => 0,
    observeRun: () => {},
    signers: NO_SIGNERS,
    fingerprint: () => '',
    ensembles: { callModel: async () => Promise.reject(new Error('there are no ensembles')), random01: () => 0 },
  };

  /** Lets time pass, and what is due happen. */
  advanceTo(clockMs: number): void {
    this.clockMs = clockMs;
    for (const { atMs, task } of [...this.timers]) if (atMs <= clockMs) task();
  }

  async #load({ modelPath, onLost }: ModelToHost) {
    const version = Number(modelPath);
    if (this.loadError !== undefined) throw new DomainError(this.loadError, 'cannot load');
    this.lose.set(version, onLost);
    let isWarm = false;
    return {
      profile: { intraOpThreads: 1, runMs: 1, isRowIndependent: false },
      freeRuns: 1,
      run: async ({ inputs }: RunRequest) => {
        if (isWarm) this.runs.push(version);
        const failure = isWarm ? this.failures.get(version) : undefined;
        isWarm = true;
        await this.hold;
        if (this.stuck.has(version)) await new Promise(() => {});
        if (failure !== undefined) throw new DomainError(failure, `version ${version} fails`);
        const outputs = inputs.map(({ pieces, ...tensor }) => ({ ...tensor, name: 'y', data: Buffer.concat(pieces) }));
        return { outputs, runMs: 1 };
      },
      close: async () => void this.closed.push(version),
    };
  }
}

const routeOf = (over: Partial<DesiredRoute> = {}): DesiredRoute => ({
  namespace: 'default',
  name: 'm',
  stable: versionOf(1),
  candidate: versionOf(2),
  candidateWeightPercent: 50,
  rolloutId: 'r1',
  fallbackToStable: true,
  deadlineMs: 1000,
  maxConcurrency: 4,
  serving: DEFAULT_SERVING_OPTIONS,
  ...over,
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function serve(route: DesiredRoute) {
  const host = new ScriptedHost();
  const set = new ServingSet(host.parts, () => {});
  const observations: InferenceObservation[] = [];
  const errors = { count: 0 };
  const ledger = new TrafficLedger(() => 42, {
    onError: () => {
      errors.count += 1;
    },
    onTrip: ({ rolloutId }) => set.takeOut(rolloutId),
  });
  const random = { next: 0 };
  const pipeline = new InferencePipeline({
    routes: () => set.routes,
    ledger,
    random01: () => random.next,
    monotonicMs: () => host.clockMs,
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    observe: (observation) => observations.push(observation),
  });
  set.apply({ revision: 1, deployments: [route] });
  await settled();
  const infer = (
    over: { version?: string; inputs?: Tensor[]; timeoutMs?: number; observer?: InferenceObserver } = {},
  ) =>
    pipeline.infer({
      modelName: 'm',
      modelVersion: over.version ?? '',
      inputs: over.inputs ?? [input()],
      outputNames: [],
      timeoutMs: over.timeoutMs,
      observer: over.observer,
    });
  return { host, set, pipeline, ledger, observations, errors, random, infer };
}

const CANDIDATE = 0;
const STABLE = 0.99;

describe('InferencePipeline', () => {
  it('answers from the version that chance picked', async () => {
    const { infer, random } = await serve(routeOf());
    expect(await infer()).toMatchObject({ modelVersion: 2, role: 'candidate', isFallback: false });
    random.next = STABLE;
    expect(await infer()).toMatchObject({ modelVersion: 1, role: 'stable' });
  });

  it.each<ErrorCode>(['MODEL_RUN_FAILED', 'DEADLINE_EXCEEDED', 'RUNNER_LOST'])(
    'lets stable answer in the same request when the candidate fails with %s, and counts it against the candidate',
    async (code) => {
      const { host, infer, ledger, errors, observations } = await serve(routeOf());
      host.failures.set(2, code);
      expect(await infer()).toMatchObject({ modelVersion: 1, isFallback: true });
      expect(ledger.totals).toMatchObject([
        { build: 'm@2', requests: 1, serverErrors: 1, fallbacks: 1, firstErrorAtMs: 42, lastError: 'version 2 fails' },
      ]);
      expect(errors.count).toBe(1);
      expect(observations.map(({ version, outcome }) => [version, outcome])).toEqual([
        [2, 'server_error'],
        [1, 'success'],
      ]);
    },
  );

  it('lets stable answer when the candidate is full, and counts nothing against it', async () => {
    const { host, infer, ledger, errors, observations } = await serve(routeOf());
    host.failures.set(2, 'QUEUE_FULL');
    expect(await infer()).toMatchObject({ modelVersion: 1, isFallback: true });
    expect(ledger.totals).toEqual([]);
    expect(errors.count).toBe(0);
    expect(observations.map(({ version, outcome }) => [version, outcome])).toEqual([
      [2, 'refused'],
      [1, 'success'],
    ]);
    host.failures.set(1, 'QUEUE_FULL');
    await expect(infer()).rejects.toMatchObject({ code: 'QUEUE_FULL', message: 'version 1 fails' });
  });

  it('leaves stable its share of the deadline', async () => {
    const { host, infer } = await serve(routeOf({ deadlineMs: 1000 }));
    host.stuck.add(2);
    const answer = infer();
    host.advanceTo(499);
    await settled();
    expect(host.runs).toEqual([2]);
    host.advanceTo(500);
    expect(await answer).toMatchObject({ modelVersion: 1, isFallback: true });
  });

  it('passes the failure on where there is no fallback', async () => {
    const { host, infer, random } = await serve(routeOf({ fallbackToStable: false }));
    host.failures.set(2, 'MODEL_RUN_FAILED').set(1, 'MODEL_RUN_FAILED');
    await expect(infer()).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
    random.next = STABLE;
    await expect(infer()).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
  });

  it('does not count what the client did wrong, nor versions that the client named', async () => {
    const { host, infer, ledger } = await serve(routeOf());
    await expect(infer({ inputs: [input([1, 1])] })).rejects.toMatchObject({ code: 'TENSOR_INVALID' });
    host.failures.set(2, 'MODEL_RUN_FAILED');
    await expect(infer({ version: '2' })).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
    expect(ledger.totals).toEqual([]);
  });

  it('counts nothing outside of a rollout', async () => {
    const { infer, ledger, random } = await serve(routeOf({ candidate: undefined, rolloutId: '' }));
    random.next = CANDIDATE;
    await infer();
    expect(ledger.totals).toEqual([]);
  });

  it('refuses at once what is beyond the limit, and takes requests again when some have ended', async () => {
    const { host, infer, pipeline, set, observations } = await serve(routeOf({ maxConcurrency: 2 }));
    let release = () => {};
    host.hold = new Promise((resolve) => {
      release = () => resolve();
    });
    const running = [infer(), infer()];
    await expect(infer()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(() => pipeline.refuseIfFull('m')).not.toThrow();
    set.apply({ revision: 2, deployments: [routeOf({ maxConcurrency: 2, candidate: undefined })] });
    expect(() => pipeline.refuseIfFull('m')).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }));
    expect(observations.at(-1)).toMatchObject({ outcome: 'refused', version: 1 });
    release();
    await Promise.all(running);
    await expect(infer()).resolves.toBeDefined();
  });
});

describe("a request's own observer", () => {
  it('is told of each version that was asked, when, and why it did not answer', async () => {
    const { host, infer, random } = await serve(routeOf());
    random.next = CANDIDATE;
    host.clockMs = 7;
    host.failures.set(2, 'MODEL_RUN_FAILED');
    const seen: InferenceObservation[] = [];
    await infer({ observer: { observe: (observation) => void seen.push(observation) } });
    expect(seen).toMatchObject([
      { version: 2, role: 'candidate', outcome: 'server_error', askedAtMs: 7, error: { code: 'MODEL_RUN_FAILED' } },
      { version: 1, role: 'stable', outcome: 'success', isFallback: true, run: { batchSize: 1 }, error: undefined },
    ]);
  });

  it('is told what an ensemble did; nobody notes it otherwise', async () => {
    const listeners: InferenceCall['onStep'][] = [];
    const { set, infer } = await serve(routeOf({ candidate: undefined }));
    const step = {
      path: 'steps[0].model',
      deployment: 'a',
      startedAtMs: 1,
      endedAtMs: 2,
      run: undefined,
      error: undefined,
    };
    const { stable } = set.routes.get('m') ?? {};
    if (stable === undefined) throw new Error('nothing is served');
    stable.run = async ({ onStep }) => {
      listeners.push(onStep);
      onStep?.(step);
      return { outputs: [], rows: 1, batchSize: 1, queueMs: 0, runMs: 0 };
    };
    const seen: InferenceObservation[] = [];
    await infer({ observer: { observe: (observation) => void seen.push(observation) } });
    await infer();
    expect(seen.map(({ steps }) => steps)).toEqual([[step]]);
    expect(listeners.map((listener) => typeof listener)).toEqual(['function', 'undefined']);
  });

  it.each([
    ['client_error', 'TENSOR_INVALID', [input([1, 1])], 4],
    ['refused', 'QUEUE_FULL', [input()], 0],
  ] as const)('is told of what no version ran: %s for %s', async (outcome, code, inputs, maxConcurrency) => {
    const { infer, observations } = await serve(routeOf({ maxConcurrency }));
    const seen: InferenceObservation[] = [];
    const observer = { observe: (observation: InferenceObservation) => void seen.push(observation) };
    await expect(infer({ inputs: [...inputs], observer })).rejects.toMatchObject({ code });
    expect(seen).toMatchObject([{ outcome, version: 2, run: undefined, error: { code } }]);
    expect(observations).toEqual(seen);
  });
});

describe('ServingSet', () => {
  it('keeps the old stable version until the new one is ready, then frees it', async () => {
    const { host, set, infer } = await serve(routeOf({ candidate: undefined }));
    host.loadError = 'STORE_UNAVAILABLE';
    set.apply({ revision: 2, deployments: [routeOf({ stable: versionOf(3), candidate: undefined })] });
    await settled();
    expect(await infer()).toMatchObject({ modelVersion: 1 });
    host.loadError = undefined;
    set.apply({ revision: 3, deployments: [routeOf({ stable: versionOf(4), candidate: undefined })] });
    await settled();
    expect(await infer()).toMatchObject({ modelVersion: 4 });
    expect(host.closed).toContain(1);
  });

  it('promotes without loading anything anew: the very runner that was tried goes on', async () => {
    const { host, set, infer } = await serve(routeOf());
    set.apply({ revision: 2, deployments: [routeOf({ stable: versionOf(2), candidate: undefined })] });
    expect(await infer()).toMatchObject({ modelVersion: 2, role: 'stable' });
    expect(host.closed).toEqual([1]);
  });

  it('ends a runner only when its last request has ended', async () => {
    const { host, set, infer } = await serve(routeOf());
    let release = () => {};
    host.hold = new Promise((resolve) => {
      release = () => resolve();
    });
    const running = infer();
    await settled();
    set.apply({ revision: 2, deployments: [routeOf({ candidate: undefined })] });
    expect(host.closed).toEqual([]);
    release();
    expect(await running).toMatchObject({ modelVersion: 2 });
    expect(host.closed).toEqual([2]);
  });

  it('ignores snapshots that are older than the one it has', async () => {
    const { set } = await serve(routeOf());
    expect(set.apply({ revision: 1, deployments: [] })).toBe(false);
    expect(set.routes.size).toBe(1);
  });

  it('tells why a version cannot be loaded, and which it has', async () => {
    const { host, set } = await serve(routeOf({ candidate: undefined }));
    host.loadError = 'MODEL_LOAD_FAILED';
    set.apply({ revision: 2, deployments: [routeOf()] });
    await settled();
    expect(set.reports).toMatchObject([
      { version: 1, state: { kind: 'ready' }, variant: 'cpu/fp32' },
      { version: 2, state: { kind: 'failed', code: 'MODEL_LOAD_FAILED' } },
    ]);
  });

  it('takes a model that keeps killing its runner while it loads for broken', async () => {
    const { host, set } = await serve(routeOf({ candidate: undefined }));
    const retries: (() => void)[] = [];
    Object.assign(host.parts, {
      after: (_delayMs: number, task: () => void) => {
        retries.push(task);
        return () => {};
      },
    });
    host.loadError = 'RUNNER_LOST';
    set.apply({ revision: 2, deployments: [routeOf()] });
    const states: string[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await settled();
      states.push(set.reports[1]?.state.kind ?? 'none');
      retries.shift()?.();
    }
    expect(states).toEqual(['loading', 'loading', 'failed']);
  });

  it('takes a version out of traffic while its runner is lost, and back in with a new one', async () => {
    const { host, set, infer } = await serve(routeOf());
    host.lose.get(2)?.('signal SIGKILL');
    expect(set.routes.get('m')?.candidate).toBeUndefined();
    await settled();
    expect(await infer()).toMatchObject({ modelVersion: 2 });
  });
});

describe("a request's own timeout", () => {
  it('ends its waiting and nothing else: the run goes on, holds its place and is judged by its end', async () => {
    const { host, infer, random, ledger, observations } = await serve(routeOf({ maxConcurrency: 1 }));
    random.next = CANDIDATE;
    let release = () => {};
    host.hold = new Promise((resolve) => {
      release = () => resolve();
    });
    await expect(infer({ timeoutMs: 5 })).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' });
    expect(host.runs).toEqual([2]);
    await expect(infer()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(ledger.totals).toEqual([]);
    release();
    await settled();
    expect(observations).toMatchObject([{ outcome: 'refused' }, { version: 2, outcome: 'success' }]);
    host.hold = undefined;
    expect(await infer({ timeoutMs: 1000 })).toMatchObject({ modelVersion: 2 });
  });

  it('that is too short for any answer runs nothing', async () => {
    const { host, infer } = await serve(routeOf());
    await expect(infer({ timeoutMs: 0.001 })).rejects.toMatchObject({ code: 'REQUEST_TIMED_OUT' });
    expect(host.runs).toEqual([]);
  });
});
