import type { Deployment, DeploymentEvent, GatewayFleet } from '#application/rollout';
import {
  describeStep,
  type GateEvidence,
  type NamedVersion,
  namedVersion,
  type RolloutRecord,
  shownVersion,
} from '#domain/rollout';
import type * as wire from '#generated/deployment-status';
import { toGateStatus } from './gate-status.mapper.ts';
import { toStepStatuses, toStepTimer } from './rollout-steps.mapper.ts';
import { toVersionTraffic } from './traffic.mapper.ts';

type Phase = wire.DeploymentStatus['phase'];

/** What the controller tells of a deployment. */
export function toStatus(deployment: Deployment, fleet: GatewayFleet): wire.DeploymentStatus {
  const { namespace, name, desired, state, events } = deployment.entry;
  const problem = deployment.ensembleProblem(fleet);
  const phase = problem === undefined ? phaseOf(deployment) : 'Failed';
  return {
    namespace,
    name,
    phase,
    message: problem === undefined ? messageOf(deployment, phase, fleet) : `the ensemble cannot be served: ${problem}`,
    ...(deployment.note === '' ? {} : { note: deployment.note }),
    ...(desired === undefined
      ? {}
      : {
          desired: {
            model: desired.spec.model,
            ...namedOf(desired.spec),
            ...(desired.spec.alias === undefined ? {} : { alias: desired.spec.alias }),
            commit: desired.commit,
            specHash: desired.specHash,
          },
        }),
    ...(state.stable === undefined
      ? {}
      : {
          stable: {
            ...namedOf(namedVersion(state.stable)),
            commit: state.stable.desired.commit,
            isReady: deployment.readinessOf(fleet, state.stable).kind === 'ready',
          },
        }),
    ...(state.candidate === undefined ? {} : { candidate: candidateOf(deployment, fleet) }),
    ...(desired?.spec.versionPolicy === undefined ? {} : { pinned: pinnedOf(deployment, fleet) }),
    ...(state.lastRollout === undefined ? {} : { lastRollout: resultOf(deployment, state.lastRollout) }),
    events: events.map(eventOf),
  };
}

export function phaseOf({ entry, state, resolution }: Deployment): Phase {
  const { desired } = entry;
  const { stable, candidate, lastRollout } = state;
  if (candidate !== undefined) {
    const step = candidate.desired.spec.rollout.steps[candidate.stepIndex];
    if (stable === undefined) return 'Pending';
    return step?.kind === 'pause' ? 'Paused' : 'Progressing';
  }
  const isRejected = desired !== undefined && state.rejected.includes(desired.specHash);
  if (isRejected) return lastRollout?.outcome === 'failed' || stable === undefined ? 'Failed' : 'RolledBack';
  if (desired !== undefined && desired.specHash === stable?.desired.specHash) return 'Healthy';
  if (resolution.kind === 'missing') return 'Failed';
  return stable === undefined ? 'Pending' : 'Progressing';
}

function messageOf(deployment: Deployment, phase: Phase, fleet: GatewayFleet): string {
  const { stable, lastRollout } = deployment.state;
  const serving =
    stable === undefined ? 'nothing is served yet' : `version ${shownVersion(namedVersion(stable))} answers everything`;
  switch (phase) {
    case 'Healthy':
      return `${serving}${misfitOf(deployment, fleet)}`;
    case 'RolledBack':
      return lastRollout === undefined
        ? serving
        : `${serving}; version ${shownVersion(lastRollout)} was rolled back: ${lastRollout.reason}`;
    case 'Failed':
      return `${serving}; ${deployment.note}`;
    default:
      return deployment.note;
  }
}

/** What serves goes on as it was while a gateway cannot serve it as the manifest says now, and the reason must be seen somewhere. */
function misfitOf(deployment: Deployment, fleet: GatewayFleet): string {
  const { stable } = deployment.state;
  const readiness = stable && deployment.readinessOf(fleet, stable);
  return readiness?.kind === 'failed' ? `, but a gateway cannot serve it as the manifest says: ${readiness.error}` : '';
}

function candidateOf(deployment: Deployment, fleet: GatewayFleet): NonNullable<wire.DeploymentStatus['candidate']> {
  const { candidate } = deployment.state;
  if (candidate === undefined) throw new Error('the deployment has no candidate');
  const traffic = deployment.trafficOf(fleet);
  const { requests, serverErrors } = traffic.candidate;
  const { rollout } = candidate.desired.spec;
  const stepTimer = toStepTimer(candidate, traffic.candidate);
  const gates = deployment.verdicts(fleet).flatMap((verdict, index) => {
    const gate = rollout.gates[index];
    return gate === undefined ? [] : [toGateStatus(gate, verdict)];
  });
  return {
    ...namedOf(namedVersion(candidate)),
    rolloutId: candidate.rolloutId,
    commit: candidate.desired.commit,
    isReady: deployment.readinessOf(fleet, candidate).kind === 'ready',
    weightPercent: candidate.weightPercent,
    stepIndex: Math.max(0, candidate.stepIndex),
    stepCount: rollout.steps.length,
    step: describeStep(candidate),
    requests,
    serverErrors,
    startedAt: isoOf(candidate.startedAtMs),
    strategy: rollout.strategy,
    steps: toStepStatuses(candidate),
    ...(stepTimer === undefined ? {} : { stepTimer }),
    mirrorPercent: candidate.mirrorPercent ?? 0,
    traffic: { candidate: toVersionTraffic(traffic.candidate), stable: toVersionTraffic(traffic.stable) },
    gates,
  };
}

function pinnedOf(deployment: Deployment, fleet: GatewayFleet): wire.PinnedVersionStatus[] {
  return deployment.pinned.map((servable) => {
    const readiness = deployment.pinnedReadinessOf(fleet, servable);
    return {
      version: servable.version,
      state: readiness.kind,
      ...(readiness.kind === 'failed' ? { error: readiness.error } : {}),
    };
  });
}

function resultOf(deployment: Deployment, record: RolloutRecord): wire.RolloutResult {
  const { writeBack } = deployment.entry;
  const isOfWriteBack = record.outcome !== 'promoted' && record.outcome !== 'superseded';
  return {
    rolloutId: record.rolloutId,
    ...namedOf(record),
    commit: record.commit,
    outcome: record.outcome,
    reason: record.reason,
    startedAt: isoOf(record.startedAtMs),
    endedAt: isoOf(record.endedAtMs),
    ...(record.evidence === undefined ? {} : { evidence: evidenceOf(record.evidence, record.endedAtMs) }),
    ...(writeBack === undefined || !isOfWriteBack ? {} : { writeBack }),
  };
}

function evidenceOf(evidence: GateEvidence, decidedAtMs: number): wire.GateEvidence {
  const { candidate, stable } = evidence;
  return {
    gate: evidence.gate,
    requests: candidate.requests,
    serverErrors: candidate.events,
    stableRequests: stable.requests,
    stableServerErrors: stable.events,
    max: evidence.max,
    alpha: evidence.alpha,
    log10Absolute: evidence.log10Absolute,
    ...(evidence.log10Relative === undefined ? {} : { log10Relative: evidence.log10Relative }),
    ...(candidate.firstErrorAtMs === undefined
      ? {}
      : {
          firstErrorAt: isoOf(candidate.firstErrorAtMs),
          detectionMs: Math.max(0, Math.round(decidedAtMs - candidate.firstErrorAtMs)),
        }),
    decidedAt: isoOf(decidedAtMs),
    ...(candidate.lastError === undefined ? {} : { lastError: candidate.lastError }),
  };
}

function namedOf({ version, variants }: NamedVersion): { version: number; variants?: string[] } {
  return { version, ...(variants === undefined ? {} : { variants: [...variants] }) };
}

function eventOf({ id, atMs, severity, code, message, commit, version, actor }: DeploymentEvent): wire.DeploymentEvent {
  return {
    id,
    at: isoOf(atMs),
    severity,
    code,
    message,
    ...(commit === undefined ? {} : { commit }),
    ...(version === undefined ? {} : { version }),
    ...(actor === undefined ? {} : { actor }),
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
