import type { Command } from 'commander';
import { shownVersion } from '#domain/rollout';
import type { DeploymentStatus } from '#generated/deployment-status';
import type { CliContext } from '../context.ts';
import { printResult, table } from '../output.ts';
import { explain } from '../rollout/explain.ts';
import { followRollout } from '../rollout/follow-rollout.ts';
import { headline } from '../rollout/status-words.ts';

interface RolloutOptions {
  readonly namespace: string;
  readonly json?: boolean;
}

/** `slipway rollout …` */
export function registerRolloutCommands(program: Command, context: CliContext): void {
  const rollout = program.command('rollout').description('follow and steer releases');

  rollout
    .command('list')
    .description('list the deployments')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const deployments = await context.controller().deployments();
      printResult(options.json, deployments, () =>
        deployments.length === 0 ? 'no deployments: commit one with `slipway deploy`' : deploymentTable(deployments),
      );
    });

  command(rollout, 'status', 'show a deployment and its newest events').action(
    async (name: string, options: RolloutOptions) => {
      const status = await context.controller().deployment(options.namespace, name);
      printResult(options.json, status, () => describeStatus(status));
    },
  );

  command(rollout, 'watch', 'follow a deployment; ends with Ctrl-C')
    .option('--exit', 'end when the rollout has: status 0 when the desired version serves, else 1')
    .action(async (name: string, options: RolloutOptions & { exit?: boolean }) => {
      await followRollout(context, options.namespace, name, { exits: options.exit, json: options.json });
    });

  command(
    rollout,
    'explain',
    'say why the last decision fell as it did, what is waited for, and what would make each gate decide',
  ).action(async (name: string, options: RolloutOptions) => {
    const status = await context.controller().deployment(options.namespace, name);
    printResult(options.json, status, () => explain(status, Date.now()));
  });

  command(rollout, 'promote', 'take the candidate over its present step; a failing gate still rolls it back')
    .option('--full', 'over every step that is left')
    .action(async (name: string, options: RolloutOptions & { full?: boolean }) => {
      const status = await context.controller().promote(options.namespace, name, options.full === true);
      printResult(options.json, status, () => headline(status));
    });

  command(rollout, 'abort', 'roll the candidate back now').action(async (name: string, options: RolloutOptions) => {
    const status = await context.controller().abort(options.namespace, name);
    printResult(options.json, status, () => headline(status));
  });

  command(
    rollout,
    'skip',
    'end the present step now, whatever it waits for; the steps after it are taken as they are',
  ).action(async (name: string, options: RolloutOptions) => {
    const status = await context.controller().skip(options.namespace, name);
    printResult(options.json, status, () => headline(status));
  });

  command(rollout, 'retry', 'try again what was rolled back, while Git asks for it').action(
    async (name: string, options: RolloutOptions) => {
      const status = await context.controller().retry(options.namespace, name);
      printResult(options.json, status, () => headline(status));
    },
  );
}

function command(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .argument('<deployment>', 'name of the deployment')
    .option('-n, --namespace <name>', 'its namespace', 'default')
    .option('--json', 'print JSON');
}

function deploymentTable(deployments: readonly DeploymentStatus[]): string {
  return table(
    ['DEPLOYMENT', 'PHASE', 'DESIRED', 'STABLE', 'CANDIDATE', 'MESSAGE'],
    deployments.map(({ namespace, name, phase, desired, stable, candidate, message }) => [
      namespace === 'default' ? name : `${namespace}/${name}`,
      phase,
      desired === undefined ? '-' : desired.version === 0 ? 'ensemble' : `${desired.model}@${shownVersion(desired)}`,
      stable === undefined ? '-' : shownVersion(stable),
      candidate === undefined ? '-' : `${shownVersion(candidate)} at ${candidate.weightPercent} %`,
      message,
    ]),
  );
}

function describeStatus(status: DeploymentStatus): string {
  const events = status.events
    .slice(-10)
    .map(({ at, severity, code, message }) => `  ${at}  ${severity.padEnd(7)}  ${code}: ${message}`);
  const byName = (status.pinned ?? []).map(({ version, state, error }) =>
    error === undefined ? `  ${version}  ${state}` : `  ${version}  ${state}: ${error}`,
  );
  const pinned = byName.length === 0 ? [] : ['', 'SERVED BY NAME', ...byName];
  return [deploymentTable([status]), ...pinned, '', 'EVENTS', ...events].join('\n');
}
