import { Gauge, Registry } from 'prom-client';
import type { Deployment, GatewayFleet, Reconciler } from '#application/rollout';
import { phaseOf } from './status.mapper.ts';

const PHASES = ['Pending', 'Progressing', 'Paused', 'Healthy', 'RolledBack', 'Failed'] as const;

/** Prometheus metrics of the deployments, read from the reconciler at each scrape. */
export function createControllerMetrics(reconciler: Reconciler, fleet: GatewayFleet): Registry {
  const registry = new Registry();
  const perDeployment = (name: string, help: string, read: (deployment: Deployment) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'deployment'],
      registers: [registry],
      collect() {
        this.reset();
        for (const deployment of reconciler.deployments) {
          const { namespace, name: deploymentName } = deployment.entry;
          this.set({ namespace, deployment: deploymentName }, read(deployment));
        }
      },
    });
  perDeployment(
    'slipway_rollout_weight_percent',
    'Percent of the randomly split traffic that the candidate gets.',
    ({ state }) => state.candidate?.weightPercent ?? 0,
  );
  perDeployment('slipway_rollouts_started', 'Rollouts that were started so far.', ({ state }) => state.rolloutCount);
  perDeployment(
    'slipway_rollout_candidate_requests',
    'Candidate requests of the present rollout, all gateways.',
    (deployment) => deployment.trafficOf(fleet).candidate.requests,
  );
  perDeployment(
    'slipway_rollout_candidate_server_errors',
    'Those of them that failed for the server’s reasons, seen by the client or not.',
    (deployment) => deployment.trafficOf(fleet).candidate.serverErrors,
  );
  new Gauge({
    name: 'slipway_deployment_phase',
    help: '1 for the phase that the deployment is in, 0 for the others.',
    labelNames: ['namespace', 'deployment', 'phase'],
    registers: [registry],
    collect() {
      this.reset();
      for (const deployment of reconciler.deployments) {
        const { namespace, name } = deployment.entry;
        const present = phaseOf(deployment);
        for (const phase of PHASES) this.set({ namespace, deployment: name, phase }, phase === present ? 1 : 0);
      }
    },
  });
  return registry;
}
