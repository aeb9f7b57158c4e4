import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { OPEN_ACCESS } from './open-access.ts';
import { childrenOf, residentMibOf } from './process-table.ts';

const program = join(import.meta.dirname, '../../dist/apps/gateway/main.js');
const START_DEADLINE_MS = 30_000;

/** How a gateway is started. */
export interface GatewayOptions {
  /** Of the program: its store and its controller. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Kept by the caller; otherwise the gateway has a folder of its own until it is ended. */
  readonly stateDir?: string;
  /** Of Node.js, before the program. */
  readonly nodeArguments?: readonly string[];
  /** Most files that the program may have open. */
  readonly openFiles?: number;
  /** A command that becomes the one after it, such as `taskset`. */
  readonly launcher?: readonly string[];
}

/**
 * The built gateway as a process of its own, on any free ports, seen from outside: what it answers, logs and takes of the machine. It can
 * be ended and started again on the same state.
 */
export class GatewayProcess {
  readonly #options: GatewayOptions;
  #ownStateDir: string | undefined;
  #child: ChildProcess | undefined;
  #log = '';
  #url = '';
  #grpcAddress = '';

  private constructor(options: GatewayOptions) {
    this.#options = options;
  }

  /** Starts the program and waits until it listens; it may have no model yet. */
  static async start(options: GatewayOptions): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(options);
    await gateway.start();
    return gateway;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get url(): string {
    return this.#url;
  }

  get grpcAddress(): string {
    return this.#grpcAddress;
  }

  /** What it logged so far, of all its lives. */
  get log(): string {
    return this.#log;
  }

  get isAlive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Process ids of its runners, the oldest first. */
  get runners(): number[] {
    return childrenOf(this.pid);
  }

  get openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Mappings of memory that it shares, or shared, with runners. */
  get sharedMappings(): number {
    return readFileSync(`/proc/${this.pid}/maps`, 'utf8').split('slipway-runner').length - 1;
  }

  get residentMib(): number {
    return residentMibOf(this.pid);
  }

  /** Starts the program again after its end. */
  async start(): Promise<void> {
    const logged = this.#log.length;
    const child = this.#spawn();
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
    const deadlineMs = performance.now() + START_DEADLINE_MS;
    while (!this.#readAddresses(logged)) {
      if (!this.isAlive || performance.now() > deadlineMs) {
        await this.end('SIGKILL');
        throw new Error(`the gateway did not start:\n${this.#log.slice(logged)}`);
      }
      await sleep(5);
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

  /** Ends the program, and answers its exit code; `null` when it was the signal that ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child !== undefined && this.isAlive) {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await exited;
    }
    if (this.#ownStateDir !== undefined) rmSync(this.#ownStateDir, { recursive: true, force: true });
    this.#ownStateDir = undefined;
    return child?.exitCode ?? null;
  }

  #spawn(): ChildProcess {
    const { environment, stateDir, nodeArguments = [], openFiles, launcher = [] } = this.#options;
    if (stateDir === undefined) this.#ownStateDir = mkdtempSync(join(tmpdir(), 'slipway-gateway-'));
    const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles}; `;
    const command = [...launcher, pinnedNode, ...nodeArguments, program];
    return spawn('/bin/sh', ['-c', `${limit}exec "$0" "$@"`, ...command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ...OPEN_ACCESS,
        SLIPWAY_GATEWAY_PORT: '0',
        SLIPWAY_GATEWAY_GRPC_PORT: '0',
        SLIPWAY_GATEWAY_STATE_DIR: stateDir ?? this.#ownStateDir,
        ...environment,
      },
    });
  }

  /** @param logged where the log of this life begins. */
  #readAddresses(logged: number): boolean {
    const lines = this.#log.slice(logged).split('\n').slice(0, -1);
    const line = lines.find((text) => text.includes('"url"'));
    if (line === undefined) return false;
    const { url, grpc } = JSON.parse(line) as { url: string; grpc: string };
    this.#url = url;
    this.#grpcAddress = grpc;
    return true;
  }
}
