import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { OPEN_ACCESS } from '../servers/open-access.ts';
import { FREE_PORTS } from './quickstart-process.ts';

const program = join(import.meta.dirname, '../../dist/apps/slipway/main.js');

/** Where the all-in-one can be reached. */
export interface Endpoints {
  readonly registry: string;
  readonly gateway: string;
  readonly gatewayGrpc: string;
  readonly controller: string;
  readonly git: string;
  readonly pid: number;
}

/** A running all-in-one of a test. */
export interface SlipwayServer extends Endpoints {
  readonly stateDir: string;
  readonly child: ChildProcess;
  /** What it logged so far. */
  log(): string;
  /** Asks it to end, and waits. */
  stop(): Promise<number | null>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

/**
 * Starts the built all-in-one on any free ports and waits until it serves.
 *
 * @param launcher a command that becomes the one after it, such as `taskset`.
 */
export async function startSlipwayServer(
  stateDir: string,
  settings: Readonly<Record<string, string | undefined>> = {},
  launcher: readonly string[] = [],
): Promise<SlipwayServer> {
  const [command = pinnedNode, ...args] = [...launcher, pinnedNode, program];
  const child = spawn(command, args, {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: {
      ...process.env,
      ...FREE_PORTS,
      ...OPEN_ACCESS,
      SLIPWAY_STATE_DIR: stateDir,
      SLIPWAY_EXIT_WITH_PARENT: 'true',
      ...settings,
    },
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const endpoints = await untilServing(child, stateDir, () => log);
  return {
    ...endpoints,
    stateDir,
    child,
    log: () => log,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function untilServing(child: ChildProcess, stateDir: string, log: () => string): Promise<Endpoints> {
  const deadlineMs = performance.now() + 30_000;
  while (performance.now() < deadlineMs && child.exitCode === null) {
    const endpoints = readEndpoints(stateDir);
    if (endpoints?.pid === child.pid) return endpoints as Endpoints;
    await sleep(20);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not start:\n${log()}`);
}

function readEndpoints(stateDir: string): Endpoints | undefined {
  try {
    return JSON.parse(readFileSync(join(stateDir, 'endpoints.json'), 'utf8')) as Endpoints;
  } catch {
    return undefined;
  }
}
