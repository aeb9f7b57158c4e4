import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinnedNode } from '../../apps/cli/setup.mjs';

const program = join(import.meta.dirname, '../../dist/apps/gateway/main.js');
const START_DEADLINE_MS = 30_000;

/** How a gateway is started. */
export interface GatewayOptions {
  /** Of the program: its store and its controller. */
  readonly environment: Readonly<Record<string, string>>;
  /** Kept by the caller; otherwise the gateway has a folder of its own for as long as it lives. */
  readonly stateDir?: string;
  /** Most files that the program may have open. */
  readonly openFiles?: number;
}

/** The built gateway as a process of its own, seen from outside: what it answers, logs and takes of the machine. */
export class MeasuredGateway {
  readonly #child: ChildProcess;
  readonly #ownStateDir: string | undefined;
  #log = '';
  #url = '';
  #grpcAddress = '';

  private constructor({ environment, stateDir, openFiles }: GatewayOptions) {
    if (stateDir === undefined) this.#ownStateDir = mkdtempSync(join(tmpdir(), 'slipway-gateway-'));
    const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles}; `;
    this.#child = spawn('/bin/sh', ['-c', `${limit}exec "$0" "$@"`, pinnedNode, program], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        SLIPWAY_GATEWAY_PORT: '0',
        SLIPWAY_GATEWAY_GRPC_PORT: '0',
        SLIPWAY_GATEWAY_STATE_DIR: stateDir ?? this.#ownStateDir,
        ...environment,
      },
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
  }

  /** Starts the program and waits until it listens; it may have no model yet. */
  static async start(options: GatewayOptions): Promise<MeasuredGateway> {
    const gateway = new MeasuredGateway(options);
    const deadlineMs = performance.now() + START_DEADLINE_MS;
    while (!gateway.#readAddresses()) {
      if (!gateway.isAlive || performance.now() > deadlineMs) {
        await gateway.end('SIGKILL');
        throw new Error(`the gateway did not start:\n${gateway.log}`);
      }
      await sleep(5);
    }
    return gateway;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get url(): string {
    return this.#url;
  }

  get grpcAddress(): string {
    return this.#grpcAddress;
  }

  get log(): string {
    return this.#log;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Process ids of its runners, the oldest first. */
  get runners(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && parentOf(name) === this.pid)
      .map(Number)
      .sort((left, right) => left - right);
  }

  get openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Mappings of memory that it shares, or shared, with runners. */
  get sharedMappings(): number {
    return readFileSync(`/proc/${this.pid}/maps`, 'utf8').split('slipway-runner').length - 1;
  }

  get residentMib(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1]) / 1024;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.isAlive) {
      const exited = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill(signal);
      await exited;
    }
    if (this.#ownStateDir !== undefined) rmSync(this.#ownStateDir, { recursive: true, force: true });
    return this.#child.exitCode;
  }

  #readAddresses(): boolean {
    const line = this.#log.split('\n').find((text) => text.includes('"url"'));
    if (line === undefined) return false;
    const { url, grpc } = JSON.parse(line) as { url: string; grpc: string };
    this.#url = url;
    this.#grpcAddress = grpc;
    return true;
  }
}

/** Of a process that may just have ended. */
function parentOf(pid: string): number | undefined {
  try {
    // The program's name, in parentheses, may hold spaces.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return undefined;
  }
}
