import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinnedNode } from '../../apps/cli/setup.mjs';

const program = join(import.meta.dirname, '../../dist/apps/gateway/main.js');
const START_DEADLINE_MS = 30_000;

/** A built gateway program on any free ports, that can be killed and started again on the same state. */
export class GatewayProcess {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #nodeArguments: readonly string[];
  #child: ChildProcess | undefined;
  #log = '';
  #url = '';

  private constructor(environment: Readonly<Record<string, string>>, nodeArguments: readonly string[]) {
    this.#environment = environment;
    this.#nodeArguments = nodeArguments;
  }

  /** @param environment of the program: its store, its state folder and its controller. */
  static async start(
    environment: Readonly<Record<string, string>>,
    nodeArguments: readonly string[] = [],
  ): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(environment, nodeArguments);
    await gateway.start();
    return gateway;
  }

  get url(): string {
    return this.#url;
  }

  /** What it logged so far, of all its lives. */
  get log(): string {
    return this.#log;
  }

  /** Starts the program and waits until it listens. */
  async start(): Promise<void> {
    const child = spawn(pinnedNode, [...this.#nodeArguments, program], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, SLIPWAY_GATEWAY_PORT: '0', SLIPWAY_GATEWAY_GRPC_PORT: '0', ...this.#environment },
    });
    this.#child = child;
    let own = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      own += text;
      this.#log += text;
    });
    const deadlineMs = performance.now() + START_DEADLINE_MS;
    for (;;) {
      this.#url = /"url":"(http:[^"]+)"/.exec(own)?.[1] ?? '';
      if (this.#url !== '') return;
      if (child.exitCode !== null || performance.now() > deadlineMs) {
        child.kill('SIGKILL');
        throw new Error(`the gateway did not start:\n${own}`);
      }
      await sleep(20);
    }
  }

  async isReady(): Promise<boolean> {
    return fetch(`${this.#url}/v2/health/ready`, { signal: AbortSignal.timeout(2000) }).then(
      (response) => response.ok,
      () => false,
    );
  }

  /** The sum of a metric's series whose labels hold a text. */
  async metric(name: string, labels = ''): Promise<number> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const values = text
      .split('\n')
      .filter((line) => new RegExp(`^${name}[ {]`).test(line) && line.includes(labels))
      .map((line) => Number(line.split(' ').at(-1)));
    return values.reduce((total, value) => total + value, 0);
  }

  /** Its runners' process ids. */
  get runners(): readonly number[] {
    const parent = this.#child?.pid;
    return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/ +/).map(Number))
      .flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent && pid !== 0 ? [pid] : []));
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
}
