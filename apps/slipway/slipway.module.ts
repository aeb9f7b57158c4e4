import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { accessSettings, type Environment, loadConfig } from '#adapters/config';
import { createEmbeddedRepository } from '#adapters/git-source';
import type { Logger } from '#adapters/telemetry';
import { controllerSettings, startController } from '#apps/controller';
import { gatewaySettings, startGateway } from '#apps/gateway';
import { registrySettings, startRegistry } from '#apps/registry';
import { adminKeyIn } from './admin-key.ts';
import { assertReachable, embeddedTls } from './embedded-tls.ts';
import { type Endpoints, removeEndpoints, writeEndpoints } from './endpoints-file.ts';
import { lockStateDirectory } from './state-lock.ts';

/** A running all-in-one. */
export interface RunningSlipway {
  readonly endpoints: Endpoints;
  /** Shuts the programs down, the data plane last, and lets go of the state directory. */
  close(): Promise<void>;
}

const DEPLOYED_BRANCH = 'main';

/**
 * Starts the registry, the controller and a gateway in this process, on loopback ports and embedded storage under the state
 * directory. Settings of the three programs are taken from `environment`, save those that the embedding decides.
 *
 * @throws StateDirectoryInUse while another process uses the state directory.
 * @throws ConfigError when a setting of a program is wrong.
 */
export async function startSlipway(
  stateDir: string,
  environment: Environment,
  logger: Logger,
): Promise<RunningSlipway> {
  const state = resolve(stateDir);
  mkdirSync(state, { recursive: true });
  const lock = await lockStateDirectory(state);
  removeEndpoints(state);

  const closers: (() => Promise<void>)[] = [() => lock.release()];
  const close = async () => {
    removeEndpoints(state);
    for (const closer of closers.toReversed()) await closer();
  };
  try {
    const endpoints = await startPrograms(
      state,
      { ...keysOf(state, environment), ...environment, ...embeddedTls(environment) },
      logger,
      closers,
    );
    writeEndpoints(state, endpoints);
    return { endpoints, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the programs show each other. */
const SHOWN_KEYS = ['SLIPWAY_REGISTRY_KEY', 'SLIPWAY_CONTROLLER_KEY'] as const;

/**
 * Where policies decide, the administrator's key is made up at the first start, and the programs know each other by it. What the
 * repository's own hook says is believed for its signature.
 */
function keysOf(state: string, environment: Environment): Environment {
  if (loadConfig({ access: accessSettings.access }, environment).access === 'open') return {};
  const isMissing = (name: string) => environment[name] === undefined && environment[`${name}_FILE`] === undefined;
  const shown = SHOWN_KEYS.filter(isMissing);
  const secret = 'SLIPWAY_WEBHOOK_SECRET';
  const webhook = isMissing(secret) ? { [secret]: randomBytes(32).toString('hex') } : {};
  const file = environment['SLIPWAY_ADMIN_KEY_FILE'];
  if (file !== undefined) return { ...webhook, ...Object.fromEntries(shown.map((name) => [`${name}_FILE`, file])) };
  const key = environment['SLIPWAY_ADMIN_KEY'] ?? adminKeyIn(state);
  return { ...webhook, SLIPWAY_ADMIN_KEY: key, ...Object.fromEntries(shown.map((name) => [name, key])) };
}

async function startPrograms(
  state: string,
  environment: Environment,
  logger: Logger,
  closers: (() => Promise<void>)[],
): Promise<Endpoints> {
  const stores = { SLIPWAY_STORE: 'fs', SLIPWAY_STORE_DIR: join(state, 'store') };
  const git = join(state, 'git', 'deployments.git');

  const registry = await startRegistry(
    loadConfig(registrySettings, {
      ...environment,
      ...stores,
      SLIPWAY_REGISTRY_INDEX: join(state, 'registry-index.db'),
    }),
    logger.child({ part: 'registry' }),
  );
  closers.push(() => registry.close());
  await assertReachable(registry.url, environment);
  const grpcScheme = registry.url.startsWith('https:') ? 'grpcs://' : '';

  // The controller reads the repository at start, so it must be there; its hooks need the controller's address.
  await createEmbeddedRepository(git, { branch: DEPLOYED_BRANCH });
  const controllerConfig = loadConfig(controllerSettings, {
    SLIPWAY_GIT_POLL_SECONDS: '2',
    ...environment,
    ...stores,
    SLIPWAY_GIT_URL: git,
    SLIPWAY_GIT_BRANCH: DEPLOYED_BRANCH,
    SLIPWAY_GIT_PATH: '',
    SLIPWAY_GIT_SOURCES: '',
    SLIPWAY_REGISTRY_URL: registry.url,
    SLIPWAY_CONTROLLER_STATE_DIR: join(state, 'controller'),
  });
  const controller = await startController(controllerConfig, logger.child({ part: 'controller' }));
  closers.push(() => controller.close());
  await createEmbeddedRepository(git, {
    branch: DEPLOYED_BRANCH,
    notifyUrl: `${controller.url}/hooks/git`,
    secret: controllerConfig.webhookSecret,
  });

  const gateway = await startGateway(
    loadConfig(gatewaySettings, {
      ...environment,
      ...stores,
      SLIPWAY_CONTROLLER_GRPC: `${grpcScheme}${controller.grpcAddress}`,
      SLIPWAY_GATEWAY_STATE_DIR: join(state, 'gateway'),
    }),
    logger.child({ part: 'gateway' }),
  );
  closers.push(() => gateway.close());

  return {
    registry: registry.url,
    gateway: gateway.url,
    gatewayGrpc: `${grpcScheme}${gateway.grpcAddress}`,
    controller: controller.url,
    git,
    pid: process.pid,
  };
}
