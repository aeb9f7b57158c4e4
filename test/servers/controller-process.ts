import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import type { DeploymentStatus } from '../../libs/generated/deployment-status.ts';
import { freePort } from './free-port.ts';

const program = join(import.meta.dirname, '../../dist/apps/controller/main.js');
const START_DEADLINE_MS = 30_000;

/** What a controller says of itself. */
export interface ControllerHealth {
  readonly ready: boolean;
  readonly leader: boolean;
  readonly leaderAddress?: string;
}

/** The built controller as a process of its own, which can be stopped, killed, and started again at the same addresses. */
export class ControllerProcess {
  readonly url: string;
  /** Where gateways attach. */
  readonly grpcAddress: string;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(port: string, grpcPort: string, environment: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.grpcAddress = `127.0.0.1:${grpcPort}`;
    this.#environment = {
      ...environment,
      SLIPWAY_CONTROLLER_PORT: port,
      SLIPWAY_CONTROLLER_GRPC_PORT: grpcPort,
    };
  }

  /** @param environment of the program: its bucket, repository and registry, and a state folder of its own. */
  static async start(environment: Readonly<Record<string, string>>): Promise<ControllerProcess> {
    const controller = new ControllerProcess(await freePort(), await freePort(), environment);
    await controller.start();
    return controller;
  }

  get log(): string {
    return this.#log;
  }

  /** Starts the program and waits until it answers, as a leader or not. */
  async start(): Promise<void> {
    const child = spawn(pinnedNode, [program], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...this.#environment },
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
    const deadlineMs = performance.now() + START_DEADLINE_MS;
    while ((await this.health())?.ready !== true) {
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

  /** What it says of a deployment; `undefined` when it does not know it, or does not lead. */
  async status(name: string): Promise<DeploymentStatus | undefined> {
    const response = await fetch(`${this.url}/v1/deployments/default/${name}`);
    return response.ok ? ((await response.json()) as DeploymentStatus) : undefined;
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
}
