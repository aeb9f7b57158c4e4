import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshStateDirectory } from '../e2e/quickstart-process.ts';
import { digitsDirectory, serveDigits } from '../e2e/serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from '../e2e/slipway-server.ts';
import { installPython } from '../servers/python.ts';

const script = join(import.meta.dirname, 'open_inference_check.py');

describe('the Open Inference Protocol, seen by tritonclient', () => {
  const stateDir = freshStateDirectory();
  let python: string;
  let server: SlipwayServer;

  beforeAll(async () => {
    python = await installPython();
    server = await startSlipwayServer(stateDir);
    await serveDigits(server, 2);
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('finds every check passed, over HTTP and gRPC', () => {
    const args = [script, server.gateway.replace('http://', ''), server.gatewayGrpc, digitsDirectory];
    const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8', timeout: 120_000 });
    const checks = stdout
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { check: string; passed: boolean; detail: string });
    expect(
      checks.filter((check) => !check.passed),
      stderr,
    ).toEqual([]);
    expect(checks.length, stderr).toBeGreaterThan(25);
    expect(status, stderr).toBe(0);
  });
});
