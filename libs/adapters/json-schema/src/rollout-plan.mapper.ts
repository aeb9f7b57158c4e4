import { parseModelName } from '#domain/registry';
import type {
  AskedGate,
  RolloutGate,
  RolloutPlan,
  RolloutStep,
  RolloutStrategy,
  StatisticalGate,
} from '#domain/rollout';
import type { StickyKey } from '#domain/routing';
import type { Gate, Rollout, Step } from '#generated/model-deployment';
import { isAskedGate, type WireAskedGate } from './asked-gate.ts';
import { toMs } from './duration.ts';
import { toTimeWindow } from './time-window.mapper.ts';

const DEFAULT_PROGRESS_DEADLINE = '1h';
const DEFAULT_ROLLBACK_WINDOW = 3;
const DEFAULT_CONFIDENCE = 0.999;
const DEFAULT_MIN_REQUESTS = 20;
const DEFAULT_MIN_DRIFT_ANSWERS = 200;
const DEFAULT_INTERVAL = '30s';
const DEFAULT_STEPS: Readonly<Record<RolloutStrategy, readonly Step[]>> = {
  canary: [{ setWeight: 5 }, { analyse: { minRequests: 500 } }, { setWeight: 25 }, { analyse: { minRequests: 1000 } }],
  blueGreen: [{ pause: {} }],
  shadow: [{ mirror: { percent: 100 } }],
  experiment: [{ setWeight: 50 }, { analyse: { minRequests: 1000 } }],
  allAtOnce: [],
};

/** Fills in the defaults of a rollout. */
export function toPlan(rollout: Rollout): RolloutPlan {
  const strategy = rollout.strategy ?? 'canary';
  const { match, stickyBy, dependsOn, freeze, blastRadius, acceptRejected, retryToken } = rollout;
  return {
    strategy,
    steps: (rollout.steps ?? DEFAULT_STEPS[strategy]).map(toStep),
    fallbackToStable: rollout.fallback !== 'none',
    progressDeadlineMs: toMs(rollout.progressDeadline ?? DEFAULT_PROGRESS_DEADLINE),
    gates: (rollout.gates ?? [{ metric: 'error-rate' as const }]).map(toGate),
    writeBack: rollout.onFailure?.writeBack ?? 'commit',
    rollbackWindow: rollout.rollbackWindow ?? DEFAULT_ROLLBACK_WINDOW,
    breaker: rollout.breaker ?? true,
    ...(match === undefined ? {} : { match: { headers: lowerCased(match.headers) } }),
    ...(stickyBy === undefined ? {} : { stickyBy: toStickyKey(stickyBy) }),
    ...(dependsOn === undefined ? {} : { dependsOn: dependsOn.map((name) => parseModelName(name)) }),
    ...(freeze === undefined ? {} : { freeze: freeze.map(toTimeWindow) }),
    ...(blastRadius === undefined ? {} : { blastRadius }),
    ...(acceptRejected === undefined ? {} : { acceptRejected }),
    ...(retryToken === undefined ? {} : { retryToken }),
  };
}

function toStep(step: Step): RolloutStep {
  if ('setWeight' in step) return { kind: 'setWeight', weightPercent: step.setWeight };
  if ('pause' in step) return { kind: 'pause', ...forMs(step.pause.for) };
  if ('mirror' in step) {
    const { percent, minRequests } = step.mirror;
    return { kind: 'mirror', percent, ...given({ minRequests }), ...forMs(step.mirror.for) };
  }
  const { minRequests, confidence } = step.analyse;
  return { kind: 'analyse', ...given({ minRequests, confidence }), ...forMs(step.analyse.for) };
}

function forMs(duration: string | undefined): { forMs?: number } {
  return duration === undefined ? {} : { forMs: toMs(duration) };
}

/** Without the fields that are not there. */
function given<T extends object>(fields: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

function toGate(gate: Gate): RolloutGate {
  return isAskedGate(gate) ? toAskedGate(gate) : toStatisticalGate(gate);
}

function toAskedGate(gate: WireAskedGate): AskedGate {
  const intervalMs = toMs(gate.interval ?? DEFAULT_INTERVAL);
  const onNoData = gate.onNoData ?? 'hold';
  if (gate.metric === 'http') {
    return { metric: gate.metric, url: gate.url, intervalMs, consecutive: gate.consecutive ?? 1, onNoData };
  }
  if (gate.metric === 'plugin') {
    const { metric, plugin, options = {}, consecutive = 1 } = gate;
    return { metric, plugin, options, intervalMs, consecutive, onNoData };
  }
  const { metric, query, min, max } = gate;
  return { metric, query, ...given({ min, max }), intervalMs, consecutive: gate.consecutive ?? 2, onNoData };
}

function toStatisticalGate(gate: Exclude<Gate, WireAskedGate>): StatisticalGate {
  const confidence = gate.confidence ?? DEFAULT_CONFIDENCE;
  const minRequests = gate.minRequests ?? DEFAULT_MIN_REQUESTS;
  switch (gate.metric) {
    case 'error-rate':
      return { metric: gate.metric, max: gate.max ?? 0.01, against: gate.against ?? 'stable', confidence, minRequests };
    case 'latency': {
      const { metric, quantile = 0.99, max, maxRatio = 1.5, against = 'stable' } = gate;
      const limit =
        max === undefined ? ({ kind: 'ratio', maxRatio } as const) : ({ kind: 'absolute', maxMs: toMs(max) } as const);
      return { metric, quantile, limit, against, confidence, minRequests };
    }
    case 'non-finite-outputs':
      return { metric: gate.metric, max: gate.max ?? 0, against: gate.against ?? 'stable', confidence, minRequests };
    case 'constant-outputs':
      return { metric: gate.metric, max: gate.max ?? 0.5, against: gate.against ?? 'stable', confidence, minRequests };
    case 'agreement': {
      const { metric, output, min = 0.98, tolerance = 0.001 } = gate;
      return { metric, output, min, tolerance, against: 'none', confidence, minRequests };
    }
    case 'output-drift': {
      const { metric, output, maxPsi, maxShift } = gate;
      const limits = maxPsi === undefined && maxShift === undefined ? { maxPsi: 0.2 } : given({ maxPsi, maxShift });
      return { metric, output, ...limits, confidence, minRequests: gate.minRequests ?? DEFAULT_MIN_DRIFT_ANSWERS };
    }
  }
}

function toStickyKey(text: string): StickyKey {
  const [source, name = ''] = text.split(':');
  return source === 'header' ? { source, name: name.toLowerCase() } : { source: 'parameter', name };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
