import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { freshStateDirectory } from './quickstart-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory, serveDigits } from './serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from './slipway-server.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const stateDir = freshStateDirectory();
const accessLog = join(stateDir, 'access.log');
const { data: digit } = JSON.parse(readFileSync(join(digitsDirectory, 'one-digit.json'), 'utf8')) as { data: number[] };
let server: SlipwayServer;

beforeAll(async () => {
  server = await startSlipwayServer(stateDir, {
    SLIPWAY_GATEWAY_ACCESS_LOG: 'all',
    SLIPWAY_GATEWAY_ACCESS_LOG_PATH: accessLog,
    // Longer than the test: what it finds was written at the end.
    SLIPWAY_GATEWAY_PAYLOAD_LOG_SECONDS: '3600',
  });
  await serveDigits(server, 1);
});

afterAll(async () => {
  await server?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

function infer(id: string, pixels = digit) {
  const input = { name: 'pixels', shape: [1, 64], datatype: 'FP32', data: pixels };
  return fetch(`${server.gateway}/v2/models/digits/infer`, {
    method: 'POST',
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-00` },
    body: JSON.stringify({ id, inputs: [input], outputs: [{ name: 'label' }] }),
  });
}

const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('the access log', () => {
  it('has a line for each request, with who answered and what went wrong', async () => {
    expect((await infer('good')).status).toBe(200);
    expect((await infer('bad', [1])).status).toBe(400);
    const read = async () => linesOf(accessLog);
    const lines = await eventually('lines are written', read, (found) => found.length >= 2);
    expect(lines[0]).toEqual({
      level: 'info',
      log: 'access',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      protocol: 'rest',
      model: 'digits',
      version: 1,
      role: 'stable',
      result: 'ok',
      isFallback: false,
      requestId: 'good',
      traceId,
      tookMs: expect.any(Number),
      queueMs: expect.any(Number),
      runMs: expect.any(Number),
      batchSize: 1,
      inputBytes: 256,
      outputBytes: 8,
    });
    expect(lines[1]).toMatchObject({ result: 'TENSOR_INVALID', traceId, protocol: 'rest' });
  });
});

describe('what models run in', () => {
  it('is told by the command line: runtimes, targets and devices', async () => {
    const text = await runSlipway(server, ['runtimes']);
    expect(text.exitCode, text.stderr).toBe(0);
    expect(text.stdout).toMatch(/^RUNTIME +VERSION\nonnxruntime-node +1\.\d+\.\d+ /);
    expect(text.stdout).toMatch(/\n\nTARGET\ncpu +can be run\n/);
    const { stdout } = await runSlipway(server, ['runtimes', '--json']);
    const { runtimes, devices } = JSON.parse(stdout);
    expect(runtimes.map(({ name }: { name: string }) => name)).toEqual(['onnxruntime-node', 'native']);
    expect(runtimes.filter(({ isUsed }: { isUsed: boolean }) => isUsed)).toHaveLength(1);
    expect(devices[0]).toMatchObject({ target: 'cpu', kind: 'cpu', memoryBytes: expect.any(Number) });
  });
});

describe('the stages of a model', () => {
  it('are named with their shares, the slowest one and advice', async () => {
    const text = await runSlipway(server, ['model', 'stages', 'digits']);
    expect(text.exitCode, text.stderr).toBe(0);
    expect(text.stdout).toMatch(/^digits@1 \(stable\): \d+ requests, [\d.]+ ms on average\nSTAGE +SHARE +AVERAGE\n/);
    const { stdout } = await runSlipway(server, ['model', 'stages', 'digits', '--json']);
    const { versions } = JSON.parse(stdout);
    const { stages, slowest, advice } = versions[0];
    expect(stages.map(({ stage }: { stage: string }) => stage)).toEqual([
      'decode',
      'queue',
      'crossing',
      'run',
      'encode',
    ]);
    const shares = stages.map(({ sharePercent }: { sharePercent: number }) => sharePercent);
    expect(shares.reduce((sum: number, share: number) => sum + share, 0)).toBeCloseTo(100);
    expect(stages[shares.indexOf(Math.max(...shares))].stage).toBe(slowest);
    expect(text.stdout.split('\n')).toContain(advice);
  });

  it('of a model that nobody serves are an error', async () => {
    const { exitCode, stderr } = await runSlipway(server, ['model', 'stages', 'nothing']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('DEPLOYMENT_NOT_FOUND');
  });
});

describe('the payload log', () => {
  const payloads = join(stateDir, 'store', 'payloads', 'default', 'digits');
  const metric = async (name: string) => {
    const text = await (await fetch(`${server.gateway}/metrics`)).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length) ?? Number.NaN,
    );
  };

  it('is switched on in Git, and has what was asked and answered in the bucket, without what must not be kept', async () => {
    expect(await metric('slipway_payload_log_waiting_bytes')).toBe(0);
    editManifest((text) => text.replace(/^spec:$/m, 'spec:\n  payloadLog: {samplePercent: 100, redact: [pixels]}'));
    let asked = 0;
    const ask = async () => {
      asked += 1;
      expect((await infer(`logged-${asked}`)).status).toBe(200);
      return metric('slipway_payload_log_waiting_bytes');
    };
    await eventually('the manifest has arrived', ask, (bytes) => bytes > 0);
    expect((await infer('failed', [1])).status).toBe(400);
    expect(() => readdirSync(payloads)).toThrow('ENOENT');

    await server.stop();
    const [day = ''] = readdirSync(payloads);
    expect(day).toMatch(/^\d{4}-\d\d-\d\d$/);
    const [object = '', ...others] = readdirSync(join(payloads, day));
    expect(others).toEqual([]);
    expect(object).toMatch(/^\d\d-\d\d-\d\d\.\d{3}Z-[\da-f-]{36}-000001\.ndjson$/);
    const lines = linesOf(join(payloads, day, object));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toEqual({
      time: expect.any(String),
      namespace: 'default',
      deployment: 'digits',
      version: 1,
      role: 'stable',
      fallback: false,
      result: 'ok',
      tookMs: expect.any(Number),
      traceId,
      request: {
        id: `logged-${asked}`,
        inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], parameters: { omitted: 'redacted' } }],
        outputs: [{ name: 'label' }],
      },
      response: {
        id: `logged-${asked}`,
        model_name: 'digits',
        model_version: '1',
        outputs: [{ name: 'label', datatype: 'INT64', shape: [1], data: [expect.any(Number)] }],
      },
    });
  });
});

/** Commits a change of the deployment's manifest and pushes it. */
function editManifest(edit: (text: string) => string): void {
  const clone = mkdtempSync(join(tmpdir(), 'slipway-clone-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], { cwd: clone });
  git('clone', '--quiet', server.git, '.');
  const file = git('ls-files', '*digits*').toString().trim();
  const before = readFileSync(join(clone, file), 'utf8');
  const after = edit(before);
  expect(after).not.toBe(before);
  writeFileSync(join(clone, file), after);
  git('commit', '--quiet', '--all', '--message', 'Log payloads');
  git('push', '--quiet', 'origin', 'HEAD:main');
  rmSync(clone, { recursive: true, force: true });
}
