import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitManifest } from '../e2e/commit-manifest.ts';
import { eventually } from '../e2e/eventually.ts';
import { freshStateDirectory } from '../e2e/quickstart-process.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { startSlipwayServer } from '../e2e/slipway-server.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { digestOfFile, exampleOperators, operatorAnswer, WIDTH, writeOperatorModel } from './operator-model.ts';

const stateDir = freshStateDirectory();
const pushed = join(stateDir, 'pushed');
const gatewayDir = join(stateDir, 'gateway');
const digest = digestOfFile(exampleOperators);
const native = { SLIPWAY_GATEWAY_RUNTIME: 'native' };
const allowing = { ...native, SLIPWAY_GATEWAY_OPERATORS: digest };
const x = [0.5, -1, 2, 3];
const MANIFEST = `apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata: { name: fused }
spec:
  model: fused
  version: 1
  rollout: { strategy: allAtOnce }
`;

const infer = async (gateway: string) => {
  const response = await fetch(`${gateway}/v2/models/fused/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [{ name: 'x', shape: [WIDTH], datatype: 'FP32', data: x }] }),
  });
  const { outputs } = (await response.json()) as { outputs?: { data: number[] }[] };
  return { status: response.status, y: outputs?.[0]?.data };
};

function expectRight(y: readonly number[] | undefined): void {
  const expected = operatorAnswer(x);
  expect(y).toHaveLength(WIDTH);
  for (const [index, value] of expected.entries())
    expect(Math.abs((y?.[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-6 * Math.abs(value));
}

beforeAll(async () => {
  writeOperatorModel(pushed);
  const server = await startSlipwayServer(stateDir, allowing);
  try {
    const push = await runSlipway(server, ['model', 'push', 'fused', pushed]);
    expect(push.exitCode, push.stderr).toBe(0);
    commitManifest(server.git, 'fused.yaml', MANIFEST);
    const answer = await eventually(
      'it serves',
      () => infer(server.gateway),
      ({ status }) => status === 200,
      60_000,
    );
    expectRight(answer.y);
  } finally {
    await server.stop();
  }
});
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

/** What a gateway with the last routes on its disk makes of the version, once it has tried. */
async function stateWith(settings: Record<string, string>) {
  const gateway = await GatewayProcess.start({
    environment: {
      SLIPWAY_STORE: 'fs',
      SLIPWAY_STORE_DIR: join(stateDir, 'store'),
      SLIPWAY_CONTROLLER_GRPC: '127.0.0.1:1',
      ...settings,
    },
    stateDir: gatewayDir,
  });
  try {
    const index = async () => {
      const answer = await fetch(`${gateway.url}/v2/repository/index`, { method: 'POST', body: '{}' });
      return (await answer.json()) as { state: string; reason: string }[];
    };
    const isTried = ([entry]: { state: string }[]) => entry?.state === 'READY' || entry?.state === 'UNAVAILABLE';
    const [entry] = await eventually('it has tried', index, isTried, 60_000);
    return { state: entry?.state, reason: entry?.reason, ...(await infer(gateway.url)) };
  } finally {
    await gateway.end('SIGTERM');
  }
}

describe('a version that was pushed with its operators', () => {
  it('is served by a gateway that allows them', async () => {
    const { state, y } = await stateWith(allowing);
    expect(state).toBe('READY');
    expectRight(y);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'that allows others',
      { ...native, SLIPWAY_GATEWAY_OPERATORS: `sha256:${'0'.repeat(64)}` },
      new RegExp(`^OPERATORS_REFUSED: .* operators/libexample_operators\\.so, and .* not allow its digest ${digest}: `),
    ],
    ['that allows none', native, /^OPERATORS_REFUSED: .* not allow its digest/],
    ['with onnxruntime-node', {}, /^OPERATORS_REFUSED: .* onnxruntime-node loads no operator libraries: set SLIPWAY_/],
  ])('is refused by one %s, which says why', async (_name, settings, reason) => {
    expect(await stateWith(settings)).toMatchObject({ state: 'UNAVAILABLE', reason: expect.stringMatching(reason) });
  });

  it('is served from the store where the copy in the cache was changed', async () => {
    const cached = join(gatewayDir, 'artifacts/sha256', digest.slice(7));
    writeFileSync(cached, changed(readFileSync(cached)));
    const { state, y } = await stateWith(allowing);
    expect(state).toBe('READY');
    expectRight(y);
    expect(digestOfFile(cached)).toBe(digest);
  });

  it('is refused where the store has other bytes for them', async () => {
    rmSync(join(gatewayDir, 'artifacts'), { recursive: true });
    const blob = blobIn(join(stateDir, 'store'));
    const good = readFileSync(blob);
    chmodSync(blob, 0o600);
    writeFileSync(blob, changed(good));
    const { state, reason } = await stateWith(allowing);
    writeFileSync(blob, good);
    expect({ state, reason }).toEqual({ state: 'UNAVAILABLE', reason: expect.stringMatching(/^ARTIFACT_CORRUPT: /) });
  });
});

describe('operators of the gateway itself', () => {
  const library = join(stateDir, 'lib/libmine.so');
  beforeAll(() => {
    mkdirSync(join(stateDir, 'lib'));
    writeFileSync(library, readFileSync(exampleOperators));
  });

  it('are refused at the start when they are not allowed', async () => {
    const starting = stateWith({ ...native, SLIPWAY_GATEWAY_OPERATOR_LIBRARIES: library });
    await expect(starting).rejects.toThrow(`${library} is ${digest}, which SLIPWAY_GATEWAY_OPERATORS does not allow`);
  });

  it('serve models that bring none', async () => {
    rmSync(join(pushed, 'operators'), { recursive: true });
    const server = await startSlipwayServer(stateDir, { ...allowing, SLIPWAY_GATEWAY_OPERATOR_LIBRARIES: library });
    try {
      const push = await runSlipway(server, ['model', 'push', 'fused', pushed]);
      expect(push.exitCode, push.stderr).toBe(0);
      commitManifest(server.git, 'fused.yaml', MANIFEST.replace('version: 1', 'version: 2'));
      const index = async () => {
        const answer = await fetch(`${server.gateway}/v2/models/fused/versions/2/ready`);
        return answer.status;
      };
      await eventually('version 2 is ready', index, (status) => status === 200, 60_000);
      expectRight((await infer(server.gateway)).y);
    } finally {
      await server.stop();
    }
  });
});

/** The same bytes but for the last. */
function changed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}

function blobIn(store: string): string {
  const found = readdirSync(store, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(digest.slice(7)),
  );
  if (found === undefined) throw new Error('the store has no such blob');
  return join(store, found);
}
