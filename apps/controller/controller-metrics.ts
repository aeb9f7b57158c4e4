import { Counter, Gauge, Registry } from 'prom-client';
import type { Deployment, GatewayFleet, Reconciler } from '#application/rollout';
import type { NamedVerdict } from '#domain/rollout';
import { phaseOf } from './status.mapper.ts';

const PHASES = ['Pending', 'Progressing', 'Paused', 'Healthy', 'RolledBack', 'Failed'] as const;
const VERDICTS = ['pass', 'fail', 'inconclusive', 'frozen'] as const satisfies readonly NamedVerdict['kind'][];
/** How a rollout can end that lets the candidate go. */
const ROLLBACKS = ['rolledBack', 'aborted', 'failed'] as const;

/** Labels beside the namespace and the deployment, and the value of each set of them. */
type Samples = readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];

/** Prometheus metrics of the deployments, read from the reconciler at each scrape. */
export function createControllerMetrics(reconciler: Reconciler, fleet: GatewayFleet): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: readonly string[], read: (of: Deployment) => Samples) =>
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'deployment', ...labelNames],
      registers: [registry],
      collect() {
        this.reset();
        for (const deployment of reconciler.deployments) {
          for (const { labels, value } of read(deployment)) this.set({ ...placeOf(deployment), ...labels }, value);
        }
      },
    });
  const single = (name: string, help: string, read: (of: Deployment) => number | undefined) =>
    gauge(name, help, [], (deployment) => {
      const value = read(deployment);
      return value === undefined ? [] : [{ labels: {}, value }];
    });

  single(
    'slipway_rollout_weight_percent',
    'Percent of the randomly split traffic that the candidate gets.',
    ({ state }) => state.candidate?.weightPercent ?? 0,
  );
  single(
    'slipway_rollout_step_index',
    'Index of the step that is under way, from 0; -1 while the candidate loads. Absent without a rollout.',
    ({ state }) => state.candidate?.stepIndex,
  );
  single('slipway_rollouts_started', 'Rollouts that were started so far.', ({ state }) => state.rolloutCount);
  single(
    'slipway_rollout_candidate_requests',
    'Candidate requests of the present rollout, all gateways.',
    (deployment) => deployment.trafficOf(fleet).candidate.requests,
  );
  single(
    'slipway_rollout_candidate_server_errors',
    'Those of them that failed for the server’s reasons, seen by the client or not.',
    (deployment) => deployment.trafficOf(fleet).candidate.serverErrors,
  );
  single(
    'slipway_rollout_detection_seconds',
    'From the first candidate error to the decision, of the last rollout if a gate ended it.',
    ({ state }) => detectionSeconds(state.lastRollout),
  );
  gauge(
    'slipway_rollout_gate_evidence_log10',
    'Evidence against the candidate by gate, as the base-10 logarithm of its e-value, against the limit and against stable.',
    ['gate', 'against'],
    (deployment) => deployment.verdicts(fleet).flatMap(evidenceOf),
  );
  gauge('slipway_rollout_gate_evidence_needed_log10', 'Evidence at which a gate fails.', ['gate'], (deployment) =>
    deployment
      .verdicts(fleet)
      .flatMap(({ key, evidence }) =>
        evidence === undefined ? [] : [{ labels: { gate: key }, value: -Math.log10(evidence.alpha) }],
      ),
  );
  gauge(
    'slipway_rollout_gate_verdict',
    '1 for the verdict that a gate gives on the candidate now, 0 for the others.',
    ['gate', 'verdict'],
    (deployment) =>
      deployment
        .verdicts(fleet)
        .flatMap(({ key, kind }) =>
          VERDICTS.map((verdict) => ({ labels: { gate: key, verdict }, value: verdict === kind ? 1 : 0 })),
        ),
  );
  gauge(
    'slipway_deployment_phase',
    '1 for the phase that the deployment is in, 0 for the others.',
    ['phase'],
    (deployment) => {
      const present = phaseOf(deployment);
      return PHASES.map((phase) => ({ labels: { phase }, value: phase === present ? 1 : 0 }));
    },
  );
  countRollbacks(reconciler, registry);
  return registry;
}

/** Counts rollouts as they end; those of the time before this process are not counted again. */
function countRollbacks(reconciler: Reconciler, registry: Registry): void {
  const startedAtMs = Date.now();
  const counted = new Map<string, string>();
  const counter = new Counter({
    name: 'slipway_rollout_rollbacks_total',
    help: 'Candidates that were taken out since the controller started, by the outcome of their rollout.',
    labelNames: ['namespace', 'deployment', 'outcome'],
    registers: [registry],
    collect() {
      // A series that begins with its first rollback would hide that one from `increase`.
      for (const deployment of reconciler.deployments)
        for (const outcome of ROLLBACKS) this.inc({ ...placeOf(deployment), outcome }, 0);
    },
  });
  reconciler.onChange((deployment) => {
    const { lastRollout } = deployment.state;
    if (lastRollout === undefined || lastRollout.endedAtMs < startedAtMs) return;
    const key = `${deployment.entry.namespace}/${deployment.entry.name}`;
    if (counted.get(key) === lastRollout.rolloutId) return;
    counted.set(key, lastRollout.rolloutId);
    const outcome = ROLLBACKS.find((known) => known === lastRollout.outcome);
    if (outcome !== undefined) counter.inc({ ...placeOf(deployment), outcome });
  });
}

function evidenceOf({ key, evidence }: NamedVerdict): Samples {
  if (evidence === undefined) return [];
  const { log10Absolute, log10Relative } = evidence;
  return [
    { labels: { gate: key, against: 'limit' }, value: log10Absolute },
    ...(log10Relative === undefined ? [] : [{ labels: { gate: key, against: 'stable' }, value: log10Relative }]),
  ];
}

function detectionSeconds(record: Deployment['state']['lastRollout']): number | undefined {
  const firstErrorAtMs = record?.evidence?.candidate.firstErrorAtMs;
  if (record === undefined || firstErrorAtMs === undefined) return undefined;
  return Math.max(0, record.endedAtMs - firstErrorAtMs) / 1000;
}

function placeOf({ entry }: Deployment): { namespace: string; deployment: string } {
  return { namespace: entry.namespace, deployment: entry.name };
}
