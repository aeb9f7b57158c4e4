import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeploymentStatus } from '#generated/deployment-status';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

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

/** Pushes digits with a recorded request, deploys that version, and waits for what becomes of it. */
async function release(number: 2 | 3, request: object): Promise<DeploymentStatus> {
  const folder = join(stateDir, `digits-${number}`);
  mkdirSync(join(folder, 'warmup'), { recursive: true });
  copyFileSync(join(digitsDirectory, `digits-${number}.onnx`), join(folder, 'model.onnx'));
  writeFileSync(join(folder, 'warmup/recorded.json'), JSON.stringify(request));
  const pushed = await runSlipway(server, ['model', 'push', 'digits', folder]);
  expect(pushed.exitCode, pushed.stderr).toBe(0);
  const deployed = await runSlipway(server, ['deploy', `digits@${number}`]);
  expect(deployed.exitCode, deployed.stderr).toBe(0);
  const statusOf = async () =>
    (await (await fetch(`${server.controller}/v1/deployments/default/digits`)).json()) as DeploymentStatus;
  return eventually(
    `something becomes of version ${number}`,
    statusOf,
    ({ candidate, lastRollout }) => candidate?.isReady === true || lastRollout?.version === number,
  );
}

const pixels = (count: number) => ({
  inputs: [{ name: 'pixels', shape: [1, count], datatype: 'FP32', data: Array(count).fill(1) }],
});

it('a version whose recorded request cannot be run is rolled back, with the name of the file', async () => {
  const { lastRollout, stable } = await release(2, pixels(63));
  expect(lastRollout).toMatchObject({
    outcome: 'rolledBack',
    reason: expect.stringMatching(/warmup\/recorded\.json cannot be used: inputs\[0\]\.shape: .*\[1,63\]/),
  });
  expect(stable).toMatchObject({ version: 1, isReady: true });
});

it('a version whose recorded request can be run becomes ready', async () => {
  expect((await release(3, pixels(64))).candidate).toMatchObject({ version: 3, isReady: true });
});
