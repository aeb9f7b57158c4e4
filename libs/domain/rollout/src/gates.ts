/** What all gates have that judge events by an e-process. */
interface SequentialGate {
  /** 1 minus the probability of ever failing a candidate that is within the limit. */
  readonly confidence: number;
  /** Observations without which the candidate is not promoted. */
  readonly minRequests: number;
  /** Whether a candidate is excused while stable fails alike. */
  readonly against: 'stable' | 'none';
}

/** On the share of requests that fail for the server's reasons. */
export interface ErrorRateGate extends SequentialGate {
  readonly metric: 'error-rate';
  /** Tolerated share, 0 to 1, both excluded. */
  readonly max: number;
}

/** On the share of answers that are slower than a limit; 1 minus the quantile of them may be. */
export interface LatencyGate extends SequentialGate {
  readonly metric: 'latency';
  /** 0 to 1, both excluded. */
  readonly quantile: number;
  readonly limit:
    | { readonly kind: 'absolute'; readonly maxMs: number }
    /** Times stable's own quantile, as measured when the rollout began. */
    | { readonly kind: 'ratio'; readonly maxRatio: number };
}

/** On the share of answers that hold NaN or an infinity. */
export interface NonFiniteGate extends SequentialGate {
  readonly metric: 'non-finite-outputs';
  /** Tolerated share; with 0 the first such answer fails. */
  readonly max: number;
}

/** On the share of answers that are equal to the one before although the inputs differ. */
export interface ConstantOutputsGate extends SequentialGate {
  readonly metric: 'constant-outputs';
  /** Tolerated share, 0 to 1, both excluded. */
  readonly max: number;
}

/** On the share of mirrored requests that the candidate answers otherwise than stable. */
export interface AgreementGate extends SequentialGate {
  readonly metric: 'agreement';
  readonly output: string;
  /** Share that must agree, 0 to 1, both excluded. */
  readonly min: number;
  /** Largest difference of numbers that agree, as a share of the larger one. */
  readonly tolerance: number;
}

/** On how an output's values are distributed, compared with stable's. At least one limit is given. */
export interface OutputDriftGate extends Omit<SequentialGate, 'against'> {
  readonly metric: 'output-drift';
  readonly output: string;
  /** Largest population stability index of the labels, or of the numbers in bins. */
  readonly maxPsi?: number;
  /** Largest shift of the mean or the median of numbers, as a share of stable's range between its quartiles. */
  readonly maxShift?: number;
}

/** What all gates have that ask somebody else now and then. */
interface ExternalGate {
  /** Between two questions. */
  readonly intervalMs: number;
  /** Bad answers in a row that fail it. */
  readonly consecutive: number;
  /** What an answer without a value, or none at all, means. */
  readonly onNoData: 'hold' | 'rollback' | 'ignore';
}

/** What stands for the rollout's own in a query, between two pairs of braces. */
export const QUERY_PLACEHOLDERS = ['namespace', 'deployment', 'candidate', 'stable', 'rolloutId'] as const;

/** On the value of a Prometheus query. At least one limit is given. */
export interface PrometheusGate extends ExternalGate {
  readonly metric: 'prometheus';
  readonly query: string;
  readonly min?: number;
  readonly max?: number;
}

/** On what an HTTP service says of the candidate. */
export interface HttpGate extends ExternalGate {
  readonly metric: 'http';
  readonly url: string;
}

/** On what a plugin of the controller says of the candidate. */
export interface PluginGate extends ExternalGate {
  readonly metric: 'plugin';
  /** Its name. */
  readonly plugin: string;
  /** Given to it with each question. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Gates that judge events. */
export type EventGate = ErrorRateGate | LatencyGate | NonFiniteGate | ConstantOutputsGate | AgreementGate;
/** Gates with a chance of a false alarm, which is theirs to share. */
export type StatisticalGate = EventGate | OutputDriftGate;
/** Gates that are asked of others. */
export type AskedGate = PrometheusGate | HttpGate | PluginGate;
/** A rule that judges a candidate. */
export type RolloutGate = StatisticalGate | AskedGate;

/** Names a gate within its plan: `error-rate`, `output-drift/label`, `plugin/conversion`, and from the second of a kind on `latency#2`. */
export function gateKeys(gates: readonly RolloutGate[]): readonly string[] {
  const seen = new Map<string, number>();
  return gates.map((gate) => {
    const name = [gate.metric, ...subjectOf(gate)].join('/');
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  });
}

function subjectOf(gate: RolloutGate): readonly string[] {
  if ('output' in gate) return [gate.output];
  return gate.metric === 'plugin' ? [gate.plugin] : [];
}

/** Whether a gate asks somebody else. */
export function isAsked(gate: RolloutGate): gate is AskedGate {
  return gate.metric === 'prometheus' || gate.metric === 'http' || gate.metric === 'plugin';
}

/** One answer of somebody who was asked. */
export interface ExternalReading {
  readonly atMs: number;
  readonly outcome:
    | {
        readonly kind: 'value';
        /** Never NaN; a ratio to nothing is an infinity. */
        readonly value: number;
        /** What was told beside it, such as that not all data could be read. */
        readonly warnings?: readonly string[];
      }
    | { readonly kind: 'verdict'; readonly verdict: 'pass' | 'fail' | 'hold'; readonly reason: string }
    /** An empty answer, NaN, or none. */
    | { readonly kind: 'noData'; readonly reason: string };
}
