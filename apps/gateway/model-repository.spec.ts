import { describe, expect, it } from 'vitest';
import type { ServingSet, SlotState } from '#application/serving';
import { ModelRepository } from './model-repository.ts';

const READY: SlotState = { kind: 'ready' };
const LOADING: SlotState = { kind: 'loading' };
const FAILED: SlotState = { kind: 'failed', code: 'MODEL_LOAD_FAILED', message: 'no such operator' };

/** digits moves from 9 to 10, which is loading; another namespace's fraud cannot be loaded. */
const repository = new ModelRepository({
  routes: new Map([['digits', { modelName: 'digits', stable: { version: 9, state: READY } }]]),
  reports: [
    { namespace: 'default', deployment: 'digits', version: 10, state: LOADING, variant: '' },
    { namespace: 'payments', deployment: 'fraud', version: 1, state: FAILED, variant: '' },
    { namespace: 'default', deployment: 'digits', version: 9, state: READY, variant: '' },
  ],
} as unknown as ServingSet);

describe('the index', () => {
  it('has every version once, with its state and why it is not ready', () => {
    expect(repository.index(false)).toEqual([
      { name: 'digits', version: '9', state: 'READY', reason: '' },
      { name: 'digits', version: '10', state: 'LOADING', reason: '' },
      { name: 'payments:fraud', version: '1', state: 'UNAVAILABLE', reason: 'MODEL_LOAD_FAILED: no such operator' },
    ]);
  });

  it('leaves out what is not ready when asked to', () => {
    expect(repository.index(true).map(({ version }) => version)).toEqual(['9']);
  });
});

it('a version of which a second build is loading is ready all the same', () => {
  const reports = [READY, LOADING].map((state) => ({ namespace: 'default', deployment: 'digits', version: 9, state }));
  const routes = new Map([['digits', { modelName: 'digits', stable: { version: 9, state: READY } }]]);
  const { length, 0: only } = new ModelRepository({ routes, reports } as unknown as ServingSet).index(false);
  expect([length, only?.state]).toEqual([1, 'READY']);
});

describe('loading and unloading', () => {
  it('has nothing to do for a model that is ready', () => {
    expect(() => repository.load('digits', [])).not.toThrow();
  });

  it('says of a model that is not ready how it is', () => {
    expect(() => repository.load('payments:fraud', [])).toThrow(/1 is UNAVAILABLE MODEL_LOAD_FAILED: no such operator/);
  });

  it('refuses files and configurations, and names them', () => {
    expect(() => repository.load('digits', ['config', 'file:1/model.onnx'])).toThrow(/^config, file:1\/model\.onnx: /);
  });

  it('says where models come from', () => {
    expect(() => repository.load('nobody', [])).toThrow(/"nobody": models are loaded by a manifest in Git/);
    expect(() => repository.unload('digits')).toThrow(/remove the manifest/);
    expect(() => repository.unload('nobody')).toThrow(/no deployment serves/);
  });
});
