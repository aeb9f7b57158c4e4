import { describe, expect, it } from 'vitest';
import type { EnsembleSpec, EnsembleStep } from '#domain/ensemble';
import { callOf, floats, floatsOf, ManualClock } from '#testing';
import { EnsembleSlot, type Member } from './ensemble-slot.ts';

const spec = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] });
const model = (deployment: string, output: string): EnsembleStep => ({
  kind: 'model',
  deployment,
  version: undefined,
  inputs: [{ tensor: 'in', value: 'x' }],
  outputs: [{ tensor: 'out', value: output }],
  timeoutMs: undefined,
});
const ensemble: EnsembleSpec = {
  inputs: [spec('x')],
  outputs: [spec('y')],
  steps: [
    model('a', 'p'),
    model('b', 'q'),
    { kind: 'combine', inputs: ['p', 'q'], by: 'mean', weights: [1, 1], minAnswers: 1, output: 'y' },
  ],
};
const signature = { inputs: [spec('in')], outputs: [spec('out')] };

function slotOver(members: Record<string, Member>) {
  const clock = new ManualClock();
  const served = {
    model: 'both',
    version: 3,
    build: 'ensemble both@3',
    signature: { inputs: ensemble.inputs, outputs: ensemble.outputs },
    variants: [],
  };
  const slot = new EnsembleSlot(served, ensemble, {
    callMember: async ({ deployment, outputNames }) => {
      if (members[deployment]?.isReady !== true) throw new Error(`${deployment} is away`);
      return { outputs: outputNames.map((name) => floats(name, [4])), rows: 1, batchSize: 1, queueMs: 0, runMs: 0 };
    },
    random01: () => 0,
    fingerprint: () => '',
    timing: { monotonicMs: clock.nowMs, after: clock.after },
  });
  const review = () => slot.review((deployment) => members[deployment] ?? { problem: 'is not served' });
  const answer = async () => (await slot.run(callOf({ inputs: [floats('x', [1])] }))).outputs.map(floatsOf);
  return { slot, review, answer };
}

describe('EnsembleSlot', () => {
  it('is ready when all its parts are, and tells when that changes', async () => {
    const members: Record<string, Member> = { a: { signature, isReady: true }, b: { signature, isReady: false } };
    const { slot, review, answer } = slotOver(members);
    expect([review(), slot.state.kind]).toEqual([false, 'loading']);
    members['b'] = { signature, isReady: true };
    expect([review(), slot.state.kind]).toEqual([true, 'ready']);
    expect(review()).toBe(false);
    expect(await answer()).toEqual([[4]]);
  });

  it('goes on answering while a part is away that it can do without', async () => {
    const members: Record<string, Member> = { a: { signature, isReady: true }, b: { signature, isReady: false } };
    const { review, answer } = slotOver(members);
    review();
    expect(await answer()).toEqual([[4]]);
  });

  it('says what does not fit, and answers nothing then', async () => {
    const other = { inputs: [{ ...spec('in'), datatype: 'INT8' as const }], outputs: [spec('out')] };
    const { slot, review, answer } = slotOver({ a: { signature: other, isReady: true } });
    expect(review()).toBe(true);
    const message =
      'spec.ensemble.steps[0].model.inputs.in a wants INT8 [-1], but "x" is FP32 [-1]; ' +
      'spec.ensemble.steps[1].model.deployment b is not served';
    expect(slot.state).toEqual({ kind: 'failed', code: 'ENSEMBLE_INVALID', message });
    await expect(answer()).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_READY' });
  });

  it('stays closed once it is', () => {
    const { slot, review } = slotOver({});
    slot.close();
    expect([review(), slot.state.kind]).toEqual([false, 'closed']);
  });
});
