import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

interface Status {
  readonly phase: string;
  readonly stable?: { readonly version: number };
  readonly events: readonly { readonly code: string; readonly severity: string; readonly message: string }[];
}

const stateDir = freshStateDirectory();
let server: SlipwayServer;

beforeAll(async () => {
  server = await startSlipwayServer(stateDir);
  await serveDigits(server, 1);
});

afterAll(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const statusOf = async (name: string): Promise<Status> =>
  (await (await fetch(`${server.controller}/v1/deployments/default/${name}`)).json()) as Status;

const eventOf = (name: string, code: string, text: RegExp) =>
  eventually(
    `event ${code} on ${name}`,
    () => statusOf(name),
    ({ events = [] }) =>
      events.some((event) => event.code === code && event.severity === 'error' && text.test(event.message)),
  );

const infer = (input: object, model = 'digits') =>
  fetch(`${server.gateway}/v2/models/${model}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      inputs: [{ name: 'pixels', shape: [1, 64], datatype: 'FP32', data: Array(64).fill(1), ...input }],
    }),
  });

const expectStillServing = async () => {
  const response = await infer({});
  expect(response.status).toBe(200);
  expect(response.headers.get('slipway-served-by')).toBe('1');
  expect((await statusOf('digits')).stable?.version).toBe(1);
};

/** Commits a change of the manifests with plain git and pushes it; answers what the push said. */
function push(
  edit: (clone: string) => void,
  branch = 'main',
): { readonly isAccepted: boolean; readonly reply: string } {
  const clone = mkdtempSync(join(tmpdir(), 'slipway-push-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
      cwd: clone,
      stdio: 'pipe',
    });
  try {
    git('clone', '--quiet', server.git, '.');
    edit(clone);
    git('add', '--all');
    git('commit', '--quiet', '--message', 'A change');
    git('push', 'origin', `HEAD:refs/heads/${branch}`);
    return { isAccepted: true, reply: '' };
  } catch (error) {
    return { isAccepted: false, reply: String((error as { stderr?: Buffer }).stderr) };
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}

const editDigits = (from: RegExp, to: string) => (clone: string) => {
  const file = join(clone, 'digits.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
};

describe('what is wrong is said clearly, and what was serving goes on serving', () => {
  it('a manifest that breaks the schema', async () => {
    push(editDigits(/version: \d+/, 'version: 1\n  verison: 2'));
    await eventOf(
      'digits',
      'MANIFEST_INVALID',
      /digits\.yaml: line \d+: spec\.verison is not a known field: did you mean version\?/,
    );
    await expectStillServing();
  });

  it('a manifest that is no YAML', async () => {
    push((clone) => writeFileSync(join(clone, 'digits.yaml'), 'metadata: {name: digits\nspec: ['));
    await eventOf('digits', 'MANIFEST_INVALID', /digits\.yaml: line \d+, column \d+: /);
    await expectStillServing();
  });

  it('a version that is not registered', async () => {
    const deploy = await runSlipway(server, ['deploy', 'digits@9']);
    expect(deploy).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('there is no digits@9') });
    push((clone) => writeManifest(clone, 'digits', 9));
    await eventOf('digits', 'MODEL_VERSION_NOT_FOUND', /digits has no version 9; the newest is 1/);
    expect((await statusOf('digits')).phase).toBe('Failed');
    await expectStillServing();
    const watch = await runSlipway(server, ['rollout', 'status', 'digits']);
    expect(watch.stdout).toContain('digits has no version 9; the newest is 1');
  });

  it('a push to a branch that is not deployed', async () => {
    const { isAccepted, reply } = push((clone) => writeManifest(clone, 'digits', 2), 'feature');
    expect(isAccepted).toBe(false);
    expect(reply).toContain('remote: slipway: feature is not deployed, this repository takes pushes to main only');
    await eventOf('digits', 'BRANCH_NOT_DEPLOYED', /on branch feature changes digits\.yaml, but only main is deployed/);
    await expectStillServing();
  });

  it('a symbolic link instead of a manifest', async () => {
    push((clone) => {
      rmSync(join(clone, 'digits.yaml'));
      execFileSync('ln', ['-s', '/etc/passwd', join(clone, 'digits.yaml')]);
    });
    await eventOf('digits', 'MANIFEST_INVALID', /symbolic link is not followed/);
    await expectStillServing();
  });

  it('a corrupt model file is refused when it is registered', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-corrupt-'));
    const bytes = readFileSync(join(digitsDirectory, 'digits-2.onnx'));
    writeFileSync(join(folder, 'model.onnx'), bytes.subarray(0, bytes.length / 2));
    const result = await runSlipway(server, ['model', 'push', 'digits', join(folder, 'model.onnx')]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/not an ONNX model: .* at byte \d+ \(MODEL_FILE_INVALID\)/);
    const list = await runSlipway(server, ['model', 'show', 'digits', '--json']);
    expect(JSON.parse(list.stdout).versions.totalCount).toBe(1);
  });

  it('a model that reads well and does not load is rolled back, with the runtime’s words', async () => {
    // The signature is whole, the graph is not: an operator that no runtime has.
    const folder = mkdtempSync(join(tmpdir(), 'slipway-unloadable-'));
    const bytes = readFileSync(join(digitsDirectory, 'digits-2.onnx'));
    bytes.write('Relx', bytes.indexOf('Relu'));
    writeFileSync(join(folder, 'model.onnx'), bytes);
    const pushed = await runSlipway(server, ['model', 'push', 'digits', join(folder, 'model.onnx')]);
    expect(pushed.stdout).toContain('registered digits@2');
    push((clone) => writeManifest(clone, 'digits', 2));
    await eventOf('digits', 'RolledBack', /version 2 is out: version 2 cannot be loaded: MODEL_LOAD_FAILED: .*Relx/);
    await expectStillServing();
    await eventually(
      'the rollback is in Git',
      async () => execFileSync('git', ['--git-dir', server.git, 'show', 'main:digits.yaml'], { encoding: 'utf8' }),
      (text) => text.includes('version: 1'),
    );
  });

  it('an artifact that was damaged in the store is not served', async () => {
    await runSlipway(server, ['model', 'push', 'damaged', join(digitsDirectory, 'digits-3.onnx')]);
    const shown = await runSlipway(server, ['model', 'show', 'damaged@1', '--json']);
    const digest = (JSON.parse(shown.stdout).variants[0].files[0].digest as string).slice('sha256:'.length);
    const blob = join(stateDir, 'store/blobs/sha256', digest);
    const bytes = readFileSync(blob);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(blob, bytes);
    push((clone) => writeManifest(clone, 'damaged', 1));
    await eventOf('damaged', 'Failed', /ARTIFACT_CORRUPT/);
    expect((await infer({}, 'damaged')).status).toBe(404);
    await expectStillServing();
  });

  it.each([
    [
      'a wrong shape',
      { shape: [1, 63], data: Array(63).fill(0) },
      /input "pixels" must have shape \[-1,64\] .* not \[1,63\]/,
    ],
    ['too few elements', { data: [1] }, /inputs\[0\]\.data: shape \[1,64\] needs 64 elements, got 1/],
    ['a wrong datatype', { datatype: 'INT32' }, /input "pixels" must be FP32, not INT32/],
    ['an unknown input', { name: 'picture' }, /the model has no input "picture": it has pixels/],
  ])('%s in a request', async (_, input, problem) => {
    const response = await infer(input);
    expect(response.status).toBe(400);
    const body = (await response.json()) as { error: string; code: string };
    expect(body).toMatchObject({ code: 'TENSOR_INVALID', error: expect.stringMatching(problem) });
    await expectStillServing();
  });

  it('shows in the controller’s metrics what each deployment is at', async () => {
    const text = await (await fetch(`${server.controller}/metrics`)).text();
    expect(text).toMatch(/slipway_deployment_phase\{namespace="default",deployment="damaged",phase="Failed"\} 1/);
    expect(text).toMatch(/slipway_rollouts_started\{namespace="default",deployment="digits"\} [1-9]/);
  });

  it('a model that nobody deployed', async () => {
    const response = await infer({}, 'nobody');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'DEPLOYMENT_NOT_FOUND' });
  });
});

function writeManifest(clone: string, name: string, version: number): void {
  mkdirSync(clone, { recursive: true });
  rmSync(join(clone, `${name}.yaml`), { force: true });
  const text = `apiVersion: slipway.dev/v1\nkind: ModelDeployment\nmetadata: {name: ${name}}\nspec: {model: ${name}, version: ${version}}\n`;
  writeFileSync(join(clone, `${name}.yaml`), text);
}
