import type { ModelName, Namespace } from '#domain/registry';
import {
  type Action,
  applyAction,
  type DesiredDeployment,
  decide,
  INITIAL_STATE,
  type Readiness,
  type Resolution,
  type RolloutPlan,
  type RolloutSnapshot,
  type RolloutState,
  type RolloutStep,
  type ServableVersion,
} from '#domain/rollout';
import { NO_TRAFFIC, type TrafficCounts } from '#domain/traffic';

/** To 10 %, an analysis of 100 requests, and a pause. */
export const STEPS: readonly RolloutStep[] = [
  { kind: 'setWeight', weightPercent: 10 },
  { kind: 'analyse', minRequests: 100 },
  { kind: 'pause' },
];
export const READY: Readiness = { kind: 'ready' };

/** What Git wants: a version, by a canary of {@link STEPS} or as it is said. */
export const desire = (
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
/** A version as the registry has it. */
export const servable = (version: number): ServableVersion => ({
  namespace: 'default' as Namespace,
  model: 'digits' as ModelName,
  version,
  signature: { inputs: [], outputs: [] },
  variants: [],
});
export const found = (version: number): Resolution => ({ kind: 'found', servable: servable(version) });
/** The state in which a version is stable, and nothing is under way. */
export const serving = (version: number): RolloutState => ({
  ...INITIAL_STATE,
  stable: { desired: desire(version), servable: servable(version) },
});

/** A snapshot of nothing but what is said. */
export const snapshotOf = (over: Partial<RolloutSnapshot>): RolloutSnapshot => ({
  resolution: { kind: 'unknown', reason: 'not asked' },
  state: INITIAL_STATE,
  candidateReadiness: { kind: 'loading' },
  traffic: { candidate: NO_TRAFFIC, stable: NO_TRAFFIC },
  ...over,
});

/** Applies what is due until nothing is, as the controller does; answers the state and the kinds of the actions. */
export function settle(snapshot: RolloutSnapshot, nowMs: number): { state: RolloutState; actions: Action[] } {
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
export const analysing = (desired = desire(2)): RolloutState =>
  settle(snapshotOf({ desired, resolution: found(2), state: serving(1), candidateReadiness: READY }), 1000).state;
/** A snapshot of the rollout of version 2. */
export const during = (state: RolloutState, over: Partial<RolloutSnapshot> = {}) =>
  snapshotOf({ desired: desire(2), resolution: found(2), state, candidateReadiness: READY, ...over });
/** What a candidate has answered, beside a stable version without errors. */
export const traffic = (
  requests: number,
  serverErrors: number,
): { candidate: TrafficCounts; stable: TrafficCounts } => ({
  candidate: { requests, serverErrors },
  stable: { requests: 1000, serverErrors: 0 },
});
