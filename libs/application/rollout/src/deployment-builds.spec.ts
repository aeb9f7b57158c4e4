import { expect, it } from 'vitest';
import type { ModelName, Namespace } from '#domain/registry';
import type { DesiredDeployment, Readiness } from '#domain/rollout';
import { NO_TRAFFIC, type TrafficCounts } from '#domain/traffic';
import { Deployment } from './deployment.ts';
import type { BuildKey, GatewayFleet } from './gateway-fleet.ts';
import { rollbackCommitOf } from './rollback-commit.ts';

const STABLE = 'm@2 cpu/fp32';
const CANDIDATE = 'm@2 cpu/int8';
const BROKEN: TrafficCounts = { requests: 5, serverErrors: 5 };
const WELL: TrafficCounts = { requests: 100, serverErrors: 0 };

/** Gateways that say of each build what a test wants. */
class Fleet implements GatewayFleet {
  readonly attachedCount = 1;
  readonly readiness = new Map<string, Readiness>();
  readonly traffic = new Map<string, TrafficCounts>();

  publish(): void {}
  readinessOf({ build }: BuildKey): Readiness {
    return this.readiness.get(build) ?? { kind: 'loading' };
  }
  pinnedReadinessOf(key: BuildKey): Readiness {
    return this.readinessOf(key);
  }
  trafficOf({ build }: BuildKey): TrafficCounts {
    return this.traffic.get(build) ?? NO_TRAFFIC;
  }
  trippedBy(): undefined {}
  onReport(): void {}
}

const servable = (version: number) => ({
  namespace: 'default' as Namespace,
  model: 'm' as ModelName,
  version,
  signature: { inputs: [], outputs: [] },
  variants: [],
});

function desire(variant: string): DesiredDeployment {
  return {
    spec: {
      namespace: 'default' as Namespace,
      name: 'm' as ModelName,
      model: 'm' as ModelName,
      version: 2,
      variants: [variant],
      versionPolicy: { kind: 'all' },
      deadlineMs: 1000,
      maxConcurrency: 8,
      rollout: {
        strategy: 'canary',
        steps: [{ kind: 'setWeight', weightPercent: 10 }],
        fallbackToStable: true,
        progressDeadlineMs: 60_000,
        gates: [{ metric: 'error-rate', max: 0.01, against: 'stable', confidence: 0.999, minRequests: 20 }],
        writeBack: 'commit',
      },
    },
    specHash: variant,
    commit: `commit of ${variant}`,
    file: 'm.yaml',
  };
}

/** A deployment that serves version 2 as `cpu/fp32`, and version 1 by name, and whose manifest asks for `cpu/int8` now. */
function changedDeployment() {
  const fleet = new Fleet();
  fleet.readiness.set(STABLE, { kind: 'ready' });
  const old = desire('cpu/fp32');
  const deployment = new Deployment({
    namespace: 'default',
    name: 'm',
    state: { rejected: [], rolloutCount: 1, stable: { desired: old, servable: servable(2) } },
    desired: old,
    pinned: { specHash: old.specHash, commit: old.commit, servables: [servable(1)] },
    events: [],
    nextEventId: 1,
  });
  deployment.setDesired(desire('cpu/int8'));
  deployment.setResolution({ kind: 'found', servable: servable(2) });
  /** Decides, with a journal that takes everything; answers what was done. */
  const advance = () => {
    const actions = [];
    for (let round = 0; round < 5; round += 1) {
      actions.push(...deployment.advance(fleet, 1000).map(({ kind }) => kind));
      deployment.saved(deployment.entryToSave);
    }
    return actions;
  };
  return { fleet, deployment, advance };
}

it("waits for the candidate's own build, though stable has the same version", () => {
  const { fleet, deployment, advance } = changedDeployment();
  expect(advance()).toEqual(['startRollout']);
  expect(deployment.note).toBe('version 2 (cpu/int8) is loading');
  expect(deployment.route(fleet)).toMatchObject({
    stable: { variants: ['cpu/fp32'] },
    candidate: { variants: ['cpu/int8'] },
    candidateWeightPercent: 0,
  });
  fleet.readiness.set(CANDIDATE, { kind: 'ready' });
  expect(advance()).toEqual(['enterStep']);
  expect(deployment.route(fleet)).toMatchObject({ candidateWeightPercent: 10 });
});

it('is out when its own build cannot be loaded, and Git gets the variants back', () => {
  const { fleet, deployment, advance } = changedDeployment();
  advance();
  fleet.readiness.set(CANDIDATE, { kind: 'failed', error: 'no int8 here' });
  expect(advance()).toEqual(['end']);
  expect(deployment.route(fleet)).toMatchObject({ stable: { variants: ['cpu/fp32'] }, candidate: undefined });
  expect(rollbackCommitOf(deployment.entry)).toMatchObject({
    from: { version: 2, variants: ['cpu/int8'] },
    to: { version: 2, variants: ['cpu/fp32'] },
    reason: 'version 2 (cpu/int8) cannot be loaded: no int8 here',
  });
});

it('is set back in Git with its model where the commit changed that, too', () => {
  const { fleet, deployment, advance } = changedDeployment();
  advance();
  fleet.readiness.set(CANDIDATE, { kind: 'failed', error: 'no int8 here' });
  advance();
  const { entry } = deployment;
  const asked = desire('cpu/int8');
  const desired = { ...asked, spec: { ...asked.spec, model: 'letters' as ModelName } };
  expect(rollbackCommitOf({ ...entry, desired })).toMatchObject({
    from: { model: 'letters', version: 2 },
    to: { model: 'm', version: 2, variants: ['cpu/fp32'] },
  });
});

it('is judged by the counts of its own build, and its errors are not those of stable', () => {
  const { fleet, deployment, advance } = changedDeployment();
  fleet.readiness.set(CANDIDATE, { kind: 'ready' });
  fleet.traffic.set(STABLE, BROKEN);
  advance();
  expect(deployment.trafficOf(fleet)).toEqual({ stable: BROKEN, candidate: NO_TRAFFIC });
  fleet.traffic.set(STABLE, WELL).set(CANDIDATE, BROKEN);
  expect(advance()).toEqual(['end']);
  expect(deployment.entry.events.at(-1)?.message).toMatch(/^version 2 \(cpu\/int8\) is out: error-rate: 5 of 5/);
});

it('becomes stable when the journal has that, as any other version', () => {
  const { fleet, deployment } = changedDeployment();
  fleet.readiness.set(CANDIDATE, { kind: 'ready' });
  const decide = () => deployment.advance(fleet, 1000).map(({ kind }) => kind);
  const save = () => deployment.saved(deployment.entryToSave);
  expect(decide()).toEqual(['startRollout', 'enterStep']);
  save();
  fleet.traffic.set(CANDIDATE, WELL);
  expect(decide()).toEqual(['promote']);
  expect(deployment.route(fleet)).toMatchObject({ stable: { variants: ['cpu/fp32'] } });
  save();
  expect(deployment.route(fleet)).toMatchObject({
    stable: { servable: { version: 2 }, variants: ['cpu/int8'] },
    candidate: undefined,
    rolloutId: '',
  });
  expect(deployment.isHealthy).toBe(true);
});

it('leaves what is served by name as it is until it is stable', () => {
  const { fleet, deployment, advance } = changedDeployment();
  fleet.readiness.set(CANDIDATE, { kind: 'ready' }).set('m@1 cpu/fp32', { kind: 'ready' });
  advance();
  expect(deployment.route(fleet)?.pinned).toMatchObject([{ servable: { version: 1 }, variants: ['cpu/fp32'] }]);
  expect(deployment.pinnedReadinessOf(fleet, servable(1))).toEqual({ kind: 'ready' });
  fleet.traffic.set(CANDIDATE, WELL);
  expect(advance()).toEqual(['promote']);
  expect(deployment.route(fleet)?.pinned).toMatchObject([{ servable: { version: 1 }, variants: ['cpu/int8'] }]);
  expect(deployment.pinnedReadinessOf(fleet, servable(1))).toEqual({ kind: 'loading' });
});
