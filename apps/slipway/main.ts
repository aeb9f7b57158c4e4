import 'reflect-metadata';
import { join } from 'node:path';
import {
  accessSettings,
  ConfigError,
  describeSettings,
  type Environment,
  EXIT_CONFIG,
  giveBackStartMemory,
  loadConfig,
  readEnvironment,
} from '#adapters/config';
import { createLogger, LOG_LEVELS, type LogLevel } from '#adapters/telemetry';
import { controllerSettings } from '#apps/controller';
import { gatewaySettings } from '#apps/gateway';
import { registrySettings } from '#apps/registry';
import { slipwaySettings } from './config.ts';
import type { Endpoints } from './endpoints-file.ts';
import { startSlipway } from './slipway.module.ts';
import { StateDirectoryInUse } from './state-lock.ts';

/** Exit status when another process uses the state directory (EX_TEMPFAIL of sysexits.h). */
const EXIT_IN_USE = 75;

const help = `Slipway, all in one: a registry, a controller and a gateway on embedded storage.

Settings are environment variables:
${describeSettings({ ...slipwaySettings, ...registrySettings, ...controllerSettings, ...gatewaySettings })}
`;

async function main(): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(help);
    return;
  }
  const environment = readEnvironment();
  const config = loadConfig(slipwaySettings, environment);
  const logger = createLogger('slipway', logLevelOf(environment['SLIPWAY_LOG_LEVEL']));
  const slipway = await startSlipway(config.stateDir, environment, logger);
  giveBackStartMemory();
  logger.info({ endpoints: slipway.endpoints }, 'serving');
  process.stdout.write(greeting(slipway.endpoints, accessIn(environment, config.stateDir)));

  await untilToldToStop(config.exitsWithParent);
  logger.info('shutting down');
  await slipway.close();
  // Nothing that is still open (a client's idle connection, say) may keep the process.
  process.exit(0);
}

/** For the person at the terminal; programs read endpoints.json. */
function greeting({ registry, gateway, gatewayGrpc, controller, git }: Endpoints, access: string): string {
  return `
Slipway is serving.
  registry    ${registry}/graphql
  gateway     ${gateway} (REST), ${gatewayGrpc} (gRPC)
  controller  ${controller}/graphql, ${controller}/v1/deployments
  manifests   git clone ${git}
  access      ${access}
In another terminal: npx slipway --help. Ctrl-C ends it.

`;
}

/** Who may do what, and where that is read of. */
function accessIn(environment: Environment, stateDir: string): string {
  const { access } = loadConfig({ access: accessSettings.access }, environment);
  if (access === 'open') return 'open: everybody who reaches these ports may do everything (docs/guides/access.md)';
  const isGiven = environment['SLIPWAY_ADMIN_KEY'] !== undefined || environment['SLIPWAY_ADMIN_KEY_FILE'] !== undefined;
  const key = isGiven ? 'SLIPWAY_ADMIN_KEY' : `in ${join(stateDir, 'admin.key')}`;
  return `as policies say; the administrator's key is ${key} (docs/guides/access.md)`;
}

function logLevelOf(word: string | undefined): LogLevel {
  return LOG_LEVELS.find((level) => level === word) ?? 'info';
}

function untilToldToStop(exitsWithParent: boolean): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    if (!exitsWithParent) return;
    process.stdin.once('end', () => resolve());
    process.stdin.once('error', () => resolve());
    process.stdin.resume();
  });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`error: ${(error as Error).message}\n`);
  process.exit(error instanceof ConfigError ? EXIT_CONFIG : error instanceof StateDirectoryInUse ? EXIT_IN_USE : 1);
}
