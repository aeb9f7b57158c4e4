import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pinnedNode } from '../../apps/cli/setup.mjs';
import { freePort } from '../servers/free-port.ts';
import { type MinioServer, startMinio } from '../servers/minio.ts';
import { OPEN_ACCESS } from '../servers/open-access.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory } from './serve-digits.ts';

const dist = join(import.meta.dirname, '../../dist/apps');
const stateDir = freshStateDirectory();
const running: ChildProcess[] = [];
const settings: Record<string, string> = { ...OPEN_ACCESS };
let minio: MinioServer;

/** Starts one built program with the common settings. */
function start(program: 'registry' | 'controller' | 'gateway'): ChildProcess {
  const child = spawn(pinnedNode, [join(dist, program, 'main.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...settings },
  });
  child.stderr?.resume();
  running.push(child);
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  return exited;
}

const slipway = (...args: string[]) =>
  runSlipway({ stateDir }, [
    '--registry',
    `http://127.0.0.1:${settings['SLIPWAY_REGISTRY_PORT']}`,
    '--controller',
    `http://127.0.0.1:${settings['SLIPWAY_CONTROLLER_PORT']}`,
    '--gateway',
    `http://127.0.0.1:${settings['SLIPWAY_GATEWAY_PORT']}`,
    '--repo',
    settings['SLIPWAY_GIT_URL'] ?? '',
    ...args,
  ]);
const classify = () =>
  slipway('infer', 'digits', '--input', `pixels=@${join(digitsDirectory, 'one-digit.json')}`, '--json');

describe('registry, controller and gateway as programs of their own, on an S3 bucket', () => {
  let registry: ChildProcess;
  let controller: ChildProcess;

  beforeAll(async () => {
    minio = await startMinio();
    const repository = join(stateDir, 'manifests.git');
    mkdirSync(repository, { recursive: true });
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', repository]);
    Object.assign(settings, {
      SLIPWAY_STORE: 's3',
      SLIPWAY_S3_ENDPOINT: minio.endpoint,
      SLIPWAY_S3_TLS: 'false',
      SLIPWAY_S3_ACCESS_KEY: minio.accessKey,
      SLIPWAY_S3_SECRET_KEY: minio.secretKey,
      SLIPWAY_GIT_URL: repository,
      SLIPWAY_GIT_POLL_SECONDS: '1',
      SLIPWAY_CONTROLLER_STATE_DIR: join(stateDir, 'controller'),
      SLIPWAY_GATEWAY_STATE_DIR: join(stateDir, 'gateway'),
    });
    for (const name of ['REGISTRY', 'CONTROLLER', 'CONTROLLER_GRPC', 'GATEWAY', 'GATEWAY_GRPC']) {
      settings[`SLIPWAY_${name}_PORT`] = await freePort();
    }
    settings['SLIPWAY_REGISTRY_URL'] = `http://127.0.0.1:${settings['SLIPWAY_REGISTRY_PORT']}`;
    settings['SLIPWAY_CONTROLLER_GRPC'] = `127.0.0.1:${settings['SLIPWAY_CONTROLLER_GRPC_PORT']}`;
    registry = start('registry');
    controller = start('controller');
    start('gateway');
  });

  afterAll(async () => {
    for (const child of running) await end(child, 'SIGKILL');
    await minio?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('register, deploy and serve', async () => {
    await eventually(
      'the registry answers',
      () => slipway('model', 'list'),
      ({ exitCode }) => exitCode === 0,
    );
    const file = join(digitsDirectory, 'digits-2.onnx');
    expect(await slipway('model', 'push', 'digits', file, '--alias', 'champion')).toMatchObject({ exitCode: 0 });
    expect(await slipway('deploy', 'digits@champion')).toMatchObject({ exitCode: 0 });
    const answer = await eventually('the model answers', classify, ({ exitCode }) => exitCode === 0);
    expect(JSON.parse(answer.stdout)).toMatchObject({ modelVersion: '1' });
  });

  it('the gateway serves on while controller, registry and bucket are gone', async () => {
    expect(await end(controller, 'SIGTERM')).toBe(0);
    expect(await end(registry, 'SIGKILL')).toBe(null);
    await minio.stop();
    expect((await classify()).exitCode).toBe(0);
    const list = await slipway('model', 'list');
    expect(list).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/registry at .* cannot be reached: ECONNREFUSED/),
    });
  });

  it('a program that cannot reach its bucket says so and ends', async () => {
    const child = spawn(pinnedNode, [join(dist, 'registry/main.js')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...settings },
    });
    let log = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(1);
    expect(log).toMatch(/error: the bucket slipway at http:\/\/127\.0\.0\.1:\d+ cannot be used: ECONNREFUSED/);
  });

  it('a wrong configuration is refused whole, with status 78', () => {
    const env = { ...process.env, SLIPWAY_REGISTRY_PORT: 'eighty', SLIPWAY_STORE: 'tape' };
    const run = () => execFileSync(pinnedNode, [join(dist, 'registry/main.js')], { env, stdio: 'pipe' });
    expect(run).toThrow(
      /SLIPWAY_REGISTRY_PORT must be a whole number from 0 to 65535, not "eighty"[\s\S]*SLIPWAY_STORE must be one of fs, s3/,
    );
  });
});
