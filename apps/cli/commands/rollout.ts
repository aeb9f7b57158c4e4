import type { Command } from 'commander';
import type { DeploymentStatus } from '#generated/deployment-status';
import type { CliContext } from '../context.ts';
import { printResult, table } from '../output.ts';

interface RolloutOptions {
  readonly namespace: string;
  readonly json?: boolean;
}

/** How a rollout is followed. */
export interface FollowOptions {
  /** Ends when the rollout has: with status 0 when the desired version serves, 1 when it does not. */
  readonly exits: boolean | undefined;
  readonly json: boolean | undefined;
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
}

function command(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .argument('<deployment>', 'name of the deployment')
    .option('-n, --namespace <name>', 'its namespace', 'default')
    .option('--json', 'print JSON');
}

/**
 * Prints every event and change of state until the rollout ends or the user does.
 *
 * The exit status is set to 1 when the rollout ended with the desired version out of service.
 */
export async function followRollout(
  context: CliContext,
  namespace: string,
  name: string,
  { exits, json }: FollowOptions,
): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const show = json === true ? showJson : createFollower();
  for await (const status of context.controller().watch(namespace, name, stop.signal)) {
    show(status);
    const end = exits === true ? endOf(status) : undefined;
    if (end === undefined) continue;
    if (end === 'bad') process.exitCode = 1;
    break;
  }
  if (process.stdout.isTTY && json !== true) process.stdout.write('\n');
}

function showJson(status: DeploymentStatus): void {
  process.stdout.write(`${JSON.stringify(status)}\n`);
}

/** Shows events as lines; below them, on a terminal, the state in one line that is redrawn, elsewhere only states at rest. */
function createFollower(): (status: DeploymentStatus) => void {
  const { isTTY } = process.stdout;
  const clear = isTTY ? '\r\x1b[2K' : '';
  let lastEvent = 0;
  let lastLine = '';
  return (status) => {
    for (const event of status.events.filter(({ id }) => id > lastEvent)) {
      lastEvent = event.id;
      process.stdout.write(`${clear}${event.at}  ${event.severity.padEnd(7)}  ${event.code}: ${event.message}\n`);
    }
    const line = headline(status);
    if (isTTY) process.stdout.write(`${clear}${line.slice(0, process.stdout.columns - 1)}`);
    else if (line !== lastLine && status.candidate === undefined) process.stdout.write(`${line}\n`);
    lastLine = line;
  };
}

/** Whether a rollout has ended, and how; a rollback has when it is in Git. */
function endOf({ phase, candidate, lastRollout }: DeploymentStatus): 'good' | 'bad' | undefined {
  if (candidate !== undefined || lastRollout === undefined) return undefined;
  if (phase === 'RolledBack' || phase === 'Failed')
    return lastRollout.writeBack?.state === 'pending' ? undefined : 'bad';
  if (phase !== 'Healthy') return undefined;
  return lastRollout.outcome === 'promoted' || lastRollout.outcome === 'superseded' ? 'good' : 'bad';
}

function headline(status: DeploymentStatus): string {
  const { candidate } = status;
  if (candidate === undefined) return `${status.name}: ${status.phase} - ${status.message}`;
  const counts = `${candidate.requests} requests, ${candidate.serverErrors} server errors`;
  return `${status.name}: ${status.phase} - version ${candidate.version} at ${candidate.weightPercent} %, ${counts}; ${status.message}`;
}

function deploymentTable(deployments: readonly DeploymentStatus[]): string {
  return table(
    ['DEPLOYMENT', 'PHASE', 'DESIRED', 'STABLE', 'CANDIDATE', 'MESSAGE'],
    deployments.map(({ namespace, name, phase, desired, stable, candidate, message }) => [
      namespace === 'default' ? name : `${namespace}/${name}`,
      phase,
      desired === undefined ? '-' : desired.version === 0 ? 'ensemble' : `${desired.model}@${desired.version}`,
      stable === undefined ? '-' : String(stable.version),
      candidate === undefined ? '-' : `${candidate.version} (${candidate.weightPercent} %)`,
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
