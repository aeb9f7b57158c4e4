import {
  durationInWords,
  type GateEvidence,
  logEvidenceAgainstRate,
  type NamedVerdict,
  type RolloutGate,
} from '#domain/rollout';
import type * as wire from '#generated/deployment-status';

/** More events than anybody waits for. */
const MOST_EVENTS = 2 ** 20;

/** What is told of a gate: its verdict, the numbers behind it, and what would make it decide. */
export function toGateStatus(gate: RolloutGate, verdict: NamedVerdict): wire.GateStatus {
  const { key, kind, reason, evidence } = verdict;
  return {
    key,
    verdict: kind,
    reason,
    decides: whatDecides(gate, verdict),
    ...(evidence === undefined ? {} : { evidence: countsOf(evidence) }),
  };
}

function countsOf(evidence: GateEvidence): wire.GateCounts {
  const { candidate, stable, max, alpha, log10Absolute, log10Relative, details } = evidence;
  return {
    requests: candidate.requests,
    events: candidate.events,
    stableRequests: stable.requests,
    stableEvents: stable.events,
    max,
    alpha,
    log10Absolute,
    ...(log10Relative === undefined ? {} : { log10Relative }),
    log10Needed: neededLog10({ alpha }),
    ...(details === undefined ? {} : { details: { ...details } }),
  };
}

function whatDecides(gate: RolloutGate, verdict: NamedVerdict): string {
  if (verdict.kind === 'fail') return 'it has decided: the candidate goes';
  switch (gate.metric) {
    case 'prometheus':
    case 'http':
    case 'plugin': {
      const answers = gate.consecutive === 1 ? 'one bad answer' : `${gate.consecutive} bad answers in a row`;
      return `fails at ${answers}, passes at a good one; asked every ${durationInWords(gate.intervalMs)}`;
    }
    case 'output-drift':
      return whatDecidesDrift(gate, verdict.evidence);
    default:
      return verdict.evidence === undefined
        ? 'needs its limit first, which is taken from the answers of stable'
        : whatDecidesEvents(gate, verdict.kind, verdict.evidence);
  }
}

type GateOf<Metric extends RolloutGate['metric']> = Extract<RolloutGate, { metric: Metric }>;

function whatDecidesDrift(gate: GateOf<'output-drift'>, evidence: GateEvidence | undefined): string {
  const limits = [
    ...(gate.maxPsi === undefined ? [] : [`the PSI is above ${gate.maxPsi}`]),
    ...(gate.maxShift === undefined ? [] : [`the shift is above ${gate.maxShift}`]),
  ].join(' or ');
  const seen = Math.min(evidence?.candidate.requests ?? 0, evidence?.stable.requests ?? 0);
  const missing = gate.minRequests - seen;
  const passes =
    missing > 0 ? `passes after ${missing} more answers of each version` : 'lets the candidate be promoted as it is';
  return `fails when ${limits} and the evidence for it reaches ${shownNeed(evidence)}; ${passes}`;
}

function whatDecidesEvents(
  gate: GateOf<'error-rate' | 'latency' | 'non-finite-outputs' | 'constant-outputs' | 'agreement'>,
  kind: NamedVerdict['kind'],
  evidence: GateEvidence,
): string {
  if (kind === 'frozen') {
    const relative = evidence.log10Relative?.toFixed(1) ?? '0';
    const needed = neededLog10(evidence).toFixed(1);
    return `goes on when stable is within ${shownRate(evidence.max)} again; fails when the evidence of being worse than stable reaches 10^${needed} (now 10^${relative})`;
  }
  const more = eventsUntilFailure(evidence);
  const fails = `fails after ${more} more ${nameEvents(gate.metric, more)} in a row, at evidence of ${shownNeed(evidence)}`;
  const missing = gate.minRequests - evidence.candidate.requests;
  return `${fails}; ${missing > 0 ? `passes after ${missing} more requests` : 'lets the candidate be promoted as it is'}`;
}

/** How many events, one after another, would make the evidence reach its bar. */
function eventsUntilFailure({ candidate: { requests, events }, max, alpha }: GateEvidence): number {
  if (max === 0) return 1;
  const isEnough = (more: number) => logEvidenceAgainstRate(requests + more, events + more, max) >= -Math.log(alpha);
  let enough = 1;
  while (!isEnough(enough) && enough < MOST_EVENTS) enough *= 2;
  let tooFew = Math.floor(enough / 2);
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (isEnough(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

function nameEvents(metric: RolloutGate['metric'], count: number): string {
  const [one, many] = {
    'error-rate': ['failure', 'failures'],
    latency: ['slow answer', 'slow answers'],
    'non-finite-outputs': ['answer that is not finite', 'answers that are not finite'],
    'constant-outputs': ['repeated answer', 'repeated answers'],
    agreement: ['disagreement', 'disagreements'],
    'output-drift': ['answer', 'answers'],
    prometheus: ['answer', 'answers'],
    http: ['answer', 'answers'],
    plugin: ['answer', 'answers'],
  }[metric] as [string, string];
  return count === 1 ? one : many;
}

function shownNeed(evidence: GateEvidence | undefined): string {
  if (evidence === undefined) return 'its bar';
  return `10^${neededLog10(evidence).toFixed(1)} (now 10^${evidence.log10Absolute.toFixed(1)})`;
}

function neededLog10({ alpha }: Pick<GateEvidence, 'alpha'>): number {
  return -Math.log10(alpha);
}

/** Without the noise of 1 - 0.99. */
function shownRate(rate: number): string {
  return String(Number(rate.toPrecision(6)));
}
