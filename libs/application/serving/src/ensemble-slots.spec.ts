import { beforeEach, describe, expect, it } from 'vitest';
import type { EnsembleSpec, EnsembleStep } from '#domain/ensemble';
import { callOf, desiredRoute, floats, floatsOf, ScriptedHost, servedVersion, turns } from '#testing';
import { type DesiredRoute, type MemberCall, type ServedVersion, ServingSet } from './index.ts';

let host: ScriptedHost;
let set: ServingSet;
let revision: number;
let calls: { modelName: string; call: MemberCall }[];

beforeEach(() => {
  calls = [];
  revision = 0;
  host = new ScriptedHost();
  host.callModel = async (modelName, call) => {
    calls.push({ modelName, call });
    return { outputs: call.outputNames.map((name) => floats(name, [7])), rows: 1, batchSize: 1, queueMs: 0, runMs: 0 };
  };
  set = new ServingSet(host.parts, () => {});
});

const apply = async (...deployments: DesiredRoute[]) => {
  revision += 1;
  set.apply({ revision, deployments });
  await turns();
};
const spec = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] });
const call = (deployment: string, version?: number): EnsembleStep => ({
  kind: 'model',
  deployment,
  version,
  inputs: [{ tensor: 'x', value: 'in' }],
  outputs: [{ tensor: 'y', value: 'out' }],
  timeoutMs: undefined,
});
const ensemble = (version: number, step: EnsembleStep): ServedVersion => {
  const graph: EnsembleSpec = { inputs: [spec('in')], outputs: [spec('out')], steps: [step] };
  return {
    model: 'e',
    version,
    build: `ensemble e@${version}`,
    signature: { inputs: graph.inputs, outputs: graph.outputs },
    variants: [],
    ensemble: graph,
  };
};
const serving = (stable: ServedVersion | undefined, over: Partial<DesiredRoute> = {}) =>
  desiredRoute({ name: 'e', stable, ...over });
const stateOf = (name = 'e') => set.reports.filter(({ deployment }) => deployment === name).map(({ state }) => state);
const answerOf = async (model = 'e') => {
  const slot = set.routes.get(model)?.stable;
  if (slot === undefined) throw new Error(`${model} is not routed`);
  const { outputs } = await slot.run(callOf({ inputs: [floats('in', [1])], outputNames: ['out'] }));
  return outputs.map(floatsOf);
};

describe('ensembles in a serving set', () => {
  it('are routed when all that they call is, and call it as clients do', async () => {
    let release = () => {};
    host.holds.set(1, new Promise((resolve) => (release = resolve)));
    await apply(serving(ensemble(5, call('m'))), desiredRoute());
    expect(stateOf()).toEqual([{ kind: 'loading' }]);
    expect([set.routes.has('e'), set.isReady]).toEqual([false, false]);
    release();
    await turns();
    expect(set.isReady).toBe(true);
    expect(set.reports).toMatchObject([
      { deployment: 'e', version: 5, variant: 'ensemble', state: { kind: 'ready' } },
      {},
    ]);
    expect(await answerOf()).toEqual([[7]]);
    expect(calls).toMatchObject([{ modelName: 'm', call: { version: undefined, outputNames: ['y'] } }]);
    expect(set.routes.get('e')?.stable.view.signature.inputs).toEqual([spec('in')]);
  });

  it('call versions that are served by name, and deployments of their own namespace', async () => {
    const namespace = 'risk';
    const member = desiredRoute({ namespace, pinned: [servedVersion(2)] });
    await apply(member, serving(ensemble(1, call('m', 2)), { namespace }));
    expect(await answerOf('risk:e')).toEqual([[7]]);
    expect(calls).toMatchObject([{ modelName: 'risk:m', call: { version: 2 } }]);
    await apply(member, serving(ensemble(2, call('m', 3)), { namespace }));
    expect(stateOf()).toMatchObject([
      { kind: 'failed', message: 'spec.ensemble.steps[0].model.version version 3 of m is not served' },
    ]);
  });

  it('come up when what they call does, and say what is missing until then', async () => {
    await apply(serving(ensemble(1, call('m'))));
    expect(stateOf()).toEqual([
      { kind: 'failed', code: 'ENSEMBLE_INVALID', message: 'spec.ensemble.steps[0].model.deployment m is not served' },
    ]);
    await apply(serving(ensemble(1, call('m'))), desiredRoute());
    expect(stateOf()).toEqual([{ kind: 'ready' }]);
    await apply(serving(ensemble(1, call('m'))));
    expect(stateOf()).toMatchObject([{ kind: 'failed' }]);
    await expect(answerOf()).rejects.toMatchObject({ code: 'MODEL_VERSION_NOT_READY' });
  });

  it('give way to a new one when that fits, and not before', async () => {
    await apply(desiredRoute(), serving(ensemble(1, call('m')), { candidate: ensemble(2, call('gone')) }));
    expect(stateOf().map(({ kind }) => kind)).toEqual(['ready', 'failed']);
    expect(set.routes.get('e')).toMatchObject({ stable: { version: 1 } });
    expect(set.routes.get('e')?.candidate).toBeUndefined();
    const old = set.routes.get('e')?.stable;
    await apply(desiredRoute(), serving(ensemble(3, call('m'))));
    expect(set.routes.get('e')?.stable.version).toBe(3);
    expect(old?.state).toEqual({ kind: 'closed' });
  });

  it('do not call each other', async () => {
    await apply(
      desiredRoute(),
      serving(ensemble(1, call('m'))),
      desiredRoute({ name: 'f', stable: ensemble(1, call('e')) }),
    );
    expect(stateOf('f')).toMatchObject([
      { message: 'spec.ensemble.steps[0].model.deployment e is an ensemble, and ensembles do not call each other' },
    ]);
  });

  it('take the place of a model, and give it back', async () => {
    await apply(desiredRoute({ name: 'e' }), desiredRoute());
    await apply(serving(servedVersion(1), { candidate: ensemble(2, call('m')) }), desiredRoute());
    expect(set.routes.get('e')).toMatchObject({ stable: { version: 1 }, candidate: { version: 2 } });
    await apply(serving(ensemble(2, call('m'))), desiredRoute());
    expect(set.routes.get('e')?.stable.version).toBe(2);
    await apply(serving(servedVersion(3)), desiredRoute());
    expect(set.routes.get('e')?.stable.version).toBe(3);
    expect(host.closed).toEqual([1]);
  });
});
