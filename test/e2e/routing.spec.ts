import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { DeploymentRoute, RoutedVersion } from '#application/rollout';
import { type TrafficWatch, WATCH_NOTHING } from '#domain/traffic';
import { GRPCInferenceServiceClient, ModelInferRequest } from '#generated/inference/open_inference';
import { digitsKey, digitsRoute, storeVersion } from '../faults/stored-model.ts';
import { FleetServer } from '../servers/fleet-server.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { eventually } from './eventually.ts';
import { SIZE, tinyModel } from './tiny-models.ts';

const storeDir = mkdtempSync(join(tmpdir(), 'slipway-routing-'));
const CANDIDATES = ['twice', 'zero', 'log', 'short', 'brittle'] as const;
type CandidateModel = (typeof CANDIDATES)[number];
const STABLE = 1;
const CANDIDATE = 2;

let server: FleetServer;
let gateway: GatewayProcess;
let stable: RoutedVersion;
let candidates: Record<CandidateModel, RoutedVersion>;
let rollouts = 0;
let rolloutId = '';

beforeAll(async () => {
  const store = await FsObjectStore.open(storeDir);
  stable = await storeVersion(store, STABLE, [tinyModel('same')]);
  const stored: [CandidateModel, RoutedVersion][] = [];
  for (const name of CANDIDATES) stored.push([name, await storeVersion(store, CANDIDATE, [tinyModel(name)])]);
  candidates = Object.fromEntries(stored) as typeof candidates;
  server = await FleetServer.start();
  gateway = await GatewayProcess.start({
    environment: { SLIPWAY_STORE_DIR: storeDir, SLIPWAY_CONTROLLER_GRPC: server.address },
  });
});
afterAll(async () => {
  await gateway?.end('SIGKILL');
  server?.close();
  rmSync(storeDir, { recursive: true, force: true });
});

beforeEach(() => {
  rollouts += 1;
  rolloutId = `default.digits.${rollouts}`;
});

const counts = (version: number) => server.fleet.trafficOf(digitsKey(version), rolloutId);
const watching = (over: Partial<TrafficWatch>): TrafficWatch => ({ ...WATCH_NOTHING, ...over });
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A rollout of a candidate beside the model that gives back what it gets. */
async function roll(model: CandidateModel, over: Partial<DeploymentRoute> = {}): Promise<void> {
  server.publish(digitsRoute(stable, { rolloutId }));
  await eventually(
    'stable is ready and the last candidate gone',
    () => metadata(),
    ({ versions = [] }) => versions.join() === String(STABLE),
  );
  server.publish(digitsRoute(stable, { candidate: candidates[model], rolloutId, ...over }));
  await eventually(
    'the candidate is ready',
    () => metadata(),
    ({ versions = [] }) => versions.includes(String(CANDIDATE)),
  );
}

async function metadata(): Promise<{ readonly versions?: string[] }> {
  return (await (await fetch(`${gateway.url}/v2/models/digits`)).json()) as { versions?: string[] };
}

interface Asked {
  readonly values?: readonly number[];
  readonly version?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

async function infer({ values = [1, 2, 3, 0], version, headers = {}, parameters }: Asked = {}) {
  const path = version === undefined ? 'digits' : `digits/versions/${version}`;
  const response = await fetch(`${gateway.url}/v2/models/${path}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ inputs: [{ name: 'x', shape: [SIZE], datatype: 'FP32', data: values }], parameters }),
  });
  const body = (await response.json()) as { outputs?: { data: number[] }[]; code?: string; parameters?: object };
  return {
    status: response.status,
    code: body.code,
    values: body.outputs?.[0]?.data,
    servedBy: Number(response.headers.get('slipway-served-by')),
    role: response.headers.get('slipway-role') ?? 'stable',
    isFallback: response.headers.get('slipway-fallback') === 'true',
    parameters: body.parameters,
  };
}

/** Stable's answer in the place of the candidate's. */
function steppedIn(values: readonly number[]) {
  const parameters = { 'slipway-fallback': true };
  const by = { servedBy: STABLE, role: 'stable', isFallback: true };
  return { status: 200, code: undefined, values: [...values], ...by, parameters };
}

/** The tensor as bytes behind the JSON, so that the gateway reads it where it lies. Answers the status. */
async function inferBinary(values: readonly number[], padding: string): Promise<number> {
  const data = new Uint8Array(Float32Array.from(values).buffer);
  const input = { name: 'x', shape: [SIZE], datatype: 'FP32', parameters: { binary_data_size: data.byteLength } };
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { padding } }));
  const response = await fetch(`${gateway.url}/v2/models/digits/infer`, {
    method: 'POST',
    headers: { 'inference-header-content-length': String(head.byteLength) },
    body: Buffer.concat([head, data]),
  });
  await response.arrayBuffer();
  return response.status;
}

describe('requests that match', () => {
  it('go to the candidate and to nobody else, and are not counted; over gRPC by their metadata', async () => {
    await roll('twice', { match: { headers: { 'x-beta': 'true', 'x-team': 'red' } } });
    const matching = { 'X-Beta': 'true', 'x-team': 'red' };
    expect(await infer({ headers: matching })).toMatchObject({ servedBy: CANDIDATE, values: [2, 4, 6, 0] });
    expect(await infer({ headers: { 'x-beta': 'true' } })).toMatchObject({ servedBy: STABLE, values: [1, 2, 3, 0] });
    expect(await servedOverGrpc(matching)).toEqual([CANDIDATE, 'candidate']);
    expect(await servedOverGrpc({})).toEqual([STABLE, undefined]);
    await eventually(
      'the others are counted',
      async () => counts(STABLE).requests,
      (requests) => requests === 2,
    );
    expect(counts(CANDIDATE).requests).toBe(0);
  });

  it('are answered by stable when the candidate fails', async () => {
    await roll('brittle', { match: { headers: { 'x-beta': 'true' } } });
    const answer = await infer({ headers: { 'x-beta': 'true' }, values: [9, 9, 9, 9] });
    expect(answer).toEqual(steppedIn([9, 9, 9, 9]));
  });
});

describe('users', () => {
  const servedFor = async (user: string) => (await infer({ headers: { 'x-user': user } })).servedBy;

  it('stay with their version, and with the candidate as the weight grows', async () => {
    const stickyBy = { source: 'header', name: 'x-user' } as const;
    const users = range(60).map((index) => `user-${index}`);
    const tried = new Map<number, Set<string>>();
    for (const candidateWeightPercent of [20, 60]) {
      await roll('twice', { stickyBy, candidateWeightPercent });
      const first = await Promise.all(users.map(servedFor));
      expect(await Promise.all(users.map(servedFor))).toEqual(first);
      tried.set(candidateWeightPercent, new Set(users.filter((_, index) => first[index] === CANDIDATE)));
    }
    const [few, more] = [tried.get(20) ?? new Set(), tried.get(60) ?? new Set()];
    expect(few.size).toBeGreaterThan(2);
    expect(more.size).toBeGreaterThan(few.size);
    expect([...few].filter((user) => !more.has(user))).toEqual([]);
  });

  it('are told apart by a parameter too', async () => {
    await roll('twice', { stickyBy: { source: 'parameter', name: 'user' }, candidateWeightPercent: 50 });
    for (const user of range(20)) {
      const answers = await Promise.all(range(5).map(() => infer({ parameters: { user } })));
      expect(new Set(answers.map(({ servedBy }) => servedBy)).size).toBe(1);
    }
  });
});

describe('the names of the parts', () => {
  it('lead to the candidate without fallback, and to stable; without a candidate both are stable', async () => {
    await roll('brittle');
    expect(await infer({ version: 'candidate' })).toMatchObject({ servedBy: CANDIDATE, role: 'candidate' });
    expect(await infer({ version: 'stable' })).toMatchObject({ servedBy: STABLE, role: 'stable' });
    expect(await infer({ version: 'candidate', values: [9, 9, 9, 9] })).toMatchObject({
      status: 500,
      code: 'MODEL_RUN_FAILED',
    });
    expect((await fetch(`${gateway.url}/v2/models/digits/versions/candidate/ready`)).status).toBe(200);
    server.publish(digitsRoute(stable));
    await eventually(
      'there is no candidate',
      () => metadata(),
      ({ versions = [] }) => versions.length === 1,
    );
    expect(await infer({ version: 'candidate', values: [9, 9, 9, 9] })).toMatchObject({
      status: 200,
      servedBy: STABLE,
      isFallback: false,
    });
  });
});

describe('mirrored requests', () => {
  it('are run by the candidate behind the client, compared, and counted apart', async () => {
    const watch = watching({ agreement: [{ output: 'y', tolerance: 0.01 }], latency: true });
    await roll('twice', { mirrorPercent: 100, watch });
    // 2 x equals x where x is 0.
    for (const [index, value] of [1, 0, 2, 0, 3].entries()) {
      expect(await infer({ values: Array(SIZE).fill(value) })).toMatchObject({ servedBy: STABLE, isFallback: false });
      await eventually(
        'the copy was looked at',
        async () => counts(CANDIDATE).mirrored?.compared ?? 0,
        (compared) => compared > index,
      );
    }
    const { mirrored } = counts(CANDIDATE);
    expect(mirrored).toMatchObject({ requests: 5, compared: 5, serverErrors: 0, shed: 0 });
    expect(mirrored?.disagreements).toEqual(new Map([['y', 3]]));
    expect(counts(CANDIDATE).requests).toBe(0);
    expect(counts(STABLE)).toMatchObject({ requests: 5, serverErrors: 0 });
    expect(counts(STABLE).latency?.count).toBe(5);
    expect(await gateway.metric('slipway_mirrored_requests_total', 'outcome="disagreement"')).toBe(3);
  });

  it('read their inputs as they were, however large the body is and whatever follows it', async () => {
    const watch = watching({ agreement: [{ output: 'y', tolerance: 0 }] });
    await roll('log', { mirrorPercent: 100, watch });
    for (const _ of range(30)) expect(await inferBinary([1, 1, 1, 1], 'x'.repeat(200_000))).toBe(200);
    const mirrored = await eventually(
      'all copies are counted',
      async () => counts(CANDIDATE).mirrored,
      (found) => (found?.requests ?? 0) + (found?.shed ?? 0) === 30,
    );
    expect(mirrored?.serverErrors).toBe(0);
    expect(mirrored?.compared).toBe(mirrored?.requests);
  });
});

describe('a candidate that cannot be given to clients', () => {
  it.each([
    ['fails', 'brittle', [9, 9, 9, 9], { serverErrors: 30, nonFinite: 0 }],
    ['answers NaN', 'log', [-1, -1, -1, -1], { serverErrors: 0, nonFinite: 30 }],
    ['answers what its signature does not promise', 'short', [1, 0, 0, 0], { serverErrors: 30, nonFinite: 0 }],
  ] as const)('costs no client an answer when it %s', async (_, model, values, expected) => {
    await roll(model, { candidateWeightPercent: 100, watch: watching({ nonFinite: true }) });
    const answers = await Promise.all(range(30).map(() => infer({ values })));
    for (const answer of answers) {
      expect(answer).toEqual(steppedIn(values));
    }
    const counted = await eventually(
      'all are counted',
      async () => counts(CANDIDATE),
      ({ requests }) => requests === 30,
    );
    expect({ serverErrors: counted.serverErrors, nonFinite: counted.nonFinite ?? 0 }).toEqual(expected);
  });

  it('that answers the same to everybody is noticed', async () => {
    await roll('zero', { candidateWeightPercent: 100, watch: watching({ constant: true, outputs: ['y'] }) });
    for (const value of range(10)) await infer({ values: Array(SIZE).fill(value + 1) });
    const counted = await eventually(
      'all are counted',
      async () => counts(CANDIDATE),
      ({ requests }) => requests === 10,
    );
    expect(counted.constant).toBe(9);
    const values = counted.outputs?.get('y')?.values;
    expect([values?.count, values?.sum]).toEqual([10, 0]);
  });
});

describe('the breaker of a gateway', () => {
  const breaker = { max: 0.01, logThreshold: Math.log(1e4) };

  it('tells the controller that it took a candidate out', async () => {
    await roll('brittle', { candidateWeightPercent: 100, breaker });
    for (const _ of range(5)) expect((await infer({ values: [9, 9, 9, 9] })).status).toBe(200);
    const by = await eventually(
      'the controller knows',
      async () => server.fleet.trippedBy(rolloutId),
      (id) => id !== undefined,
    );
    expect(by).toMatch(/^[0-9a-f-]{36}$/);
    expect(counts(CANDIDATE)).toMatchObject({ requests: 3, serverErrors: 3 });
    expect(server.fleet.trippedBy('default.digits.0')).toBeUndefined();
    expect(await gateway.metric('slipway_breaker_trips_total')).toBe(1);
  });

  it('needs no controller: three failures after its end the candidate is out', async () => {
    await roll('brittle', { candidateWeightPercent: 100, breaker, mirrorPercent: 100 });
    expect(await infer()).toMatchObject({ servedBy: CANDIDATE });
    server.close();
    const answers = [];
    for (const _ of range(10)) answers.push(await infer({ values: [9, 9, 9, 9] }));
    expect(answers.every(({ status, servedBy }) => status === 200 && servedBy === STABLE)).toBe(true);
    const fellBack = answers.map(({ isFallback }) => isFallback);
    expect(fellBack).toEqual([true, true, true, ...Array(7).fill(false)]);
    expect(await infer()).toMatchObject({ servedBy: STABLE, isFallback: false });
    expect(await infer({ version: 'candidate' })).toMatchObject({ servedBy: STABLE });
  });
});

/** The version that answered, and its part where it is not stable. */
async function servedOverGrpc(headers: Readonly<Record<string, string>>): Promise<[number, unknown]> {
  const client = new GRPCInferenceServiceClient(gateway.grpcAddress, credentials.createInsecure());
  const metadataSent = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadataSent.set(name, value);
  const request = ModelInferRequest.fromPartial({
    modelName: 'digits',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [BigInt(SIZE)] }],
    rawInputContents: [Buffer.from(Float32Array.of(1, 2, 3, 0).buffer)],
  });
  try {
    return await new Promise((resolve, reject) => {
      const call = client.modelInfer(request, metadataSent, (error) => {
        if (error !== null) reject(error);
      });
      call.on('status', ({ metadata: trailers }) =>
        resolve([Number(trailers.get('slipway-served-by')[0]), trailers.get('slipway-role')[0]]),
      );
    });
  } finally {
    client.close();
  }
}
