import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsObjectStore } from '#adapters/object-store-fs';
import { ObjectStoreJournal } from '#adapters/rollout-journal';
import { RouteSnapshot } from '#generated/slipway/control/v1/control';
import { commitManifests } from '../e2e/commit-manifests.ts';
import { eventually } from '../e2e/eventually.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { digitsDirectory } from '../e2e/serve-digits.ts';
import { ControllerProcess } from '../servers/controller-process.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { RegistryProcess } from '../servers/registry-process.ts';

/** Steps in which a rollout can be caught. */
export const STEPS = '{setWeight: 50}, {analyse: {minRequests: 2000}}';

/** Two controllers, a registry and a gateway as programs on one folder as bucket, and a repository. */
export class ControllerPair {
  readonly git: string;
  readonly #folder: string;
  readonly #store: string;
  controllers: ControllerProcess[] = [];
  #registry: RegistryProcess | undefined;
  #gateway: GatewayProcess | undefined;

  private constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'slipway-controllers-'));
    this.#store = join(this.#folder, 'store');
    this.git = join(this.#folder, 'manifests.git');
  }

  /**
   * Starts everything and registers the digit classifiers: 1 and 2 work, and 3 fails with much ink.
   *
   * @param ttlSeconds of the lease.
   */
  static async start(ttlSeconds: number): Promise<ControllerPair> {
    const pair = new ControllerPair();
    mkdirSync(pair.git);
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', pair.git]);
    await pair.#startPrograms(ttlSeconds);
    for (const number of [1, 2, 3]) {
      const file = join(digitsDirectory, `digits-${number}.onnx`);
      const push = ['--registry', pair.#registry?.url ?? '', 'model', 'push', 'digits', file];
      const { exitCode, stderr } = await runSlipway({ stateDir: pair.#folder }, push);
      if (exitCode !== 0) throw new Error(stderr);
    }
    return pair;
  }

  get gateway(): GatewayProcess {
    if (this.#gateway === undefined) throw new Error('the gateway was not started');
    return this.#gateway;
  }

  /** Which of them leads, and which does not; waits until one does. */
  async roles(): Promise<{ readonly leader: ControllerProcess; readonly follower: ControllerProcess }> {
    const found = await eventually(
      'one of the controllers leads',
      async () => {
        const leads = await Promise.all(this.controllers.map(async (one) => (await one.health())?.leader === true));
        return { leader: this.controllers[leads.indexOf(true)], follower: this.controllers[leads.indexOf(false)] };
      },
      ({ leader, follower }) => leader !== undefined && follower !== undefined,
    );
    return found as { leader: ControllerProcess; follower: ControllerProcess };
  }

  /** Waits until a controller leads; answers how long that took, in ms. */
  async untilLeading(controller: ControllerProcess, withinMs: number): Promise<number> {
    const startedMs = performance.now();
    const isLeading = async () => (await controller.health())?.leader === true;
    await eventually('the follower leads', isLeading, (isLeader) => isLeader, withinMs);
    return performance.now() - startedMs;
  }

  commit(version: number, steps: string): void {
    const spec = `{model: digits, version: ${version}, rollout: {strategy: canary, steps: [${steps}]}}`;
    commitManifests(this, { 'digits.yaml': `metadata: {name: digits}\nspec: ${spec}\n` });
  }

  /** The subjects of the commits, the newest first. */
  commits(): string[] {
    const log = execFileSync('git', ['--git-dir', this.git, 'log', '--format=%s', 'main'], { encoding: 'utf8' });
    return log.trim().split('\n');
  }

  /** What the bucket holds of the rollout, as text. */
  async journal(): Promise<string> {
    const found = await new ObjectStoreJournal(await FsObjectStore.open(this.#store)).loadAll();
    return JSON.stringify(found);
  }

  /** The routes that the gateway keeps. */
  routes(): RouteSnapshot {
    return RouteSnapshot.decode(readFileSync(join(this.#folder, 'gateway/routes.pb')));
  }

  /** Puts bucket and repository out of everybody's reach, or back. */
  takeAway(isAway: boolean): void {
    for (const path of [this.#store, this.git]) {
      if (isAway) renameSync(path, `${path}-away`);
      else renameSync(`${path}-away`, path);
    }
  }

  async stop(): Promise<void> {
    for (const controller of this.controllers) await controller.end('SIGKILL');
    await this.#gateway?.end('SIGKILL');
    await this.#registry?.end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #startPrograms(ttlSeconds: number): Promise<void> {
    const store = { SLIPWAY_STORE: 'fs', SLIPWAY_STORE_DIR: this.#store };
    const index = join(this.#folder, 'index.db');
    this.#registry = await RegistryProcess.start({ ...store, SLIPWAY_REGISTRY_INDEX: index });
    const common = {
      ...store,
      SLIPWAY_GIT_URL: this.git,
      SLIPWAY_GIT_POLL_SECONDS: '1',
      SLIPWAY_REGISTRY_URL: this.#registry.url,
      SLIPWAY_CONTROLLER_LEASE_TTL: String(ttlSeconds),
    };
    for (const name of ['controller-a', 'controller-b']) {
      const stateDir = join(this.#folder, name);
      this.controllers.push(await ControllerProcess.start({ ...common, SLIPWAY_CONTROLLER_STATE_DIR: stateDir }));
    }
    const addresses = this.controllers.map(({ grpcAddress }) => grpcAddress).join(',');
    this.#gateway = await GatewayProcess.start({
      stateDir: join(this.#folder, 'gateway'),
      environment: { ...store, SLIPWAY_CONTROLLER_GRPC: addresses },
    });
  }
}
