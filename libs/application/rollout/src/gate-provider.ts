import { assertNever } from '#domain/errors';
import type { AskedGate, ExternalReading, NamedVersion, RolloutSnapshot } from '#domain/rollout';

/** The candidate that somebody is asked about. */
export interface GateSubject {
  readonly namespace: string;
  /** Of the deployment. */
  readonly name: string;
  readonly candidate: NamedVersion;
  /** Absent while a deployment tries its first version. */
  readonly stable: NamedVersion | undefined;
  readonly rolloutId: string;
  /** The candidate's share of the randomly split traffic, 0 to 100. */
  readonly weightPercent: number;
  /** When the rollout began, in milliseconds since the epoch. */
  readonly startedAtMs: number;
  /** What the gateways have counted when it is asked for. */
  readonly observed: () => RolloutSnapshot['traffic'];
}

/**
 * Somebody outside who knows how candidates do.
 *
 * 1. `ask` puts one question and answers what came back; whatever goes wrong is `noData` with the reason, in one line.
 * 2. It ends soon after the signal fired, whatever the other side does, and leaves no connection open that it waits on.
 * 3. A value is a number, never NaN.
 * 4. No secret is part of a reason: reasons are shown, and committed to Git.
 */
export interface GateProvider<Gate extends AskedGate = AskedGate> {
  ask(gate: Gate, about: GateSubject, signal: AbortSignal): Promise<ExternalReading['outcome']>;
}

/** Who is asked for each kind of gate. */
export type GateProviders = {
  readonly [Metric in AskedGate['metric']]: GateProvider<Extract<AskedGate, { metric: Metric }>>;
};

/** A provider of every kind of gate. */
export function providerByMetric(providers: GateProviders): GateProvider {
  return {
    ask: (gate, about, signal) => {
      switch (gate.metric) {
        case 'prometheus':
          return providers.prometheus.ask(gate, about, signal);
        case 'http':
          return providers.http.ask(gate, about, signal);
        case 'plugin':
          return providers.plugin.ask(gate, about, signal);
        default:
          return assertNever(gate);
      }
    },
  };
}
