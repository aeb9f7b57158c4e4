import { shownVersion } from '#domain/rollout';
import type { DeploymentStatus, GateEvidence, RolloutResult } from '#generated/deployment-status';
import { clock, duration, noteOf, percent, reasonWithoutName, shownEvidence, shownName } from './status-words.ts';

/** Outcomes after which a version is not tried again by itself. */
const REJECTING: readonly RolloutResult['outcome'][] = ['rolledBack', 'aborted', 'failed'];

/**
 * Why the last decision on a deployment fell as it did: what a rollout that is under way waits for and what would make each gate decide,
 * or how the last one ended, on what evidence, and what would let its version be tried again.
 *
 * @param nowMs milliseconds since the epoch.
 */
export function explain(status: DeploymentStatus, nowMs: number): string {
  const { candidate, desired, stable } = status;
  const asked =
    desired === undefined
      ? ['Git asks for nothing valid yet.']
      : [`Git asks for ${wantedVersion(desired)} in commit ${short(desired.commit)}.`];
  const serves =
    stable === undefined
      ? 'Nothing is stable yet.'
      : `Stable is version ${shownVersion(stable)}, of commit ${short(stable.commit)}.`;
  const now = candidate === undefined ? atRest(status) : underWay(status, candidate, nowMs);
  return [`${shownName(status)}: ${status.phase}`, ...asked, serves, '', ...now].join('\n');
}

function underWay(status: DeploymentStatus, candidate: NonNullable<DeploymentStatus['candidate']>, nowMs: number) {
  const { rolloutId, commit, weightPercent, stepIndex, stepCount, startedAt, steps = [] } = candidate;
  const present = steps.find(({ state }) => state === 'present')?.text ?? candidate.step;
  const since = clock(nowMs - Date.parse(startedAt));
  const ended = lastRolloutLines(status);
  return [
    `ROLLOUT ${rolloutId}`,
    `  version ${shownVersion(candidate)}, of commit ${short(commit)}, has ${weightPercent} % of the traffic; it began ${since} ago`,
    `  step ${Math.min(stepIndex + 1, stepCount)} of ${stepCount}: ${present}`,
    `  waits: ${noteOf(status)}`,
    ...trafficLines(candidate),
    ...gateLines(candidate.gates ?? []),
    ...(ended.length === 0 ? [] : ['', ...ended]),
  ];
}

function trafficLines({ traffic }: NonNullable<DeploymentStatus['candidate']>): string[] {
  if (traffic === undefined) return [];
  const counts = (['candidate', 'stable'] as const).map((which) => {
    const { requests, serverErrors, errorRate } = traffic[which];
    const interval =
      errorRate === undefined
        ? ''
        : ` (${percent(errorRate.rate)} %, 95 % interval ${percent(errorRate.low)} to ${percent(errorRate.high)} %)`;
    return `  ${which.padEnd(9)}  ${serverErrors} of ${requests} requests failed${interval}`;
  });
  return ['', 'TRAFFIC', ...counts];
}

function gateLines(gates: NonNullable<NonNullable<DeploymentStatus['candidate']>['gates']>): string[] {
  if (gates.length === 0) return [];
  return [
    '',
    'GATES',
    ...gates.flatMap((gate) => [
      `  ${gate.key}: ${gate.verdict}`,
      `    ${reasonWithoutName(gate)}`,
      ...(gate.evidence === undefined ? [] : [`    evidence against the candidate ${shownEvidence(gate.evidence)}`]),
      `    ${gate.decides}`,
    ]),
  ];
}

function atRest(status: DeploymentStatus): string[] {
  const ended = lastRolloutLines(status);
  const next = ['NOW', `  ${noteOf(status)}`, ...returnLines(status)];
  return ended.length === 0 ? next : [...ended, '', ...next];
}

/** How the last rollout ended; nothing when there was none. */
export function lastRolloutLines({ lastRollout }: DeploymentStatus): string[] {
  if (lastRollout === undefined) return [];
  const { outcome, reason, startedAt, endedAt, commit, evidence } = lastRollout;
  const took = duration(Date.parse(endedAt) - Date.parse(startedAt));
  return [
    `LAST ROLLOUT ${lastRollout.rolloutId}`,
    `  version ${shownVersion(lastRollout)} of commit ${short(commit)}: ${OUTCOMES[outcome]} after ${took}, at ${endedAt}`,
    `  reason: ${reason}`,
    ...(evidence === undefined ? [] : evidenceLines(evidence)),
    ...writeBackLines(lastRollout.writeBack),
  ];
}

const OUTCOMES: Readonly<Record<RolloutResult['outcome'], string>> = {
  promoted: 'promoted',
  rolledBack: 'rolled back',
  aborted: 'aborted',
  superseded: 'superseded by another commit',
  failed: 'failed',
};

function evidenceLines(evidence: GateEvidence): string[] {
  const { gate, max, alpha, log10Absolute, log10Relative, detectionMs, firstErrorAt, lastError } = evidence;
  const candidate = `candidate ${evidence.serverErrors} of ${evidence.requests}`;
  const stable = `stable ${evidence.stableServerErrors} of ${evidence.stableRequests}`;
  const odds = shownEvidence({
    log10Absolute,
    ...(log10Relative === undefined ? {} : { log10Relative }),
    log10Needed: -Math.log10(alpha),
  });
  return [
    `  counts of ${gate}: ${candidate}, ${stable}, tolerated ${Number(max.toPrecision(6))}`,
    `  evidence: ${odds} (wrong at most once in ${Math.round(1 / alpha)} good candidates)`,
    ...(detectionMs === undefined
      ? []
      : [`  detected: ${duration(detectionMs)} after the first failure, ${firstErrorAt}`]),
    ...(lastError === undefined ? [] : [`  last error: ${lastError}`]),
  ];
}

function writeBackLines(writeBack: RolloutResult['writeBack']): string[] {
  if (writeBack === undefined) return [];
  const { state, commit, message } = writeBack;
  const words = {
    pending: 'is being written to Git',
    committed: `is commit ${short(commit ?? '')}`,
    abandoned: 'is not in Git',
    off: 'is not written to Git',
  }[state];
  return [`  the rollback ${words}${message === undefined ? '' : `: ${message}`}`];
}

/** What a rejected version needs to be tried again. */
function returnLines({ name, stable, lastRollout, phase }: DeploymentStatus): string[] {
  if (lastRollout === undefined || !REJECTING.includes(lastRollout.outcome)) return [];
  if (stable !== undefined && shownVersion(stable) === shownVersion(lastRollout)) return [];
  const manifest = 'a manifest that names it with another spec.rollout.retryToken, or with acceptRejected: true';
  const isAskedFor = phase === 'RolledBack' || phase === 'Failed';
  return [
    `  version ${shownVersion(lastRollout)} is tried again by ${manifest}`,
    ...(isAskedFor ? [`  Git asks for it still, so \`slipway rollout retry ${name}\` tries it again, too`] : []),
  ];
}

function wantedVersion({ model, alias, ...named }: NonNullable<DeploymentStatus['desired']>): string {
  if (named.version === 0) return 'an ensemble';
  return `${model}@${shownVersion(named)}${alias === undefined ? '' : ` (alias ${alias})`}`;
}

function short(commit: string): string {
  return commit.slice(0, 10);
}
