import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { freePort } from './free-port.ts';
import { OPEN_ACCESS } from './open-access.ts';
import { residentMibOf } from './process-table.ts';

const program = join(import.meta.dirname, '../../dist/apps/registry/main.js');
const START_DEADLINE_MS = 30_000;

/** A registry program that can be killed and started again at the same address. */
export class RegistryProcess {
  readonly url: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(port: string, environment: Readonly<Record<string, string | undefined>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#environment = { ...environment, SLIPWAY_REGISTRY_PORT: port, SLIPWAY_LOG_LEVEL: 'warn' };
  }

  /** @param environment of the program, its bucket and its own index file. */
  static async start(environment: Readonly<Record<string, string | undefined>>): Promise<RegistryProcess> {
    const registry = new RegistryProcess(await freePort(), environment);
    await registry.start();
    return registry;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it logged last, of all its lives. */
  get log(): string {
    return this.#log;
  }

  get residentMib(): number {
    return residentMibOf(this.pid ?? 0);
  }

  /** Starts the program and waits until it answers; building the index of a large bucket takes its time. */
  async start(withinMs = START_DEADLINE_MS): Promise<void> {
    const child = spawn(pinnedNode, [program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...OPEN_ACCESS, ...this.#environment },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = `${this.#log}${text}`.slice(-4000);
      });
    }
    const deadlineMs = performance.now() + withinMs;
    while (!(await this.isReady())) {
      if (child.exitCode !== null || performance.now() > deadlineMs) {
        child.kill('SIGKILL');
        throw new Error(`the registry did not start:\n${this.#log}`);
      }
      await sleep(50);
    }
  }

  async isReady(): Promise<boolean> {
    return fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2000) }).then(
      (response) => response.ok,
      () => false,
    );
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
}
