import { describe, expect, it } from 'vitest';
import {
  type Actor,
  addSignature,
  annotate,
  decideStage,
  deprecate,
  initialStatus,
  MAX_SIGNATURES,
  type ModelName,
  type Namespace,
  requestStage,
  restore,
  STAGES,
  tombstone,
} from './index.ts';

const ada = { by: 'ada' as Actor, at: '2026-01-02T00:00:00.000Z', reason: 'better' };
const bob = { by: 'bob' as Actor, at: '2026-01-03T00:00:00.000Z', reason: 'looked at it' };
const name = { namespace: 'default' as Namespace, model: 'digits' as ModelName, version: 3 };
const fresh = initialStatus(name, { createdAt: '2026-01-01T00:00:00.000Z', createdBy: 'ada' as Actor });

describe('stages', () => {
  it('go forward one at a time, back freely, and to the archive from anywhere', () => {
    const reachable = (from: (typeof STAGES)[number]) =>
      STAGES.filter((to) => {
        try {
          return requestStage({ ...fresh, stage: from }, to, ada, []) !== undefined;
        } catch {
          return false;
        }
      });
    expect(Object.fromEntries(STAGES.map((stage) => [stage, reachable(stage)]))).toEqual({
      development: ['staging', 'archived'],
      staging: ['development', 'production', 'archived'],
      production: ['development', 'staging', 'archived'],
      archived: ['development'],
    });
  });

  it('say where a version may go instead', () => {
    expect(() => requestStage(fresh, 'production', ada, [])).toThrow(
      'digits@3 cannot go from development to production: from there it may go to staging, archived',
    );
  });

  it('that need approval wait for somebody else', () => {
    const waiting = requestStage(fresh, 'staging', ada, ['staging'])!;
    expect(waiting).toMatchObject({ stage: 'development', pendingStage: { to: 'staging', by: 'ada' }, revision: 1 });
    expect(() => decideStage(waiting, true, ada)).toThrow(/somebody else must approve it/);
    const approved = decideStage(waiting, true, bob);
    expect(approved).toMatchObject({ stage: 'staging', revision: 2, updatedBy: 'bob' });
    expect(approved.pendingStage).toBeUndefined();
    expect(decideStage(waiting, false, ada)).toMatchObject({ stage: 'development', revision: 2 });
    expect(() => decideStage(approved, true, bob)).toThrow(/no stage that waits/);
  });
});

describe('withdrawing', () => {
  it('is refused while anything refers to the version', () => {
    expect(() => tombstone(fresh, ada, ['alias champion', 'deployment default/digits'])).toThrow(
      'digits@3 is in use by alias champion, deployment default/digits: change that first',
    );
  });

  it('ends what waits, and can be taken back', () => {
    const waiting = requestStage(fresh, 'staging', ada, ['staging'])!;
    const gone = tombstone(waiting, bob, [])!;
    expect(gone.pendingStage).toBeUndefined();
    expect(() => requestStage(gone, 'staging', ada, [])).toThrow(/is withdrawn/);
    expect(tombstone(gone, ada, [])).toBeUndefined();
    const back = restore(gone, ada)!;
    expect(back.tombstone).toBeUndefined();
    expect(restore(back, ada)).toBeUndefined();
  });
});

it('deprecating and annotating change nothing when nothing would change', () => {
  const old = deprecate(fresh, true, ada)!;
  expect(deprecate(old, true, ada)).toBeUndefined();
  expect(deprecate(fresh, false, ada)).toBeUndefined();
  expect(deprecate(old, false, bob)?.deprecation).toBeUndefined();
  const noted = annotate(fresh, { a: '1', b: '2' }, ada)!;
  expect(annotate(noted, { a: '1', c: null }, ada)).toBeUndefined();
  expect(annotate(noted, { a: null }, ada)?.annotations).toEqual({ b: '2' });
});

describe('signatures', () => {
  it('are attached once, and remembered with who did it', () => {
    const signed = addSignature(fresh, '{}', ada)!;
    expect(signed.signatures).toEqual([{ bundle: '{}', by: 'ada', at: ada.at }]);
    expect(addSignature(signed, '{}', bob)).toBeUndefined();
    expect(addSignature(signed, '[]', bob)?.signatures).toHaveLength(2);
  });

  it('are so many, and no more', () => {
    const bundles = Array.from({ length: MAX_SIGNATURES }, (_, index) => `{"${index}":0}`);
    const full = bundles.reduce((status, bundle) => addSignature(status, bundle, ada) ?? status, fresh);
    expect(() => addSignature(full, '{}', ada)).toThrow('digits@3 has 8 signatures already');
  });

  it('are for versions that are not withdrawn', () => {
    expect(() => addSignature(tombstone(fresh, ada, [])!, '{}', ada)).toThrow('digits@3 is withdrawn');
  });
});
