import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const stateDir = freshStateDirectory();
let server: SlipwayServer;

beforeAll(async () => {
  server = await startSlipwayServer(stateDir);
});

afterAll(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const push = async (model: string, file: string, ...args: string[]) => {
  const result = await runSlipway(server, ['model', 'push', model, join(digitsDirectory, file), '--json', ...args]);
  expect(result.exitCode, result.stderr).toBe(0);
  return JSON.parse(result.stdout) as { version: number; isNew: boolean };
};

describe('registering versions', () => {
  it('twice with one idempotency key makes one version', async () => {
    const first = await push('once', 'digits-1.onnx', '--idempotency-key', 'build-7');
    const second = await push('once', 'digits-1.onnx', '--idempotency-key', 'build-7');
    expect([first, second]).toMatchObject([
      { version: 1, isNew: true },
      { version: 1, isNew: false },
    ]);
  });

  it('the same key at the same moment makes one version, too', async () => {
    const pushes = Array.from({ length: 4 }, () => push('race-one', 'digits-1.onnx', '--idempotency-key', 'k'));
    expect((await Promise.all(pushes)).map(({ version }) => version)).toEqual([1, 1, 1, 1]);
  });

  it('a key that was used with other content is refused', async () => {
    await push('reused', 'digits-1.onnx', '--idempotency-key', 'k');
    const file = join(digitsDirectory, 'digits-2.onnx');
    const result = await runSlipway(server, ['model', 'push', 'reused', file, '--idempotency-key', 'k']);
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('IDEMPOTENCY_KEY_REUSED') });
  });

  it('by several clients at once gives each its own number, without gaps', async () => {
    await push('race', 'digits-1.onnx');
    const pushes = Array.from({ length: 6 }, (_, index) => push('race', `digits-${(index % 3) + 1}.onnx`, '--new'));
    const numbers = (await Promise.all(pushes)).map(({ version }) => version);
    expect(numbers.sort((left, right) => left - right)).toEqual([2, 3, 4, 5, 6, 7]);
  });
});
