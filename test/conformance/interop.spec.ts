import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { eventually } from '../e2e/eventually.ts';
import { freshStateDirectory } from '../e2e/quickstart-process.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { digitsDirectory } from '../e2e/serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from '../e2e/slipway-server.ts';
import { installInteropPython, installPython } from '../servers/python.ts';
import { requireProgram } from '../servers/system-program.ts';

const modelFile = join(digitsDirectory, 'digits-2.onnx');
const stateDir = freshStateDirectory();
const work = mkdtempSync(join(tmpdir(), 'slipway-interop-'));
let python: string;
let server: SlipwayServer;

beforeAll(async () => {
  python = await installInteropPython();
  server = await startSlipwayServer(stateDir);
});

afterAll(async () => {
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
  rmSync(stateDir, { recursive: true, force: true });
});

const runScript = (interpreter: string, script: string, ...args: string[]) => {
  const { status, stderr } = spawnSync(interpreter, [join(import.meta.dirname, script), ...args], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
};
const slipway = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await runSlipway(server, args);
  expect(exitCode, stderr).toBe(0);
  return stdout;
};
const show = async (version: string) => JSON.parse(await slipway('model', 'show', version, '--json'));
const digestOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('models that MLflow saved', () => {
  beforeAll(() => runScript(python, 'save_mlflow_models.py', modelFile, work));

  it('in ONNX are registered with their weights, and served', async () => {
    await slipway('model', 'push', 'from-mlflow', join(work, 'onnx'));
    const version = await show('from-mlflow@1');
    expect(version).toMatchObject({
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
      parameters: [{ name: 'team', value: 'vision' }],
      variants: [{ format: 'ONNX' }],
    });
    expect(version.labels).toContainEqual({ name: 'mlflow.flavor', value: 'onnx' });
    await slipway('deploy', 'from-mlflow@1');
    const ready = async () => (await fetch(`${server.gateway}/v2/models/from-mlflow/versions/1/ready`)).status;
    await eventually('the model answers', ready, (status) => status === 200);
    const input = `pixels=@${join(digitsDirectory, 'one-digit.json')}`;
    expect(await slipway('infer', 'from-mlflow', '--input', input)).toContain('label');
  });

  it('in another flavor are kept whole, with their signature', async () => {
    await slipway('model', 'push', 'python-function', join(work, 'pyfunc'));
    const version = await show('python-function@1');
    expect(version).toMatchObject({
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
      outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
      variants: [{ format: 'MLFLOW' }],
    });
    await slipway('model', 'pull', 'python-function@1', join(work, 'pulled'));
    for (const { path } of version.variants[0].files) {
      expect(digestOf(join(work, 'pulled', path))).toBe(digestOf(join(work, 'pyfunc', path)));
    }
  });
});

it('a Triton repository with configurations by its own messages is registered whole', async () => {
  const repository = join(work, 'repository');
  runScript(await installPython(), 'write_triton_repository.py', modelFile, repository);
  await slipway('model', 'import', repository, '--label', 'source=triton');
  const onnx = await show('digits-onnx@2');
  expect(onnx).toMatchObject({ variants: [{ target: 'CPU', format: 'ONNX' }] });
  expect(onnx.labels).toEqual([
    { name: 'triton.version', value: '3' },
    { name: 'source', value: 'triton' },
  ]);
  expect(await show('digits-torch@1')).toMatchObject({
    inputs: [{ name: 'pixels', datatype: 'FP16', shape: [-1, 64] }],
    outputs: [{ name: 'text', datatype: 'BYTES', shape: [-1] }],
    variants: [{ target: 'CUDA', format: 'TORCHSCRIPT', files: [{ path: 'digits.pt' }, { path: 'config.pbtxt' }] }],
  });
  expect(await slipway('model', 'import', repository, '--label', 'source=triton')).toContain('was registered already');
});

describe('versions that others fetch', () => {
  beforeAll(async () => {
    await slipway('model', 'push', 'digits', modelFile);
  });

  it("KServe's storage initializer finds a Triton repository behind the InferenceService", async () => {
    const manifest = parse(await slipway('model', 'export', 'kserve', 'digits@1'));
    expect(manifest).toMatchObject({ kind: 'InferenceService', metadata: { name: 'digits' } });
    const target = join(work, 'mnt');
    mkdirSync(target);
    runScript(python, 'kserve_download.py', manifest.spec.predictor.model.storageUri, target);
    expect(digestOf(join(target, 'digits/1/model.onnx'))).toBe(digestOf(modelFile));
  });

  it('skopeo copies the image, and its layers hold the files', async () => {
    await requireProgram('skopeo', ['skopeo']);
    const [image, copy] = [join(work, 'image'), join(work, 'copy')];
    const { digest } = JSON.parse(await slipway('model', 'export', 'oci', 'digits@1', image, '--json'));
    execFileSync('skopeo', ['copy', '--quiet', '--insecure-policy', `oci:${image}:1`, `dir:${copy}`]);
    const inspected = JSON.parse(execFileSync('skopeo', ['inspect', `oci:${image}:1`], { encoding: 'utf8' }));
    expect(inspected).toMatchObject({ Digest: digest, Labels: { 'org.opencontainers.image.title': 'digits' } });
    const layer = join(copy, inspected.Layers[0].slice('sha256:'.length));
    execFileSync('tar', ['-xf', layer, '-C', copy]);
    expect(existsSync(join(copy, 'models/digits-2.onnx'))).toBe(true);
    expect(digestOf(join(copy, 'models/digits-2.onnx'))).toBe(digestOf(modelFile));
  });
});
