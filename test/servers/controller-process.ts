import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentStatus } from '#generated/deployment-status';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { freePort } from './free-port.ts';
import { OPEN_ACCESS } from './open-access.ts';

const program = join(import.meta.dirname, '../../dist/apps/controller/main.js');
const START_DEADLINE_MS = 30_000;

/** What a controller says of itself. */
export interface ControllerHealth {
  readonly ready: boolean;
  readonly leader: boolean;
  readonly leaderAddress?: string;
}

/** A built controller that can be stopped, killed, and started again at the same addresses. */
export class ControllerProcess {
  readonly url: string;
  /** Where gateways attach. */
  readonly grpcAddress: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(port: string, grpcPort: string, environment: Readonly<Record<string, string | undefined>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.grpcAddress = `127.0.0.1:${grpcPort}`;
    this.#environment = { ...environment, SLIPWAY_CONTROLLER_PORT: port, SLIPWAY_CONTROLLER_GRPC_PORT: grpcPort };
  }

  /** @param environment of the program: its repository, its store, its registry and its state folder. */
  static async start(environment: Readonly<Record<string, string | undefined>>): Promise<ControllerProcess> {
    const controller = new ControllerProcess(await freePort(), await freePort(), environment);
    await controller.start();
    return controller;
  }

  /** What it logged last, of all its lives. */
  get log(): string {
    return this.#log;
  }

  /** Starts the program and waits until it has looked at the lease; a leader may not have read Git yet. */
  async start(): Promise<void> {
    const child = spawn(pinnedNode, [program], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...OPEN_ACCESS, ...this.#environment },
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = `${this.#log}${text}`.slice(-40_000);
    });
    const deadlineMs = performance.now() + START_DEADLINE_MS;
    while (!(await this.#hasLooked())) {
      if (child.exitCode !== null || performance.now() > deadlineMs) {
        child.kill('SIGKILL');
        throw new Error(`the controller did not start:\n${this.#log}`);
      }
      await sleep(10);
    }
  }

  /** `undefined` while it does not answer. */
  health(): Promise<ControllerHealth | undefined> {
    return fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(1000) }).then(
      (response) => response.json() as Promise<ControllerHealth>,
      () => undefined,
    );
  }

  async #hasLooked(): Promise<boolean> {
    const health = await this.health();
    return health !== undefined && (health.ready || health.leader);
  }

  /** One of its metrics that has no labels. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
  }

  /** Sends a signal that does not end it, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }

  /** What it says of a deployment of the namespace `default`; `undefined` while it does not know it, or does not answer. */
  async status(name: string): Promise<DeploymentStatus | undefined> {
    const response = await fetch(`${this.url}/v1/deployments/default/${name}`).catch(() => undefined);
    return response?.ok === true ? ((await response.json()) as DeploymentStatus) : undefined;
  }

  /** Tells it, as a forge does, that something was pushed; a controller that is gone is not told. */
  async tellOfPush(): Promise<void> {
    await fetch(`${this.url}/hooks/git`, { method: 'POST', body: '{}' }).catch(() => undefined);
  }
}
