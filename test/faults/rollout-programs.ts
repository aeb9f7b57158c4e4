import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../e2e/eventually.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { BareRepository } from '../servers/bare-repository.ts';
import { ControllerProcess } from '../servers/controller-process.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { GitServer } from '../servers/git-server.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { type RestBody, textBody } from './rest-caller.ts';
import { digitsFile } from './stored-model.ts';

/** Versions of `digits` that answer everything. More than a rollback window, so that each is a release of its own. */
export const HEALTHY_VERSIONS = [1, 2, 3, 4, 5, 6];
/** Fails on every request of the load. */
export const BROKEN_VERSION = 7;

/** Thick writing: the broken version has no row for so much ink in its embedding, and every other answers. */
export const THICK_WRITING: RestBody = writing(16);
/** Thin writing, which every version answers. */
export const THIN_WRITING: RestBody = writing(1);

/** How the programs are started. */
export interface RolloutProgramsOptions {
  readonly gateways: number;
  /** Of the registry, the controller and the gateways: their store, unless it is a folder. */
  readonly store?: Readonly<Record<string, string>>;
  /** Of the controller. */
  readonly controller?: Readonly<Record<string, string>>;
}

/** A Git server, a registry with versions of `digits`, a controller and gateways, each a process of its own. */
export class RolloutPrograms {
  readonly state = mkdtempSync(join(tmpdir(), 'slipway-rollouts-'));
  readonly repository = BareRepository.create(join(this.state, 'git/manifests.git'));
  readonly gateways: GatewayProcess[] = [];
  #git: GitServer | undefined;
  #registry: RegistryProcess | undefined;
  #controller: ControllerProcess | undefined;

  /** Starts them, and has every version registered; nothing is deployed yet. */
  static async start(options: RolloutProgramsOptions): Promise<RolloutPrograms> {
    const programs = new RolloutPrograms();
    try {
      await programs.#start(options);
      return programs;
    } catch (error) {
      await programs.stop();
      throw error;
    }
  }

  get git(): GitServer {
    return started(this.#git);
  }

  get registry(): RegistryProcess {
    return started(this.#registry);
  }

  get controller(): ControllerProcess {
    return started(this.#controller);
  }

  /** Waits until the controller and every gateway have come to the same: one version, and a manifest that asks for it. */
  async convergesTo(version: number, commit: string, withinMs = 15_000): Promise<void> {
    const ask = async () => {
      const status = await this.controller.status('digits');
      const routes = await Promise.all(this.gateways.map((_, index) => this.versionsOn(index)));
      const { phase, stable, desired, candidate, message } = status ?? {};
      return { reached: { phase, stable: stable?.version, desired: desired?.commit, routes }, candidate, message };
    };
    const routes = this.gateways.map(() => [`${version}`]);
    const expected = JSON.stringify({ phase: 'Healthy', stable: version, desired: commit, routes });
    const what = `version ${version} of ${commit} is all there is`;
    await eventually(what, ask, ({ reached }) => JSON.stringify(reached) === expected, withinMs);
  }

  /** The versions that a gateway holds for `digits`, by its own words; none while it does not answer. */
  async versionsOn(gateway: number): Promise<string[]> {
    const { url } = started(this.gateways[gateway]);
    const response = await fetch(`${url}/v2/models/digits`).catch(() => undefined);
    if (response?.ok !== true) return [];
    return ((await response.json()) as { versions: string[] }).versions;
  }

  async stop(): Promise<void> {
    for (const gateway of this.gateways) await gateway.end('SIGKILL');
    await this.#controller?.end('SIGKILL');
    await this.#registry?.end('SIGKILL');
    await this.#git?.kill();
    rmSync(this.state, { recursive: true, force: true });
  }

  async #start({ gateways, store, controller }: RolloutProgramsOptions): Promise<void> {
    const environment = store ?? { SLIPWAY_STORE_DIR: join(this.state, 'store') };
    this.#git = await GitServer.start(join(this.state, 'git'));
    const index = { SLIPWAY_REGISTRY_INDEX: join(this.state, 'index.db') };
    this.#registry = await RegistryProcess.start({ ...environment, ...index });
    await this.#registerVersions();
    this.#controller = await ControllerProcess.start({
      ...environment,
      ...this.#git.environment,
      SLIPWAY_GIT_URL: `${this.#git.url}/manifests.git`,
      SLIPWAY_GIT_POLL_SECONDS: '1',
      SLIPWAY_REGISTRY_URL: this.#registry.url,
      SLIPWAY_CONTROLLER_STATE_DIR: join(this.state, 'controller'),
      ...controller,
    });
    for (let number = 0; number < gateways; number += 1) {
      const attached = { ...environment, SLIPWAY_CONTROLLER_GRPC: this.controller.grpcAddress };
      const stateDir = join(this.state, `gateway-${number}`);
      this.gateways.push(await GatewayProcess.start({ stateDir, environment: attached }));
    }
  }

  async #registerVersions(): Promise<void> {
    const folder = join(this.state, 'models');
    mkdirSync(folder);
    for (const version of [...HEALTHY_VERSIONS, BROKEN_VERSION]) {
      const { bytes } = digitsFile(version === BROKEN_VERSION ? 3 : 2, `version ${version}`);
      const file = join(folder, `digits-${version}.onnx`);
      writeFileSync(file, bytes);
      const push = ['--registry', this.registry.url, 'model', 'push', 'digits', file];
      const { exitCode, stderr } = await runSlipway({ stateDir: this.state }, push);
      if (exitCode !== 0) throw new Error(`version ${version} was not registered: ${stderr}`);
    }
  }
}

/** A manifest of `digits`, or of a deployment of that model under another name. @param rollout what stands in `rollout: {…}`. */
export function digitsManifest(version: number, rollout: string, name = 'digits'): string {
  const head = `apiVersion: slipway.dev/v1\nkind: ModelDeployment\nmetadata: {name: ${name}}\n`;
  return `${head}spec:\n  model: digits\n  version: ${version}\n  rollout: {${rollout}}\n`;
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the programs were not started');
  return part;
}

/** An image whose pixels all have the same ink, 0 to 16. */
function writing(ink: number): RestBody {
  const pixels = { name: 'pixels', shape: [1, 64], datatype: 'FP32', data: Array(64).fill(ink) };
  return textBody(JSON.stringify({ inputs: [pixels] }));
}
