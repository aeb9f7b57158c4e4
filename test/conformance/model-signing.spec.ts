import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshStateDirectory } from '../e2e/quickstart-process.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { digitsDirectory } from '../e2e/serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from '../e2e/slipway-server.ts';
import { installModelSigning } from '../servers/python.ts';

const CURVES = ['P-256', 'P-384', 'P-521'] as const;
const stateDir = freshStateDirectory();
const at = (...path: string[]) => join(stateDir, ...path);
let modelSigning: string;
let server: SlipwayServer;

beforeAll(async () => {
  modelSigning = await installModelSigning();
  for (const curve of CURVES) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
    writeFileSync(at(`${curve}.key`), pemOf(privateKey, 'pkcs8'));
    writeFileSync(at(`${curve}.pub`), pemOf(publicKey, 'spki'));
  }
  writeFileSync(at('signers.yaml'), CURVES.map((curve) => `- { name: ${curve}, publicKey: ${curve}.pub }\n`).join(''));
  server = await startSlipwayServer(stateDir, { SLIPWAY_SIGNERS: at('signers.yaml') });
  for (const [version, file] of ['digits-1.onnx', 'digits-2.onnx'].entries()) {
    mkdirSync(at(`built-${version + 1}`, 'labels'), { recursive: true });
    copyFileSync(join(digitsDirectory, file), at(`built-${version + 1}`, 'model.onnx'));
    writeFileSync(at(`built-${version + 1}`, 'labels', 'digits.txt'), '0\n1\n2\n');
    await slipway('model', 'push', 'digits', at(`built-${version + 1}`));
  }
});
afterAll(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const pemOf = (key: KeyObject, type: 'pkcs8' | 'spki') =>
  key.export({ type: type as 'spki', format: 'pem' }).toString();
async function slipway(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runSlipway(server, args);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}
function python(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(modelSigning, args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe.each(CURVES)('OpenSSF Model Signing with keys of %s', (curve) => {
  it('signs a folder, and the version that is made of it takes the bundle', async () => {
    const bundle = at(`${curve}-folder.sig`);
    const signed = python('sign', 'key', at('built-1'), '--private_key', at(`${curve}.key`), '--signature', bundle);
    expect(signed.status, signed.output).toBe(0);
    expect(await slipway('model', 'sign', 'digits@1', '--bundle', bundle)).toBe(
      `default/digits@1 is signed by ${curve}\n`,
    );
    const other = await runSlipway(server, ['model', 'sign', 'digits@2', '--bundle', bundle]);
    expect(other.stderr).toContain('this does not sign digits@2: it has another digest for "model.onnx"');
  });

  it('verifies the folder of a version that Slipway has signed', async () => {
    const bundle = at(`${curve}-version.sig`);
    await slipway('model', 'sign', 'digits@2', '--key', at(`${curve}.key`), '--output', bundle);
    await slipway('model', 'pull', 'digits@2', at(`${curve}-pulled`));
    const verify = () =>
      python('verify', 'key', at(`${curve}-pulled`), '--public_key', at(`${curve}.pub`), '--signature', bundle);
    expect(verify()).toMatchObject({ status: 0, output: expect.stringContaining('Verification succeeded') });
    const model = at(`${curve}-pulled`, 'model.onnx');
    const bytes = readFileSync(model);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    rmSync(model);
    writeFileSync(model, bytes);
    expect(verify().status).not.toBe(0);
  });
});
