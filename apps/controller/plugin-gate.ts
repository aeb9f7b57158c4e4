import type { PluginSet } from '#application/plugin';
import type { GateProvider, GateSubject } from '#application/rollout';
import type { ExternalReading, PluginGate } from '#domain/rollout';
import type { TrafficCounts } from '#domain/traffic';

const MAX_TOLD = 500;
const VERDICTS = ['pass', 'fail', 'hold'] as const;

/** Asks plugins of the controller for their verdicts on candidates. */
export class PluginGateProvider implements GateProvider<PluginGate> {
  readonly #plugins: PluginSet;

  constructor(plugins: PluginSet) {
    this.#plugins = plugins;
  }

  async ask(
    { plugin: name, options }: PluginGate,
    about: GateSubject,
    signal: AbortSignal,
  ): Promise<ExternalReading['outcome']> {
    const plugin = this.#plugins.find(name, 'gate');
    if (plugin === undefined) return noData(`no plugin ${name} of kind gate runs on this controller`);
    try {
      const question = () => ({ value: { ...questionOf(about), options }, transfer: [] });
      return verdictIn(await plugin.execute(question, () => !signal.aborted));
    } catch (error) {
      return noData((error as Error).message);
    }
  }
}

function questionOf({ candidate, stable, observed, ...about }: GateSubject) {
  const counts = observed();
  return {
    namespace: about.namespace,
    deployment: about.name,
    candidate: { version: candidate.version, variants: candidate.variants, observed: countsOf(counts.candidate) },
    stable: stable && { version: stable.version, variants: stable.variants, observed: countsOf(counts.stable) },
    rolloutId: about.rolloutId,
    weightPercent: about.weightPercent,
    startedAt: new Date(about.startedAtMs).toISOString(),
  };
}

function countsOf({ requests, serverErrors, fallbacks = 0, latency }: TrafficCounts) {
  return { requests, serverErrors, fallbacks, p50Ms: latency?.quantile(0.5), p99Ms: latency?.quantile(0.99) };
}

function verdictIn(answer: unknown): ExternalReading['outcome'] {
  const { verdict: said, reason } = Object(answer) as Record<string, unknown>;
  const verdict = VERDICTS.find((known) => known === said);
  if (verdict === undefined) return noData('the answer has no verdict of pass, fail or hold');
  return {
    kind: 'verdict',
    verdict,
    reason: (typeof reason === 'string' && inOneLine(reason)) || `it says ${verdict}`,
  };
}

/** Reasons become part of events and of commits. */
function inOneLine(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MAX_TOLD);
}

function noData(reason: string): ExternalReading['outcome'] {
  return { kind: 'noData', reason: inOneLine(reason) };
}
