import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcInferenceClient } from '#adapters/inference-client';
import { ControllerProcess } from '../servers/controller-process.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { RegistryProcess } from '../servers/registry-process.ts';
import { requireProgram } from '../servers/system-program.ts';
import { commitManifest } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { freshStateDirectory, startQuickstart } from './quickstart-process.ts';
import { postGraphql } from './registry-fixture.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

/** As a program is started by somebody who knows nothing of access. */
const NOTHING_SAID = { SLIPWAY_ACCESS: undefined };
const pixels = JSON.parse(readFileSync(join(digitsDirectory, 'one-digit.json'), 'utf8')).data as number[];
const body = JSON.stringify({ inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], data: pixels }] });
const linesWith = (log: string, text: string) => log.split('\n').filter((line) => line.includes(text));

describe('`slipway serve` without a word about access', () => {
  const stateDir = freshStateDirectory();
  let server: SlipwayServer;
  let key: string;
  beforeAll(async () => {
    server = await startSlipwayServer(stateDir, NOTHING_SAID);
    key = readFileSync(join(server.stateDir, 'admin.key'), 'utf8').trim();
    await serveDigits(server, 1, key);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('refuses whoever shows nothing, by REST, GraphQL and gRPC', async () => {
    const infer = (headers: Record<string, string>) =>
      fetch(`${server.gateway}/v2/models/digits/infer`, { method: 'POST', headers, body });
    const refused = await infer({});
    expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
    expect((await infer({ authorization: `Bearer ${key}` })).status).toBe(200);

    const models = { query: '{ models { totalCount } }' };
    expect((await postGraphql(server.registry, models)).data).toEqual({ models: { totalCount: 0 } });
    expect((await postGraphql(server.registry, models, key)).data).toEqual({ models: { totalCount: 1 } });
    const create = { query: 'mutation { createModel(input: { name: "mine" }) { name } }' };
    const { errors } = await postGraphql(server.registry, create);
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    const deployments = await fetch(`${server.controller}/v1/deployments/default/digits`);
    expect(deployments.status).toBe(404);

    const data = new Uint8Array(Float32Array.from(pixels).buffer);
    const inputs = [{ name: 'pixels', datatype: 'FP32' as const, shape: [1, 64], data }];
    const stranger = new GrpcInferenceClient(server.gatewayGrpc);
    await expect(stranger.infer('digits', inputs)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    stranger.close();
    const administrator = new GrpcInferenceClient(server.gatewayGrpc, { credential: key });
    expect(await administrator.infer('digits', inputs)).toMatchObject({ modelVersion: '1' });
    administrator.close();
  });

  it('tells everybody whether it is healthy', async () => {
    const paths = ['/health/live', '/health/ready'];
    const urls = [server.registry, server.controller, server.gateway].flatMap((at) => paths.map((path) => at + path));
    for (const url of [...urls, `${server.gateway}/v2/health/ready`])
      expect([url, (await fetch(url)).status]).toEqual([url, 200]);
  });

  it('is at the command of whoever may read its state directory', async () => {
    expect(await runSlipway(server, ['auth', 'can-i', 'policy.read'])).toMatchObject({ exitCode: 0 });
    expect(await runSlipway(server, ['rollout', 'status', 'digits'])).toMatchObject({ exitCode: 0 });
    const digit = `pixels=@${join(digitsDirectory, 'one-digit.json')}`;
    expect(await runSlipway(server, ['infer', 'digits', '--input', digit])).toMatchObject({ exitCode: 0 });
  });

  it('says once in each program that there are no policies yet', () => {
    const told = linesWith(server.log(), 'no policies are published yet, so that nobody but the administrator may do');
    expect(told.map((line) => JSON.parse(line).part).sort()).toEqual(['controller', 'gateway', 'registry']);
  });
});

describe('the three programs without a word about access, and without keys', () => {
  const folder = freshStateDirectory();
  const store = { SLIPWAY_STORE_DIR: join(folder, 'store'), SLIPWAY_ACCESS: undefined };
  const repository = join(folder, 'manifests.git');
  let registry: RegistryProcess;
  let controller: ControllerProcess;
  let gateway: GatewayProcess;
  const startAll = async (keys: Readonly<Record<string, string>>) => {
    registry = await RegistryProcess.start({ ...store, ...keys, SLIPWAY_REGISTRY_INDEX: join(folder, 'index.db') });
    controller = await ControllerProcess.start({
      ...store,
      ...keys,
      SLIPWAY_GIT_URL: repository,
      SLIPWAY_GIT_POLL_SECONDS: '1',
      SLIPWAY_REGISTRY_URL: registry.url,
      SLIPWAY_CONTROLLER_STATE_DIR: join(folder, 'controller'),
    });
    const environment = { ...store, ...keys, SLIPWAY_CONTROLLER_GRPC: controller.grpcAddress };
    gateway = await GatewayProcess.start({ environment });
  };
  beforeAll(async () => {
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', repository]);
    await startAll({});
  });
  afterAll(async () => {
    for (const program of [gateway, controller, registry]) await program?.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  it('each says once that nobody may do anything, and which setting is for the first policies', async () => {
    const nobody = 'nobody may do anything, and SLIPWAY_ADMIN_KEY is not set';
    for (const program of [registry, controller, gateway])
      await eventually(
        'it says so',
        async () => program.log,
        (log) => log.includes(nobody),
      );
    for (const { log } of [registry, controller, gateway]) expect(linesWith(log, nobody)).toHaveLength(1);
  });

  it('the controller and the gateway say once that they are refused, and which setting is missing', async () => {
    const head = 'apiVersion: slipway.dev/v1\nkind: ModelDeployment\n';
    for (const name of ['digits', 'letters'])
      commitManifest(
        repository,
        `${name}.yaml`,
        `${head}metadata: {name: ${name}}\nspec: {model: ${name}, version: 1}\n`,
      );
    const refused =
      /the registry refuses this controller: whoever does not say who they are may not version\.read.*SLIPWAY_REGISTRY_KEY/;
    const notAttached = /the controller refuses this gateway.*SLIPWAY_CONTROLLER_KEY/;
    await eventually(
      'the controller says so',
      async () => controller.log,
      (log) => refused.test(log),
    );
    await eventually(
      'the gateway says so',
      async () => gateway.log,
      (log) => notAttached.test(log),
    );
    // Both have tried again by then.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(linesWith(controller.log, 'SLIPWAY_REGISTRY_KEY')).toHaveLength(1);
    expect(linesWith(gateway.log, 'SLIPWAY_CONTROLLER_KEY')).toHaveLength(1);
  });

  it('with the keys that the guide names, the same programs serve', async () => {
    for (const program of [gateway, controller, registry]) await program.end('SIGTERM');
    const key = `slipway_${'a'.repeat(16)}_${'b'.repeat(43)}`;
    await startAll({ SLIPWAY_ADMIN_KEY: key, SLIPWAY_REGISTRY_KEY: key, SLIPWAY_CONTROLLER_KEY: key });
    const servers = ['--registry', registry.url, '--controller', controller.url, '--repo', repository];
    const slipway = (...args: string[]) =>
      runSlipway({ stateDir: folder }, [...servers, ...args], { SLIPWAY_API_KEY: key });
    expect(await slipway('model', 'push', 'digits', join(digitsDirectory, 'digits-1.onnx'))).toMatchObject({
      exitCode: 0,
    });
    const headers = { authorization: `Bearer ${key}` };
    const infer = async () =>
      (await fetch(`${gateway.url}/v2/models/digits/infer`, { method: 'POST', headers, body })).status;
    await eventually('it infers', infer, (status) => status === 200, 30_000);
    expect((await fetch(`${gateway.url}/v2/models/digits/infer`, { method: 'POST', body })).status).toBe(401);
  });
});

it('a program that is open beyond its machine says so at its start', async () => {
  const folder = freshStateDirectory();
  const exposed = { SLIPWAY_ACCESS: 'open', SLIPWAY_REGISTRY_HOST: '0.0.0.0', SLIPWAY_GATEWAY_HOST: '127.0.0.1' };
  const server = await startSlipwayServer(folder, exposed);
  const warnings = linesWith(server.log(), 'may do everything');
  expect(warnings).toHaveLength(1);
  expect(JSON.parse(warnings[0] ?? '')).toMatchObject({
    level: 'warn',
    part: 'registry',
    msg: expect.stringMatching(
      /^everybody who reaches the registry at 0\.0\.0\.0 .*SLIPWAY_REGISTRY_HOST at 127\.0\.0\.1$/,
    ),
  });
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the quickstart', () => {
  /** Runs it until it has told its story, and answers what it printed with what its commands answer. */
  async function told(settings: Readonly<Record<string, string>>) {
    await requireProgram('curl', ['curl']);
    const folder = freshStateDirectory();
    const run = startQuickstart(folder, [], settings);
    try {
      const isRunning = (output: string) => output.includes('Running; Ctrl-C ends it.');
      await eventually('it runs on', async () => run.output, isRunning, 90_000);
      const commands = run.output.split('\n').filter((line) => line.startsWith('  curl '));
      expect(commands).toHaveLength(3);
      for (const command of commands) {
        const answer = execFileSync('bash', ['-euc', command.replace('curl -s', 'curl -fsS')], { encoding: 'utf8' });
        expect(answer).toMatch(/digits|"version":3/);
      }
      const { gateway } = JSON.parse(readFileSync(join(folder, 'endpoints.json'), 'utf8')) as SlipwayServer;
      const stranger = await fetch(`${gateway}/v2/models/digits/infer`, { method: 'POST', body });
      return { output: run.output, strangersStatus: stranger.status };
    } finally {
      run.child.kill('SIGINT');
      await run.exited;
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it('is open on this machine, and says so', async () => {
    const { output, strangersStatus } = await told({});
    expect(linesWith(output, 'Access is open')).toHaveLength(1);
    expect(strangersStatus).toBe(200);
  });

  it('is told with the administrator’s key where access is closed', async () => {
    const { output, strangersStatus } = await told({ SLIPWAY_ACCESS: 'policies' });
    expect(linesWith(output, 'Access is closed')).toHaveLength(1);
    expect(strangersStatus).toBe(401);
  });
});
