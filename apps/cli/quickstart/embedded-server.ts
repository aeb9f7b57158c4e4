import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Endpoints, readEndpoints } from '../endpoints.ts';

const START_DEADLINE_MS = 30_000;
/** The server of a run that was killed lets go of the state directory within this time. */
const TAKEOVER_DEADLINE_MS = 15_000;
const EXIT_IN_USE = 75;

/** How to start the all-in-one. */
export interface ServerOptions {
  /** The built program. */
  readonly program: string;
  readonly stateDir: string;
  /** Settings on top of this process's environment. */
  readonly environment: NodeJS.ProcessEnv;
}

/** A running all-in-one that ends with this process, however this process ends. */
export interface EmbeddedServer {
  readonly endpoints: Endpoints;
  readonly logFile: string;
  /** Shuts down and waits for the end. */
  stop(): Promise<void>;
}

/**
 * Starts the all-in-one and waits until it answers.
 *
 * @throws Error with the end of the server's log when it does not start.
 */
export async function startServer(options: ServerOptions): Promise<EmbeddedServer> {
  const logDir = join(options.stateDir, 'logs');
  mkdirSync(logDir, { recursive: true });
  const logFile = join(logDir, 'slipway.log');
  const takeoverUntilMs = performance.now() + TAKEOVER_DEADLINE_MS;
  for (;;) {
    const child = spawnServer(options, logFile);
    const outcome = await waitUntilServing(child, options.stateDir);
    if (typeof outcome === 'object') return { endpoints: outcome, logFile, stop: () => stopServer(child) };
    if (outcome !== EXIT_IN_USE || performance.now() > takeoverUntilMs) {
      throw new Error(`the server did not start; the end of ${logFile}:\n${lastLines(logFile, 5)}`);
    }
    await sleep(200);
  }
}

function spawnServer({ program, environment }: ServerOptions, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  return spawn(process.execPath, [program], {
    // The server watches its standard input: it ends when this process does, killed or not.
    stdio: ['pipe', log, log],
    env: { ...environment, SLIPWAY_EXIT_WITH_PARENT: 'true' },
    // Ctrl-C reaches this process alone, which then shuts the server down in order.
    detached: true,
  });
}

async function waitUntilServing(child: ChildProcess, stateDir: string): Promise<Endpoints | number> {
  const deadlineMs = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? 1;
    const endpoints = readEndpoints(stateDir);
    if (endpoints !== undefined && endpoints.pid === child.pid) return endpoints;
    await sleep(25);
  }
  child.kill('SIGKILL');
  return 1;
}

function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.stdin?.end();
  });
}

function lastLines(file: string, count: number): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}
