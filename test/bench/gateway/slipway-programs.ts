import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BareRepository } from '../../servers/bare-repository.ts';
import { ControllerProcess } from '../../servers/controller-process.ts';
import { GatewayProcess } from '../../servers/gateway-process.ts';
import { RegistryProcess } from '../../servers/registry-process.ts';
import type { SlipwayAddresses } from './slipway-addresses.ts';

/** Registry, controller and gateway as programs of their own on one folder, so that the gateway is seen without the others. */
export class SlipwayPrograms implements SlipwayAddresses {
  readonly stateDir: string;
  readonly #repository: BareRepository;
  readonly #registry: RegistryProcess;
  readonly #controller: ControllerProcess;
  readonly #gateway: GatewayProcess;

  private constructor(
    stateDir: string,
    repository: BareRepository,
    programs: { registry: RegistryProcess; controller: ControllerProcess; gateway: GatewayProcess },
  ) {
    this.stateDir = stateDir;
    this.#repository = repository;
    this.#registry = programs.registry;
    this.#controller = programs.controller;
    this.#gateway = programs.gateway;
  }

  /** @param launcher of the gateway alone: a command that becomes the one after it, such as `taskset`. */
  static async start(launcher: readonly string[]): Promise<SlipwayPrograms> {
    const stateDir = mkdtempSync(join(tmpdir(), 'bench-slipway-'));
    const common = { SLIPWAY_STORE_DIR: join(stateDir, 'store'), SLIPWAY_LOG_LEVEL: 'warn' };
    const repository = BareRepository.create(join(stateDir, 'manifests.git'));
    const registry = await RegistryProcess.start({ ...common, SLIPWAY_REGISTRY_INDEX: join(stateDir, 'index.db') });
    const controller = await ControllerProcess.start({
      ...common,
      SLIPWAY_GIT_URL: repository.folder,
      SLIPWAY_GIT_POLL_SECONDS: '1',
      SLIPWAY_REGISTRY_URL: registry.url,
      SLIPWAY_CONTROLLER_STATE_DIR: join(stateDir, 'controller'),
    });
    const gateway = await GatewayProcess.start({
      // Its log says where it listens.
      environment: { ...common, SLIPWAY_LOG_LEVEL: 'info', SLIPWAY_CONTROLLER_GRPC: controller.grpcAddress },
      launcher,
    });
    return new SlipwayPrograms(stateDir, repository, { registry, controller, gateway });
  }

  get registry(): string {
    return this.#registry.url;
  }

  get gateway(): string {
    return this.#gateway.url;
  }

  get gatewayGrpc(): string {
    return this.#gateway.grpcAddress;
  }

  get git(): string {
    return this.#repository.folder;
  }

  /** Of the gateway: its runners are its children. */
  get pid(): number {
    return this.#gateway.pid;
  }

  describe(): string {
    return `the gateway is ${this.#gateway.isAlive ? 'running' : 'gone'}; its log ends with:\n${this.#gateway.log.slice(-2000)}`;
  }

  async endControlPlane(): Promise<void> {
    for (const program of [this.#controller, this.#registry]) await program.end('SIGTERM');
  }

  async stop(): Promise<void> {
    await this.#gateway.end('SIGTERM');
    await this.endControlPlane();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}
