import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'minio';
import type { S3Settings } from '#adapters/object-store-s3';
import { freePort } from './free-port.ts';
import { type GoProgram, installGoProgram } from './go.ts';

const START_DEADLINE_MS = 30_000;

/** A program that serves S3. */
export interface S3Program extends GoProgram {
  argumentsFor(port: number, data: string): readonly string[];
  environmentFor(accessKey: string, secretKey: string): Readonly<Record<string, string>>;
}

/** A running S3 server of a test's own, on a loopback port, with a folder that was empty at first. */
export class S3Server {
  /** Host and port; the same across restarts. */
  readonly endpoint: string;
  readonly accessKey = `test-${randomBytes(4).toString('hex')}`;
  readonly secretKey = randomBytes(16).toString('hex');
  readonly #program: S3Program;
  readonly #executable: string;
  readonly #port: number;
  readonly #data = mkdtempSync(join(tmpdir(), 'slipway-s3-'));
  #child: ChildProcess | undefined;

  private constructor(program: S3Program, executable: string, port: number) {
    this.#program = program;
    this.#executable = executable;
    this.#port = port;
    this.endpoint = `127.0.0.1:${port}`;
  }

  /** Builds the program on first use, which may take minutes, and starts it. */
  static async start(program: S3Program): Promise<S3Server> {
    const server = new S3Server(program, await installGoProgram(program), Number(await freePort()));
    await server.resume();
    return server;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  settings(s3Bucket: string): S3Settings {
    const { endpoint: s3Endpoint, accessKey: s3AccessKey, secretKey: s3SecretKey } = this;
    return { s3Endpoint, s3UseTls: false, s3Bucket, s3Region: 'us-east-1', s3AccessKey, s3SecretKey };
  }

  /** What a program of ours needs to use it. */
  environment(): Record<string, string> {
    return {
      SLIPWAY_STORE: 's3',
      SLIPWAY_S3_ENDPOINT: this.endpoint,
      SLIPWAY_S3_TLS: 'false',
      SLIPWAY_S3_ACCESS_KEY: this.accessKey,
      SLIPWAY_S3_SECRET_KEY: this.secretKey,
    };
  }

  /** Keys of multipart uploads that were neither completed nor aborted. */
  async unfinishedUploads(bucket: string): Promise<string[]> {
    const [host = '', port] = this.endpoint.split(':');
    const { accessKey, secretKey } = this;
    const client = new Client({ endPoint: host, port: Number(port), useSSL: false, accessKey, secretKey });
    const keys: string[] = [];
    for await (const upload of client.listIncompleteUploads(bucket, '', true))
      keys.push((upload as { key: string }).key);
    return keys;
  }

  /** Starts the program again after {@link kill}, on the same port and data. */
  async resume(): Promise<void> {
    this.#child = spawn(this.#executable, this.#program.argumentsFor(this.#port, this.#data), {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...this.#program.environmentFor(this.accessKey, this.secretKey) },
    });
    await this.#untilAlive(this.#child);
  }

  /** Ends the program at once and keeps its data. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
  }

  async #untilAlive(child: ChildProcess): Promise<void> {
    const deadlineMs = performance.now() + START_DEADLINE_MS;
    while (performance.now() < deadlineMs && child.exitCode === null) {
      // Any answer will do, a refusal too: it speaks HTTP and has read its data.
      const status = await fetch(`http://${this.endpoint}/`).then(
        (response) => response.status,
        () => 503,
      );
      if (status !== 503) return;
      await sleep(50);
    }
    child.kill('SIGKILL');
    throw new Error(`${this.#program.name} did not start`);
  }
}
