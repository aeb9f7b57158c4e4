import {
  BREAKER_SHARE,
  type Candidate,
  type ErrorRateGate,
  isAsked,
  type RolloutGate,
  type RolloutPlan,
} from '#domain/rollout';
import { type AgreementWatch, type Breaker, type TrafficWatch, WATCH_NOTHING } from '#domain/traffic';
import type { DeploymentRoute } from './gateway-fleet.ts';

/** What a route says of a candidate beside its weight. */
export type CandidateControls = Pick<DeploymentRoute, 'mirrorPercent' | 'match' | 'stickyBy' | 'watch' | 'breaker'>;

/** Gateways that share the breakers' chance of a false alarm, at least: one more that attaches should change no route. */
const LEAST_GATEWAYS = 4;

const NO_CONTROLS: CandidateControls = {
  mirrorPercent: 0,
  match: undefined,
  stickyBy: undefined,
  watch: WATCH_NOTHING,
  breaker: undefined,
};

/** @param gateways that are attached now. */
export function controlsOf(candidate: Candidate | undefined, gateways: number): CandidateControls {
  if (candidate === undefined) return NO_CONTROLS;
  const { rollout } = candidate.desired.spec;
  // Before its first step it is not ready, and gets nothing.
  const isBegun = candidate.stepIndex >= 0;
  return {
    mirrorPercent: candidate.mirrorPercent ?? 0,
    match: isBegun ? rollout.match : undefined,
    stickyBy: rollout.stickyBy,
    watch: watchFor(rollout.gates),
    breaker: breakerOf(rollout, gateways),
  };
}

function watchFor(gates: readonly RolloutGate[]): TrafficWatch {
  const outputs = gates.flatMap((gate) => (gate.metric === 'output-drift' ? [gate.output] : []));
  return {
    latency: gates.some(({ metric }) => metric === 'latency'),
    nonFinite: gates.some(({ metric }) => metric === 'non-finite-outputs'),
    constant: gates.some(({ metric }) => metric === 'constant-outputs'),
    outputs: [...new Set(outputs)],
    agreement: gates.flatMap((gate): AgreementWatch[] =>
      gate.metric === 'agreement' ? [{ output: gate.output, tolerance: gate.tolerance }] : [],
    ),
  };
}

/**
 * The breaker of the strictest error-rate gate. Each gateway looks at counts of its own, so that each has its part of the chance that any of
 * them opens without need.
 */
function breakerOf({ gates, breaker }: RolloutPlan, gateways: number): Breaker | undefined {
  const errorRates = gates.filter((gate): gate is ErrorRateGate => gate.metric === 'error-rate');
  const [strictest] = errorRates.toSorted((left, right) => left.max - right.max);
  if (breaker !== true || strictest === undefined) return undefined;
  const sharers = gates.filter((gate) => !isAsked(gate)).length;
  const alpha = ((1 - strictest.confidence) / sharers) * BREAKER_SHARE;
  return { max: strictest.max, logThreshold: -Math.log(alpha / Math.max(LEAST_GATEWAYS, powerOfTwo(gateways))) };
}

function powerOfTwo(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count)));
}
