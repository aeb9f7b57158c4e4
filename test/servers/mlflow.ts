import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import type { PostgresServer } from './postgresql.ts';
import { installIntoVenv } from './python.ts';

const PACKAGES = ['mlflow==3.17.2', 'psycopg2-binary==2.9.13'];
const START_DEADLINE_MS = 120_000;

/** A tracking server with its model registry. */
export interface MlflowServer {
  readonly url: string;
  stop(): void;
}

/** Starts MLflow as its documentation recommends it for teams: its own server, metadata in PostgreSQL. */
export async function startMlflow(postgres: PostgresServer): Promise<MlflowServer> {
  const environment = await installIntoVenv('mlflow', PACKAGES);
  const state = mkdtempSync(join(tmpdir(), 'slipway-mlflow-'));
  const port = await freePort();
  const { user, port: databasePort, database } = postgres;
  const store = `postgresql+psycopg2://${user}@127.0.0.1:${databasePort}/${database}`;
  const args = ['server', '--backend-store-uri', store, '--default-artifact-root', state];
  const child = spawn(join(environment, 'bin/mlflow'), [...args, '--host', '127.0.0.1', '--port', port], {
    cwd: state,
    stdio: 'ignore',
    detached: true,
  });
  const url = `http://127.0.0.1:${port}`;
  await untilHealthy(child, url);
  return {
    url,
    stop: () => {
      // The server has workers, which are in its process group.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      rmSync(state, { recursive: true, force: true });
    },
  };
}

async function untilHealthy(child: ChildProcess, url: string): Promise<void> {
  const deadlineMs = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadlineMs && child.exitCode === null) {
    const isHealthy = await fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (isHealthy) return;
    await sleep(200);
  }
  throw new Error('MLflow did not start');
}
