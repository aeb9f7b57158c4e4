import { Gauge, Registry } from 'prom-client';
import type { GatewayFleet, Reconciler } from '#application/rollout';
import { phaseOf } from './status.mapper.ts';

const PHASES = ['Pending', 'Progressing', 'Paused', 'Healthy', 'RolledBack', 'Failed'] as const;

/** Prometheus metrics of the deployments, read from the reconciler at each scrape. */
export function createControllerMetrics(reconciler: Reconciler, fleet: GatewayFleet): Registry {
  const registers = [new Registry()];
  const labelNames = ['namespace', 'deployment'];
  const gauge = (name: string, help: string, more: string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames, ...more], registers });
  const weight = gauge(
    'slipway_rollout_weight_percent',
    'Percent of the randomly split traffic that the candidate gets.',
  );
  const phase = gauge('slipway_deployment_phase', '1 for the phase that the deployment is in.', ['phase']);
  const rollouts = gauge('slipway_rollouts_total', 'Rollouts that were started.');
  const requests = gauge('slipway_rollout_candidate_requests', 'Candidate requests of the present rollout.');
  const errors = gauge(
    'slipway_rollout_candidate_server_errors',
    'Those of them that failed for the server’s reasons.',
  );
  const [registry] = registers as [Registry];
  const collect = () => {
    registry.resetMetrics();
    for (const deployment of reconciler.deployments) {
      const { namespace, name, state } = deployment.entry;
      const labels = { namespace, deployment: name };
      const { candidate } = deployment.trafficOf(fleet);
      weight.set(labels, state.candidate?.weightPercent ?? 0);
      rollouts.set(labels, state.rolloutCount);
      requests.set(labels, candidate.requests);
      errors.set(labels, candidate.serverErrors);
      for (const word of PHASES) phase.set({ ...labels, phase: word }, phaseOf(deployment) === word ? 1 : 0);
    }
  };
  return Object.assign(registry, { metrics: metricsAfter(registry, collect) });
}

function metricsAfter(registry: Registry, collect: () => void): Registry['metrics'] {
  const original = registry.metrics.bind(registry);
  return async () => {
    collect();
    return original();
  };
}
