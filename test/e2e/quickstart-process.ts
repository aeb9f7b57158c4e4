import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinnedNode } from '../../apps/cli/setup.mjs';

const program = join(import.meta.dirname, '../../dist/apps/cli/main.js');

/** A state directory of its own for one test. */
export function freshStateDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'slipway-e2e-'));
}

/** Any free ports: tests run beside whatever else the machine does. */
export const FREE_PORTS = {
  SLIPWAY_REGISTRY_PORT: '0',
  SLIPWAY_GATEWAY_PORT: '0',
  SLIPWAY_GATEWAY_GRPC_PORT: '0',
  SLIPWAY_CONTROLLER_PORT: '0',
  SLIPWAY_CONTROLLER_GRPC_PORT: '0',
};

/** A quickstart that runs; `output` grows while it does. */
export interface QuickstartRun {
  readonly child: ChildProcess;
  readonly output: string;
  readonly exited: Promise<number | null>;
}

/** Starts a quickstart on the state directory, in a process group of its own so that a test can kill all of it at once. */
export function startQuickstart(
  stateDir: string,
  args: readonly string[] = ['--once'],
  settings: Readonly<Record<string, string>> = {},
): QuickstartRun {
  const child = spawn(pinnedNode, [program, 'quickstart', ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...FREE_PORTS, SLIPWAY_STATE_DIR: stateDir, NO_COLOR: '1', ...settings },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    child,
    get output() {
      return output;
    },
    exited,
  };
}

/** Runs a quickstart to its end. */
export async function runQuickstart(stateDir: string): Promise<{ output: string; exitCode: number | null }> {
  const run = startQuickstart(stateDir);
  const exitCode = await run.exited;
  return { output: run.output, exitCode };
}
