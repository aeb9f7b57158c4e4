import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from './cache-directory.ts';
import { installGo } from './go.ts';
import { runCommand } from './run-command.ts';

/** Pinned: the last state of the archived repository that the Go module proxy serves. */
const VERSION = 'v0.0.0-20260212201848-7aac2a2c5b7c';
const START_DEADLINE_MS = 30_000;

/** A running MinIO of a test's own. */
export interface MinioServer {
  /** Host and port. */
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  stop(): Promise<void>;
}

/** Builds MinIO on first use, which takes minutes, and starts it on a free loopback port with an empty folder. */
export async function startMinio(): Promise<MinioServer> {
  const program = await installMinio();
  const data = mkdtempSync(join(tmpdir(), 'slipway-minio-'));
  const port = await freePort();
  const [accessKey, secretKey] = [`test-${randomBytes(4).toString('hex')}`, randomBytes(16).toString('hex')];
  const child = spawn(program, ['server', '--quiet', '--address', `127.0.0.1:${port}`, data], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, MINIO_ROOT_USER: accessKey, MINIO_ROOT_PASSWORD: secretKey, MINIO_BROWSER: 'off' },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await untilAlive(child, port);
  return {
    endpoint: `127.0.0.1:${port}`,
    accessKey,
    secretKey,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function installMinio(): Promise<string> {
  const directory = cacheDirectory(`minio-${VERSION}`);
  const program = join(directory, 'minio');
  if (existsSync(program)) return program;
  process.stderr.write(`building MinIO ${VERSION} (once, takes minutes) …\n`);
  await runCommand(await installGo(), ['install', `github.com/minio/minio@${VERSION}`], {
    GOBIN: directory,
    GOFLAGS: '-trimpath',
  });
  return program;
}

async function untilAlive(child: ChildProcess, port: number): Promise<void> {
  const deadlineMs = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadlineMs && child.exitCode === null) {
    const isAlive = await fetch(`http://127.0.0.1:${port}/minio/health/live`).then(
      (response) => response.ok,
      () => false,
    );
    if (isAlive) return;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error('MinIO did not start');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
