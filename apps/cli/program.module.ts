import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { clientTlsSettings, type Environment, loadConfig, readEnvironment } from '#adapters/config';
import { ControllerClient } from '#adapters/controller-client';
import { GrpcInferenceClient, RestInferenceClient } from '#adapters/inference-client';
import { YamlPolicyParser } from '#adapters/json-schema';
import { ManifestRepository, manifestWithVersion, newManifest } from '#adapters/manifest-repository';
import { kserveArchivePath, kserveManifest, writeOciLayout } from '#adapters/model-export';
import { readLocalModel, tritonModelsIn } from '#adapters/model-layout';
import {
  KeyedSigners,
  keyIdOf,
  readPrivateKey,
  readPublicKey,
  readSignersFile,
  writeBundle,
} from '#adapters/model-signing';
import { RegistryClient } from '#adapters/registry-client';
import { openClientTls } from '#apps/tls';
import { bucketsIn } from './buckets.module.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { type Endpoints, readAdminKey, readEndpoints } from './endpoints.ts';
import { packageRoot } from './package-root.ts';
import { localPlugins } from './plugins.module.ts';
import { createProgram } from './program.ts';

/** The `slipway` command as it is on this machine: its servers are named by options, the environment or a running all-in-one. */
export function openProgram(): Command {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return createProgram({
    createContext,
    manifests: { newManifest, manifestWithVersion },
    serverProgram: join(import.meta.dirname, '../slipway/main.js'),
    version,
  });
}

function createContext(program: Command): CliContext {
  const environment = readEnvironment();
  const options = () => program.opts<GlobalOptions>();
  const running = () => readEndpoints(environment['SLIPWAY_STATE_DIR'] ?? '.slipway');
  return contextAt({
    registry: () =>
      options().registry ?? environment['SLIPWAY_REGISTRY_URL'] ?? running()?.registry ?? 'http://127.0.0.1:8082',
    gateway: () =>
      options().gateway ?? environment['SLIPWAY_GATEWAY_URL'] ?? running()?.gateway ?? 'http://127.0.0.1:8080',
    controller: () =>
      options().controller ?? environment['SLIPWAY_CONTROLLER_URL'] ?? running()?.controller ?? 'http://127.0.0.1:8083',
    repository: () =>
      options().repo ?? environment['SLIPWAY_GIT_URL'] ?? running()?.git ?? '.slipway/git/deployments.git',
  });
}

const policyParser = new YamlPolicyParser();

type Addresses = Record<'registry' | 'gateway' | 'controller' | 'repository', () => string>;

function contextAt(addresses: Addresses): CliContext {
  const tls = () => openClientTls(loadConfig(clientTlsSettings, readEnvironment()));
  return {
    registry: () => {
      const environment = readEnvironment();
      const credential = credentialOf(environment);
      return new RegistryClient(addresses.registry(), { actor: actorOf(environment), credential, agent: tls().agent });
    },
    gateway: () =>
      new RestInferenceClient(addresses.gateway(), { credential: credentialOf(readEnvironment()), agent: tls().agent }),
    gatewayGrpc: (address) => {
      const channel = tls().channelTo(address);
      return new GrpcInferenceClient(channel.target, { credential: credentialOf(readEnvironment()), channel });
    },
    controller: () =>
      new ControllerClient(addresses.controller(), { credential: credentialOf(readEnvironment()), agent: tls().agent }),
    buckets: bucketsIn(readEnvironment()),
    exports: { kserveArchivePath, kserveManifest, writeOciLayout },
    signing: {
      sign: (statement, key, where) => writeBundle(statement, readPrivateKey(key, where)),
      signersIn: readSignersFile,
      signerOf: (key, name) => {
        const publicKey = readPublicKey(key, name);
        return new KeyedSigners([{ name, publicKey, keyId: keyIdOf(publicKey) }]);
      },
    },
    holdsPolicy: (text) => policyParser.parse(text).length > 0,
    localModels: { read: readLocalModel, modelsIn: tritonModelsIn },
    localPlugins,
    repository: (url, branch) => new ManifestRepository(url ?? addresses.repository(), branch),
    at: ({ registry, gateway, controller, git }: Endpoints) =>
      contextAt({
        registry: () => registry,
        gateway: () => gateway,
        controller: () => controller,
        repository: () => git,
      }),
  };
}

/** What shows the servers who calls: a key or token, or the key of the all-in-one whose state is at hand. */
function credentialOf(environment: Environment): string | undefined {
  return environment['SLIPWAY_API_KEY'] ?? readAdminKey(environment['SLIPWAY_STATE_DIR'] ?? '.slipway');
}

/** Who the registry's event log says made a change, where access is open. */
function actorOf(environment: Environment): string {
  const known = environment['SLIPWAY_ACTOR'];
  if (known !== undefined) return known;
  const name = `${userInfo().username}@${hostname()}`;
  return /^[\p{L}\p{N}][\p{L}\p{N} ._@:/+-]{0,127}$/u.test(name) ? name : 'cli';
}
