import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Binding, EnsembleSpec, EnsembleStep } from '#domain/ensemble';
import { DomainError } from '#domain/errors';
import type { Tensor } from '#domain/inference';
import { callOf, floats, floatsOf, ManualClock, settled } from '#testing';
import { EnsembleRunner, type MemberCall } from './ensemble-runner.ts';
import type { EnsembleStepRun, InferenceCall, InferenceRun } from './inference-call.ts';

const bindings = (map: Record<string, string>): Binding[] =>
  Object.entries(map).map(([tensor, value]) => ({ tensor, value }));
const model = (
  deployment: string,
  inputs: Record<string, string>,
  outputs: Record<string, string>,
  timeoutMs?: number,
): EnsembleStep => ({
  kind: 'model',
  deployment,
  version: undefined,
  inputs: bindings(inputs),
  outputs: bindings(outputs),
  timeoutMs,
});
const mean = (inputs: string[], output: string, minAnswers = inputs.length): EnsembleStep => ({
  kind: 'combine',
  inputs,
  by: 'mean',
  weights: inputs.map(() => 1),
  minAnswers,
  output,
});
const spec = (name: string, shape: readonly number[] = [-1, 2]) => ({ name, datatype: 'FP32' as const, shape });
const ensemble = (steps: readonly EnsembleStep[], over: Partial<EnsembleSpec> = {}): EnsembleSpec => ({
  inputs: [spec('x')],
  outputs: [spec('y')],
  steps,
  ...over,
});

/** A call of an ensemble to a deployment, which the test answers. */
interface PendingCall extends MemberCall {
  readonly answer: (values: readonly number[], shape?: readonly number[]) => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
}

function running(over: EnsembleSpec) {
  const clock = new ManualClock();
  const calls: PendingCall[] = [];
  const random = { next: 0 };
  const callMember = (call: MemberCall) =>
    new Promise<InferenceRun>((resolve, reject) => {
      calls.push({
        ...call,
        answer: (values, shape = [1, values.length]) => {
          const outputs = call.outputNames.map((name) => floats(name, values, shape));
          resolve({ outputs, rows: 1, batchSize: 1, queueMs: 0, runMs: 0 });
          return settled();
        },
        fail: (error) => {
          reject(error);
          return settled();
        },
      });
    });
  const runner = new EnsembleRunner(over, {
    callMember,
    random01: () => random.next,
    fingerprint: (parts) => parts.map((part) => (typeof part === 'string' ? part : [...part].join())).join(' '),
    timing: { monotonicMs: clock.nowMs, after: clock.after },
  });
  const run = (call: Partial<InferenceCall> = {}) =>
    runner.run(callOf({ inputs: [floats('x', [1, 2], [1, 2])], ...call }));
  const callTo = (deployment: string) => {
    const found = calls.findLast((call) => call.deployment === deployment);
    if (found === undefined) throw new Error(`${deployment} was not called`);
    return found;
  };
  return { clock, calls, callTo, random, run };
}

const valuesOf = ({ outputs }: InferenceRun) => outputs.map(floatsOf);
const three = [
  model('a', { in: 'x' }, { out: 'p' }),
  model('b', { in: 'x' }, { out: 'q' }, 50),
  model('c', { in: 'x' }, { out: 'r' }),
];

describe('EnsembleRunner', () => {
  it('runs steps as soon as they can, those that do not wait for each other at once', async () => {
    const steps = [
      mean(['p', 'q2'], 'y'),
      model('late', { in: 'q' }, { out: 'q2' }),
      model('a', { in: 'x' }, { out: 'p' }),
      model('b', { in: 'x' }, { out: 'q' }),
    ];
    const { run, calls, callTo } = running(ensemble(steps));
    const answer = run();
    await settled();
    expect(calls.map(({ deployment }) => deployment).sort()).toEqual(['a', 'b']);
    expect(callTo('a').inputs.map(({ name }) => name)).toEqual(['in']);
    expect(floatsOf(callTo('a').inputs[0] as Tensor)).toEqual([1, 2]);
    await callTo('b').answer([3, 4]);
    expect(floatsOf(callTo('late').inputs[0] as Tensor)).toEqual([3, 4]);
    await callTo('late').answer([5, 6]);
    await callTo('a').answer([7, 8]);
    expect(valuesOf(await answer)).toEqual([[6, 7]]);
  });

  it('tells of each step as it ends, when somebody listens', async () => {
    const { run, clock, callTo } = running(ensemble([...three, mean(['p', 'q', 'r'], 'y', 2)]));
    const told: EnsembleStepRun[] = [];
    const answer = run({ onStep: (step) => told.push(step) });
    await settled();
    await clock.advance(10);
    await callTo('b').fail(new DomainError('MODEL_RUN_FAILED', 'no'));
    await clock.advance(10);
    await callTo('a').answer([1, 2]);
    await callTo('c').answer([3, 4]);
    await answer;
    expect(
      told.map(({ path, deployment, startedAtMs, endedAtMs, run, error }) => [
        path,
        deployment,
        endedAtMs - startedAtMs,
        run?.rows,
        (error as DomainError | undefined)?.code,
      ]),
    ).toEqual([
      ['steps[1].model', 'b', 10, undefined, 'MODEL_RUN_FAILED'],
      ['steps[0].model', 'a', 20, 1, undefined],
      ['steps[2].model', 'c', 20, 1, undefined],
      ['steps[3].combine', undefined, 0, undefined, undefined],
    ]);
  });

  it('runs what a wanted output depends on, each step once, and nothing else', async () => {
    const outputs = [spec('y'), spec('z'), spec('w')];
    const steps = [
      model('shared', { in: 'x' }, { out: 'p', more: 'z' }),
      mean(['p'], 'y'),
      model('other', { in: 'x' }, { out: 'w' }),
    ];
    const { run, calls, callTo } = running(ensemble(steps, { outputs }));
    const answer = run({ outputNames: ['z', 'y'] });
    await settled();
    expect(calls.map(({ deployment, outputNames }) => [deployment, outputNames])).toEqual([
      ['shared', ['out', 'more']],
    ]);
    await callTo('shared').answer([1, 2]);
    expect((await answer).outputs.map(({ name }) => name)).toEqual(['z', 'y']);
  });

  it('gives members its own deadline, and what the request said of its order and sequence', async () => {
    const { run, callTo } = running(ensemble(three.slice(0, 2).concat(mean(['p', 'q'], 'y'))));
    const sequence = { id: '7', isStart: true, isEnd: false };
    void run({ deadlineAtMs: 900, priority: 2, sequence });
    await settled();
    expect(callTo('a')).toMatchObject({ deadlineAtMs: 900, priority: 2, sequence });
    expect(callTo('b')).toMatchObject({ deadlineAtMs: 50 });
  });

  it('reports the rows of the request and the time that it took', async () => {
    const { run, callTo, clock } = running(ensemble([model('a', { in: 'x' }, { out: 'y' })]));
    const answer = run({ inputs: [floats('x', [1, 2, 3, 4], [2, 2])] });
    await clock.advance(30);
    await callTo('a').answer([1, 2, 3, 4], [2, 2]);
    expect(await answer).toMatchObject({ batchSize: 2, queueMs: 0, runMs: 30 });
  });

  it('gives up at its deadline, whatever its members do', async () => {
    const { run, clock } = running(ensemble([model('a', { in: 'x' }, { out: 'y' })]));
    const answer = expect(run({ deadlineAtMs: 100 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await clock.advance(100);
    await answer;
    expect(clock.timerCount).toBe(0);
  });

  it('names the step that failed, and takes what the client did not ask for off its hands', async () => {
    const failing = async (error: unknown) => {
      const { run, callTo } = running(ensemble([model('a', { in: 'x' }, { out: 'p' }), mean(['p'], 'y')]));
      const outcome = run().catch((failure: unknown) => failure);
      await settled();
      await callTo('a').fail(error);
      return outcome;
    };
    const place = 'steps[1].combine, 0 of 1 answers came, 1 are needed: steps[0].model, a:';
    expect(await failing(new DomainError('MODEL_RUN_FAILED', 'no', { field: 'inputs[0]' }))).toMatchObject({
      code: 'MODEL_RUN_FAILED',
      message: `${place} no`,
      context: {},
    });
    expect(await failing(new DomainError('DEPLOYMENT_NOT_FOUND', 'no'))).toMatchObject({
      code: 'MODEL_VERSION_NOT_READY',
    });
    expect(await failing(new DomainError('REQUEST_TIMED_OUT', 'no'))).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const unforeseen = new TypeError('what');
    expect(await failing(unforeseen)).toBe(unforeseen);
  });

  it('goes on without answers that failed or came too late, when there are enough', async () => {
    const { run, callTo, clock } = running(ensemble([...three, mean(['p', 'q', 'r'], 'y', 1)]));
    const answer = run();
    await settled();
    await callTo('a').fail(new DomainError('RUNNER_LOST', 'no'));
    await callTo('c').answer([4, 8]);
    await clock.advance(50);
    expect(valuesOf(await answer)).toEqual([[4, 8]]);
    await callTo('b').answer([100, 100]);
  });

  it('fails when there are not enough answers', async () => {
    const { run, callTo } = running(ensemble([...three, mean(['p', 'q', 'r'], 'y', 3)]));
    const answer = expect(run()).rejects.toThrow(
      /^steps\[3\]\.combine, 2 of 3 answers came, 3 are needed: steps\[0\]\.model, a: no$/,
    );
    await settled();
    await callTo('a').fail(new DomainError('QUEUE_FULL', 'no'));
    await callTo('b').answer([1, 1]);
    await callTo('c').answer([1, 1]);
    await answer;
  });

  it('says which processing step could not take what it got', async () => {
    const reshape: EnsembleStep = { kind: 'reshape', input: 'p', shape: [3, -1], output: 'y' };
    const { run, callTo } = running(ensemble([model('a', { in: 'x' }, { out: 'p' }), reshape]));
    const answer = expect(run()).rejects.toThrow('steps[1]: reshape.shape: FP32 [1,2] cannot become [3,-1]');
    await settled();
    await callTo('a').answer([1, 2]);
    await answer;
  });

  it('answers nothing that is not such as it is declared', async () => {
    const { run, callTo } = running(ensemble([model('a', { in: 'x' }, { out: 'y' })]));
    const answer = expect(run()).rejects.toMatchObject({
      code: 'MODEL_RUN_FAILED',
      message: 'the ensemble declares "y" as FP32 [-1,2], it is FP32 [1,3]',
    });
    await settled();
    await callTo('a').answer([1, 2, 3]);
    await answer;
  });

  const branch = (deployment: string) => ({
    steps: [model(deployment, { in: 'x' }, { out: 'inner' })],
    outputs: bindings({ y: 'inner' }),
  });

  it('runs one branch of a splitter by chance, or always the same for equal requests', async () => {
    const splitter = (by: 'chance' | 'request'): EnsembleStep => ({
      kind: 'splitter',
      by,
      branches: [
        { weight: 3, ...branch('a') },
        { weight: 1, ...branch('b') },
      ],
    });
    const chance = running(ensemble([splitter('chance')]));
    chance.random.next = 0.74;
    const first = chance.run();
    await settled();
    chance.random.next = 0.76;
    void chance.run();
    await settled();
    expect(chance.calls.map(({ deployment }) => deployment)).toEqual(['a', 'b']);
    await chance.callTo('a').answer([1, 2]);
    expect((await first).outputs[0]).toMatchObject({ name: 'y' });

    const sticky = running(ensemble([splitter('request')]));
    const requests = Array.from({ length: 200 }, (_, index) => floats('x', [index, 0], [1, 2]));
    for (const input of [...requests, ...requests]) void sticky.run({ inputs: [input] });
    await settled();
    const chosen = sticky.calls.map(({ deployment }) => deployment);
    expect(chosen.slice(0, 200)).toEqual(chosen.slice(200));
    // 150 are expected; five standard deviations of a binomial with n = 200 and p = 0.75 are 31.
    expect(Math.abs(chosen.slice(0, 200).filter((name) => name === 'a').length - 150)).toBeLessThan(31);
  });

  it('runs the branch of a switch that a parameter names, and refuses a request that names none', async () => {
    const step: EnsembleStep = {
      kind: 'switch',
      on: { kind: 'parameter', name: 'tier' },
      cases: [
        { condition: { kind: 'equals', operand: 'gold' }, ...branch('a') },
        { condition: { kind: 'equals', operand: 7 }, ...branch('b') },
      ],
      otherwise: undefined,
    };
    const { run, calls } = running(ensemble([step]));
    void run({ parameter: () => 'gold' });
    void run({ parameter: () => 7n });
    await settled();
    expect(calls.map(({ deployment }) => deployment)).toEqual(['a', 'b']);
    await expect(run({ parameter: () => ({}) })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'steps[0].switch: parameters.tier is missing: there are branches for equals "gold", equals 7',
    });
    await expect(run()).rejects.toThrow(/is missing/);
  });

  it('runs the expensive branch only where the cheap model is not sure', async () => {
    const cascade: EnsembleStep[] = [
      model('cheap', { in: 'x' }, { out: 'p', sure: 's' }),
      {
        kind: 'switch',
        on: { kind: 'value', name: 's1' },
        cases: [{ condition: { kind: 'below', operand: 0.7 }, ...branch('dear') }],
        otherwise: { steps: [], outputs: bindings({ y: 'p' }) },
      },
      { kind: 'topK', input: 's', k: 1, values: 's1', indices: undefined },
    ];
    const { run, calls, callTo } = running(ensemble(cascade));
    const easy = run();
    await settled();
    await callTo('cheap').answer([0.9, 0.1]);
    expect(valuesOf(await easy)[0]?.map((value) => Number(value.toFixed(6)))).toEqual([0.9, 0.1]);
    expect(calls).toHaveLength(1);
    const hard = run();
    await settled();
    await callTo('cheap').answer([0.5, 0.5]);
    await callTo('dear').answer([0, 1]);
    expect(valuesOf(await hard)).toEqual([[0, 1]]);
  });

  it('names the place of a step inside branches', async () => {
    const splitter: EnsembleStep = { kind: 'splitter', by: 'chance', branches: [{ weight: 1, ...branch('a') }] };
    const { run, callTo } = running(ensemble([splitter]));
    const answer = expect(run()).rejects.toThrow('steps[0].splitter.branches[0].steps[0].model, a: no');
    await settled();
    await callTo('a').fail(new DomainError('MODEL_RUN_FAILED', 'no'));
    await answer;
  });

  it('answers alike in whatever order its steps are written and its members answer', async () => {
    const steps = [
      ...three,
      model('d', { left: 'p', right: 'q' }, { out: 's' }),
      mean(['q', 'r', 's'], 't'),
      mean(['p', 't'], 'y'),
    ];
    const values: Record<string, readonly number[]> = { a: [1, 1], b: [2, 4], c: [4, 2], d: [6, 9] };
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(steps, { minLength: steps.length }),
        fc.infiniteStream(fc.nat()),
        async (order, picks) => {
          const { run, calls } = running(ensemble(order));
          const answer = run();
          const answered = new Set<PendingCall>();
          while (answered.size < 4) {
            await settled();
            const open = calls.filter((call) => !answered.has(call));
            const call = open[(picks.next().value ?? 0) % open.length] as PendingCall;
            answered.add(call);
            await call.answer(values[call.deployment] ?? []);
          }
          expect(valuesOf(await answer)).toEqual([[2.5, 3]]);
          expect(calls).toHaveLength(4);
        },
      ),
      { numRuns: 30 },
    );
  });
});
