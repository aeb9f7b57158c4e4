import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelName, Namespace } from '#domain/registry';
import { NO_TRAFFIC, type TrafficCounts } from '#domain/traffic';
import { applyAction } from './apply-action.ts';
import {
  type Action,
  decide,
  type Readiness,
  type Resolution,
  type RolloutCommand,
  type RolloutSnapshot,
} from './decide.ts';
import { type DesiredDeployment, NO_VERSION, type RolloutPlan, type RolloutStep } from './deployment-spec.ts';
import { INITIAL_STATE, MAX_REMEMBERED, type RolloutState, type ServableVersion } from './rollout-state.ts';

const STEPS: readonly RolloutStep[] = [
  { kind: 'setWeight', weightPercent: 10 },
  { kind: 'analyse', minRequests: 100 },
  { kind: 'pause' },
];
const READY: Readiness = { kind: 'ready' };

const desire = (
  version: number,
  over: { steps?: readonly RolloutStep[]; token?: string; deadlineMs?: number; plan?: Partial<RolloutPlan> } = {},
): DesiredDeployment => ({
  spec: {
    namespace: 'default' as Namespace,
    name: 'digits' as ModelName,
    model: 'digits' as ModelName,
    version,
    deadlineMs: 1000,
    maxConcurrency: 8,
    rollout: {
      strategy: 'canary',
      steps: over.steps ?? STEPS,
      fallbackToStable: true,
      progressDeadlineMs: over.deadlineMs ?? 60_000,
      gates: [{ metric: 'error-rate', max: 0.01, against: 'stable', confidence: 0.999, minRequests: 20 }],
      writeBack: 'commit',
      ...(over.token === undefined ? {} : { retryToken: over.token }),
      ...over.plan,
    },
  },
  specHash: `hash-${version}-${over.token ?? ''}-${over.deadlineMs ?? ''}${JSON.stringify(over.plan ?? '')}`,
  commit: `commit-${version}`,
  file: 'digits.yaml',
});
const servable = (version: number): ServableVersion => ({
  namespace: 'default' as Namespace,
  model: 'digits' as ModelName,
  version,
  signature: { inputs: [], outputs: [] },
  variants: [],
});
const found = (version: number): Resolution => ({ kind: 'found', servable: servable(version) });
const serving = (version: number): RolloutState => ({
  ...INITIAL_STATE,
  stable: { desired: desire(version), servable: servable(version) },
});

const snapshotOf = (over: Partial<RolloutSnapshot>): RolloutSnapshot => ({
  resolution: { kind: 'unknown', reason: 'not asked' },
  state: INITIAL_STATE,
  candidateReadiness: { kind: 'loading' },
  traffic: { candidate: NO_TRAFFIC, stable: NO_TRAFFIC },
  ...over,
});

/** Applies what is due until nothing is, as the controller does; answers the state and the kinds of the actions. */
function settle(snapshot: RolloutSnapshot, nowMs: number): { state: RolloutState; actions: Action[] } {
  let { state } = snapshot;
  const actions: Action[] = [];
  for (let count = 0; count < 100; count += 1) {
    const { command, ...rest } = snapshot;
    const present = { ...rest, state, ...(count === 0 && command !== undefined ? { command } : {}) };
    const action = decide(present, nowMs);
    if (action.kind === 'none' || action.kind === 'refuse') return { state, actions: [...actions, action] };
    actions.push(action);
    state = applyAction(present, action, nowMs);
  }
  throw new Error('it does not settle');
}

/** The state in which version 2 is a candidate at 10 %, in its analysis. */
const analysing = (desired = desire(2)): RolloutState =>
  settle(snapshotOf({ desired, resolution: found(2), state: serving(1), candidateReadiness: READY }), 1000).state;
const during = (state: RolloutState, over: Partial<RolloutSnapshot> = {}) =>
  snapshotOf({ desired: desire(2), resolution: found(2), state, candidateReadiness: READY, ...over });
const traffic = (requests: number, serverErrors: number): { candidate: TrafficCounts; stable: TrafficCounts } => ({
  candidate: { requests, serverErrors },
  stable: { requests: 1000, serverErrors: 0 },
});

describe('decide', () => {
  it('does nothing while there is no manifest', () => {
    expect(decide(snapshotOf({}), 0)).toMatchObject({ kind: 'none' });
  });

  it('waits for the registry before it starts anything', () => {
    const resolution: Resolution = { kind: 'missing', reason: 'digits has no version 9' };
    expect(decide(snapshotOf({ desired: desire(9), resolution }), 0)).toEqual({
      kind: 'none',
      reason: 'digits has no version 9',
    });
  });

  it('serves a first version as soon as it is ready: there is nothing to compare it with', () => {
    const loading = settle(snapshotOf({ desired: desire(1), resolution: found(1) }), 0);
    expect(loading.state.candidate?.weightPercent).toBe(0);
    const ready = settle(
      snapshotOf({ desired: desire(1), resolution: found(1), state: loading.state, candidateReadiness: READY }),
      1,
    );
    expect(ready.state.stable?.servable.version).toBe(1);
    expect(ready.state.candidate).toBeUndefined();
  });

  it('gives a candidate no traffic before it is ready', () => {
    const { state } = settle(snapshotOf({ desired: desire(2), resolution: found(2), state: serving(1) }), 0);
    expect(state.candidate).toMatchObject({ weightPercent: 0, stepIndex: -1 });
  });

  it('walks the steps: weight, analysis, pause, and then a person promotes', () => {
    const state = analysing();
    expect(state.candidate).toMatchObject({ weightPercent: 10, stepIndex: 1 });
    const waiting = settle(during(state, { traffic: traffic(99, 0) }), 2000);
    expect(waiting.actions).toEqual([{ kind: 'none', reason: 'analysing: 99 of 100 requests at 10 %' }]);
    const paused = settle(during(state, { traffic: traffic(100, 0) }), 2000).state;
    expect(paused.candidate?.stepIndex).toBe(2);
    const promoted = settle(during(paused, { traffic: traffic(100, 0), command: 'promote' }), 3000).state;
    expect(promoted).toMatchObject({ stable: { servable: { version: 2 } }, lastRollout: { outcome: 'promoted' } });
  });

  it('never promotes on time alone: without requests an analysis does not end', () => {
    const steps: RolloutStep[] = [{ kind: 'analyse', forMs: 10 }];
    const desired = desire(2, { steps });
    const state = settle(
      snapshotOf({ desired, resolution: found(2), state: serving(1), candidateReadiness: READY }),
      0,
    ).state;
    const later = settle(during(state, { desired }), 50_000);
    expect(later.state.candidate).toBeDefined();
    expect(later.actions.at(-1)?.reason).toMatch(/20 requests are needed/);
  });

  it('rolls back as soon as the gate fails, whatever the step', () => {
    const { state, actions } = settle(during(analysing(), { traffic: traffic(5, 5) }), 2000);
    expect(actions[0]).toMatchObject({ kind: 'end', outcome: 'rolledBack', evidence: { candidate: { requests: 5 } } });
    expect(state.candidate).toBeUndefined();
    expect(state.stable?.servable.version).toBe(1);
    expect(state.rejected).toEqual([desire(2).specHash]);
  });

  it('rolls back during a pause, too, and a person cannot promote over a failing gate', () => {
    const paused = settle(during(analysing(), { traffic: traffic(100, 0) }), 2000).state;
    const { state } = settle(during(paused, { traffic: traffic(200, 100), command: 'promote' }), 3000);
    expect(state.lastRollout?.outcome).toBe('rolledBack');
  });

  it('lets a person skip all that is left, but not a gate that fails', () => {
    const { state } = settle(during(analysing(), { command: 'promoteFully' }), 2000);
    expect(state).toMatchObject({ stable: { servable: { version: 2 } }, lastRollout: { outcome: 'promoted' } });
    const failing = settle(during(analysing(), { command: 'promoteFully', traffic: traffic(5, 5) }), 2000);
    expect(failing.state.lastRollout?.outcome).toBe('rolledBack');
  });

  it('does not try a specification again that it rolled back, until it differs', () => {
    const { state } = settle(during(analysing(), { traffic: traffic(5, 5) }), 2000);
    expect(decide(during(state), 3000)).toMatchObject({
      kind: 'refuse',
      reason: expect.stringContaining('retryToken'),
    });
    const again = desire(2, { token: 'again' });
    expect(decide(during(state, { desired: again }), 3000)).toMatchObject({ kind: 'startRollout' });
  });

  it('is at rest when the rollback has reached Git', () => {
    const { state } = settle(during(analysing(), { traffic: traffic(5, 5) }), 2000);
    expect(decide(during(state, { desired: desire(1), resolution: found(1) }), 3000)).toMatchObject({ kind: 'none' });
  });

  it('rolls back a candidate that cannot be loaded, with the loader’s words', () => {
    const started = settle(snapshotOf({ desired: desire(2), resolution: found(2), state: serving(1) }), 0).state;
    const candidateReadiness: Readiness = { kind: 'failed', error: 'MODEL_LOAD_FAILED: no such operator' };
    const { state } = settle(during(started, { candidateReadiness }), 1);
    expect(state.lastRollout).toMatchObject({
      outcome: 'rolledBack',
      reason: expect.stringContaining('no such operator'),
    });
  });

  it('lets a newer commit take the place of a running rollout', () => {
    const { state, actions } = settle(during(analysing(), { desired: desire(3), resolution: found(3) }), 2000);
    expect(actions.map((action) => action.kind)).toEqual(['end', 'startRollout', 'enterStep', 'enterStep', 'none']);
    expect(state.candidate?.servable.version).toBe(3);
    expect(state.rejected).toEqual([]);
  });

  it('rolls back at the progress deadline, but does not count the wait for a person', () => {
    const state = analysing();
    expect(settle(during(state), 61_001).state.lastRollout?.reason).toMatch(/progress deadline/);
    const paused = settle(during(state, { traffic: traffic(100, 0) }), 2000).state;
    expect(settle(during(paused, { traffic: traffic(100, 0) }), 10_000_000).state.candidate).toBeDefined();
  });

  it('takes over new settings of the version that is stable, without a rollout', () => {
    const desired = desire(1, { deadlineMs: 5 });
    const { state, actions } = settle(snapshotOf({ desired, resolution: found(1), state: serving(1) }), 0);
    expect(actions[0]?.kind).toBe('adoptSettings');
    expect(state.stable?.desired).toBe(desired);
  });

  it('takes over who must have signed the stable version only when somebody of them has', () => {
    const signedBy = ['release-key'];
    const desired = { ...desire(1), spec: { ...desire(1).spec, signedBy }, specHash: 'signed' };
    const unsigned: Resolution = { kind: 'missing', reason: 'it has no signature', isUnsigned: true };
    const refused = settle(snapshotOf({ desired, resolution: unsigned, state: serving(1) }), 0);
    expect(refused.actions).toEqual([{ kind: 'none', reason: 'it has no signature' }]);
    expect(refused.state).toEqual(serving(1));
    const signing = { signedBy, bundles: ['{}'] };
    const resolution: Resolution = { kind: 'found', servable: { ...servable(1), signing } };
    const adopted = settle(snapshotOf({ desired, resolution, state: serving(1) }), 0).state;
    expect(adopted.stable).toEqual({ desired, servable: { ...servable(1), signing } });
    // Other settings do not ask the registry again, and who no longer must have signed is forgotten.
    const unknown: Resolution = { kind: 'unknown', reason: 'the registry is down' };
    const later = { ...desired, spec: { ...desired.spec, deadlineMs: 5 }, specHash: 'later' };
    const kept = settle(snapshotOf({ desired: later, resolution: unknown, state: adopted }), 0).state;
    expect(kept.stable).toEqual({ desired: later, servable: { ...servable(1), signing } });
    const freed = settle(snapshotOf({ desired: desire(1), resolution: unknown, state: kept }), 0).state;
    expect(freed.stable).toEqual({ desired: desire(1), servable: servable(1) });
  });
});

describe('strategies and rules of a plan', () => {
  const begun = (plan: Partial<RolloutPlan>, over: Partial<RolloutSnapshot> = {}) => {
    const desired = desire(2, { plan });
    const snapshot = { desired, resolution: found(2), candidateReadiness: READY, ...over };
    return { desired, ...settle(snapshotOf({ state: serving(1), ...snapshot }), 1000) };
  };
  const NOON = Date.parse('2026-03-07T12:00:00Z');

  it('blueGreen takes no traffic until a person says so, and all of it then', () => {
    const { desired, state } = begun({ strategy: 'blueGreen', steps: [{ kind: 'pause' }] });
    expect(state.candidate).toMatchObject({ weightPercent: 0, stepIndex: 0 });
    const promoted = settle(during(state, { desired, traffic: traffic(20, 0), command: 'promote' }), 2000).state;
    expect(promoted.stable?.servable.version).toBe(2);
  });

  it('a shadow gets copies as long as it runs, and is never promoted by itself', () => {
    const { desired, state } = begun({ strategy: 'shadow', steps: [{ kind: 'mirror', percent: 50, minRequests: 10 }] });
    expect(state.candidate).toMatchObject({ weightPercent: 0, mirrorPercent: 50 });
    const mirrored = { requests: 30, serverErrors: 0, compared: 30, disagreements: new Map(), shed: 0 };
    const seen = { candidate: { ...NO_TRAFFIC, mirrored }, stable: NO_TRAFFIC };
    const held = settle(during(state, { desired, traffic: seen }), 100_000_000);
    expect(held.state.lastRollout?.reason).toMatch(/progress deadline/);
    const intime = settle(during(state, { desired, traffic: seen }), 2000);
    expect(intime.state.candidate).toMatchObject({ stepIndex: 1, mirrorPercent: 50 });
    const later = settle(during(intime.state, { desired, traffic: seen }), 100_000_000);
    expect(later.actions).toEqual([{ kind: 'none', reason: expect.stringContaining('the shadow waits for') }]);
    const skipped = settle(during(intime.state, { desired, traffic: seen, command: 'skip' }), 3000);
    expect(skipped.actions.map(({ kind }) => kind)).toEqual(['none']);
    const promoted = settle(during(intime.state, { desired, traffic: seen, command: 'promote' }), 3000).state;
    expect(promoted.stable?.servable.version).toBe(2);
  });

  it('copies are over when their step is', () => {
    const steps: RolloutStep[] = [{ kind: 'mirror', percent: 50, forMs: 10 }, ...STEPS];
    const { desired, state } = begun({ steps });
    const { candidate } = settle(during(state, { desired }), 2000).state;
    expect(candidate).toMatchObject({ weightPercent: 10, mirrorPercent: 0 });
  });

  it('an analysis for confidence lasts until the error rate is known to be within the limit', () => {
    const steps: RolloutStep[] = [
      { kind: 'setWeight', weightPercent: 10 },
      { kind: 'analyse', confidence: 0.95 },
      { kind: 'pause' },
    ];
    const { desired, state } = begun({ steps });
    const stepAfter = (requests: number, errors: number) =>
      settle(during(state, { desired, traffic: traffic(requests, errors) }), 2000).state.candidate?.stepIndex;
    expect(stepAfter(200, 0)).toBe(1);
    expect(stepAfter(500, 0)).toBe(2);
    expect(stepAfter(500, 4)).toBe(1);
    expect(stepAfter(5000, 10)).toBe(2);
  });

  it('a version that was stable a short while ago comes back without steps', () => {
    const plan = { rollbackWindow: 1 };
    const { state: two } = settle(during(analysing(desire(2)), { command: 'promoteFully' }), 2000);
    const back = snapshotOf({
      desired: desire(1, { plan }),
      resolution: found(1),
      state: two,
      candidateReadiness: READY,
    });
    const { state, actions } = settle(back, 3000);
    expect(actions.map(({ kind }) => kind)).toEqual(['startRollout', 'promote', 'none']);
    expect(state.stable?.servable.version).toBe(1);
    const without = settle({ ...back, desired: desire(1) }, 3000);
    expect(without.state.candidate?.weightPercent).toBe(10);
  });

  it('nothing begins or goes on in a freeze window, and a rollback does not wait for its end', () => {
    const freeze = [{ kind: 'once' as const, fromMs: NOON, toMs: NOON + 10_000 }];
    const desired = desire(2, { plan: { freeze } });
    const before = snapshotOf({ desired, resolution: found(2), state: serving(1), candidateReadiness: READY });
    expect(decide(before, NOON)).toEqual({ kind: 'none', reason: 'waits for the end of a freeze window' });
    const { state } = settle(before, NOON - 1000);
    const going = during(state, { desired, traffic: traffic(100, 0) });
    expect(decide(going, NOON)).toEqual({ kind: 'none', reason: 'waits for the end of a freeze window' });
    expect(decide(going, NOON + 10_000)).toMatchObject({ kind: 'enterStep' });
    expect(decide(during(state, { desired, traffic: traffic(5, 5) }), NOON)).toMatchObject({ outcome: 'rolledBack' });
    expect(decide({ ...going, command: 'skip' }, NOON)).toMatchObject({ kind: 'enterStep' });
  });

  it('waits for the deployments that it depends on', () => {
    const snapshot = snapshotOf({ desired: desire(2), resolution: found(2), state: serving(1) });
    const dependencies = [
      { name: 'tokenizer', isHealthy: false },
      { name: 'other', isHealthy: true },
    ];
    expect(decide({ ...snapshot, dependencies }, 0)).toEqual({
      kind: 'none',
      reason: 'waits until tokenizer is healthy',
    });
    expect(decide({ ...snapshot, dependencies: [] }, 0)).toMatchObject({ kind: 'startRollout' });
  });

  it('rolls back beyond the blast radius, and when a gateway took the candidate out by itself', () => {
    const plan = { blastRadius: { maxErrors: 2, maxRequests: 1000 }, gates: [] };
    const { desired, state } = begun({ ...plan });
    const decideAfter = (requests: number, errors: number) =>
      decide(during(state, { desired, traffic: traffic(requests, errors) }), 2000);
    expect(decideAfter(50, 2)).toMatchObject({ kind: 'none' });
    expect(decideAfter(50, 3)).toMatchObject({
      outcome: 'rolledBack',
      reason: expect.stringContaining('blast radius: 3 of 50'),
    });
    expect(decideAfter(1001, 0)).toMatchObject({ outcome: 'rolledBack' });
    expect(decide(during(state, { desired, trippedBy: 'gw-1' }), 2000)).toMatchObject({
      outcome: 'rolledBack',
      reason: expect.stringContaining('gateway gw-1 took it out by itself'),
    });
  });

  it('goes no further while stable fails alike', () => {
    const { desired, state } = begun({});
    const sick = { candidate: { requests: 100, serverErrors: 50 }, stable: { requests: 900, serverErrors: 450 } };
    expect(decide(during(state, { desired, traffic: sick }), 2000)).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('frozen: error-rate: 50 of 100'),
    });
  });

  it('does not try a version again under other settings, until the manifest or a person says so', () => {
    const { state } = settle(during(analysing(), { traffic: traffic(5, 5) }), 2000);
    const other = desire(2, { deadlineMs: 5 });
    expect(decide(during(state, { desired: other }), 3000)).toMatchObject({ kind: 'refuse' });
    const accepted = desire(2, { plan: { acceptRejected: true } });
    expect(decide(during(state, { desired: accepted }), 3000)).toMatchObject({ kind: 'startRollout' });
    const { actions } = settle(during(state, { command: 'retry' }), 3000);
    expect(actions.slice(0, 2).map(({ kind }) => kind)).toEqual(['forgive', 'startRollout']);
    expect(decide(during(state, { desired: desire(3), resolution: found(3) }), 3000)).toMatchObject({
      kind: 'startRollout',
    });
  });
});

describe('any course of a rollout', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('commit' as const), version: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('requests' as const), good: fc.nat({ max: 200 }), bad: fc.nat({ max: 5 }) }),
    fc.record({
      kind: fc.constant('readiness' as const),
      is: fc.constantFrom<Readiness['kind']>('loading', 'ready', 'failed'),
    }),
    fc.record({
      kind: fc.constant('command' as const),
      command: fc.constantFrom<RolloutCommand>('promote', 'skip', 'promoteFully', 'abort', 'retry'),
    }),
    fc.record({ kind: fc.constant('time' as const), ms: fc.nat({ max: 70_000 }) }),
  );

  it('keeps a stable version once there is one, and its weights within bounds', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let desired = desire(1);
        let state: RolloutState = INITIAL_STATE;
        let nowMs = 0;
        let candidateReadiness: Readiness = { kind: 'loading' };
        let counted = NO_TRAFFIC;
        let rolloutId = '';
        for (const step of events) {
          let command: RolloutCommand | undefined;
          if (step.kind === 'commit') desired = desire(step.version);
          if (step.kind === 'time') nowMs += step.ms;
          if (step.kind === 'command') command = step.command;
          if (step.kind === 'readiness')
            candidateReadiness = step.is === 'failed' ? { kind: 'failed', error: 'x' } : { kind: step.is };
          if (step.kind === 'requests') {
            counted = {
              requests: counted.requests + step.good + step.bad,
              serverErrors: counted.serverErrors + step.bad,
            };
          }
          const before = state;
          if (rolloutId !== (state.candidate?.rolloutId ?? '')) counted = NO_TRAFFIC;
          rolloutId = state.candidate?.rolloutId ?? '';
          const resolution = found(desired.spec.version);
          const snapshot = snapshotOf({
            desired,
            resolution,
            state,
            candidateReadiness,
            traffic: { candidate: counted, stable: NO_TRAFFIC },
          });
          ({ state } = settle(command === undefined ? snapshot : { ...snapshot, command }, nowMs));

          if (before.stable !== undefined) expect(state.stable).toBeDefined();
          const weight = state.candidate?.weightPercent ?? 0;
          expect(weight).toBeGreaterThanOrEqual(0);
          expect(weight).toBeLessThanOrEqual(100);
          expect(state.rejected.length).toBeLessThanOrEqual(MAX_REMEMBERED);
          if (state.candidate !== undefined) expect(state.candidate.desired.specHash).toBe(desired.specHash);
          // Deciding again on what came out changes nothing.
          const again = decide({ ...snapshot, state, traffic: { candidate: counted, stable: NO_TRAFFIC } }, nowMs);
          if (state.candidate?.rolloutId === rolloutId) expect(['none', 'refuse']).toContain(again.kind);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('ensembles', () => {
  const output = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] });
  const ensemble = (name: string): DesiredDeployment => {
    const { spec, ...rest } = desire(NO_VERSION, { steps: [], token: name });
    const rollout = { ...spec.rollout, strategy: 'allAtOnce' as const, gates: [] };
    return {
      ...rest,
      spec: { ...spec, rollout, ensemble: { inputs: [output('x')], outputs: [output(name)], steps: [] } },
    };
  };
  const served: RolloutState = {
    ...INITIAL_STATE,
    stable: { desired: ensemble('x'), servable: servable(4) },
    rolloutCount: 4,
  };

  it('replace each other when the new one can be served, and wait for that as long as it takes', () => {
    const desired = ensemble('y');
    const snapshot = snapshotOf({ desired, state: served, resolution: found(5) });
    const { state } = settle(snapshot, 0);
    expect(state.candidate?.servable.version).toBe(5);
    const misfit = snapshotOf({ ...snapshot, state, candidateReadiness: { kind: 'failed', error: 'a is not served' } });
    expect(decide(misfit, 1000)).toEqual({ kind: 'none', reason: 'the ensemble cannot be served: a is not served' });
    const ready = settle(snapshotOf({ ...snapshot, state, candidateReadiness: READY }), 2000);
    expect(ready.state.stable?.servable.version).toBe(5);
  });

  it('take over settings without a rollout', () => {
    const desired = { ...ensemble('x'), specHash: 'other' };
    const action = decide(snapshotOf({ desired, state: served, resolution: found(5) }), 0);
    expect(action).toMatchObject({ kind: 'adoptSettings', reason: 'settings changed, the ensemble stays' });
  });

  it('are followed by versions of any number', () => {
    const snapshot = snapshotOf({ desired: desire(4), state: served, resolution: found(4) });
    expect(decide(snapshot, 0)).toMatchObject({ kind: 'startRollout', reason: 'version 4 → 4' });
  });
});

describe('a change of variants alone', () => {
  const withVariants = (...variants: string[]): DesiredDeployment => {
    const { spec, ...rest } = desire(1);
    return { ...rest, specHash: `hash-${variants}`, commit: `commit-${variants}`, spec: { ...spec, variants } };
  };
  const desired = withVariants('cpu/int8');
  const state: RolloutState = {
    ...INITIAL_STATE,
    stable: { desired: withVariants('cpu/fp32'), servable: servable(1) },
  };
  const begun = settle(snapshotOf({ desired, resolution: found(1), state, candidateReadiness: READY }), 1000);

  it('is a rollout like any other, with both builds in its words', () => {
    expect(begun.actions[0]).toMatchObject({ kind: 'startRollout', reason: 'version 1 (cpu/fp32) → 1 (cpu/int8)' });
    expect(begun.state.candidate).toMatchObject({ weightPercent: 10, desired: { spec: { variants: ['cpu/int8'] } } });
  });

  it('ends with the new variants stable, or with the old ones and the new ones rejected', () => {
    const promoted = settle(
      snapshotOf({ ...during(begun.state), desired, resolution: found(1), command: 'promoteFully' }),
      2000,
    );
    expect(promoted.state).toMatchObject({
      stable: { desired: { spec: { variants: ['cpu/int8'] } } },
      lastRollout: { version: 1, variants: ['cpu/int8'], outcome: 'promoted' },
    });
    const traffic = { candidate: { requests: 5, serverErrors: 5 }, stable: { requests: 50, serverErrors: 0 } };
    const failed = settle(snapshotOf({ ...during(begun.state), desired, resolution: found(1), traffic }), 2000);
    expect(failed.state).toMatchObject({
      stable: { desired: { spec: { variants: ['cpu/fp32'] } } },
      lastRollout: { version: 1, variants: ['cpu/int8'], outcome: 'rolledBack' },
    });
    expect(failed.actions.at(-1)).toMatchObject({
      kind: 'refuse',
      reason: expect.stringContaining('version 1 (cpu/int8) was rolled back'),
    });
  });
});
