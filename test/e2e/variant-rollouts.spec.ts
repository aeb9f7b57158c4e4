import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistryClient } from '#adapters/registry-client';
import type { DeploymentStatus } from '#generated/deployment-status';
import type { Precision } from '#generated/graphql';
import { RolloutPrograms } from '../faults/rollout-programs.ts';
import { eventually } from './eventually.ts';
import { runSlipway } from './run-slipway.ts';
import { SIZE, tinyModel } from './tiny-models.ts';

const GATEWAYS = 2;
/** Longer than a rollout takes on a machine that is busy with a load of its own. */
const MAX_MS = 60_000;
/** What `brittle` fails on, and the others do not. */
const HARD = [9, 9, 9, 9];
const EASY = [1, 2, 3, 0];
/** Answers are the inputs, or twice that: so clients see which build answered. */
const FACTORS = { 'cpu/fp32': 1, 'cpu/int8': 2 } as const;
/** Served by name all the time. */
const BY_NAME = 2;

let programs: RolloutPrograms;
let commits = 0;

beforeAll(async () => {
  programs = await RolloutPrograms.start({ gateways: GATEWAYS });
  const [same, twice, brittle] = [tinyModel('same'), tinyModel('twice'), tinyModel('brittle')];
  await register({ FP32: same.bytes, INT8: twice.bytes, FP16: brittle.bytes });
  await register({ FP32: same.bytes, INT8: twice.bytes });
});
afterAll(() => programs?.stop());

/** Registers a version of `tiny` with a variant for the CPU in each of the precisions. */
async function register(files: Partial<Record<Precision, Uint8Array>>): Promise<void> {
  const registry = new RegistryClient(programs.registry.url);
  await registry.call('createModel', { input: { namespace: 'default', name: 'tiny' } });
  const bytesOf = new Map<string, Uint8Array>();
  const variants = Object.entries(files).map(([precision, bytes]) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    bytesOf.set(digest, bytes);
    const stored = { path: 'model.onnx', digest, sizeBytes: bytes.byteLength };
    return { target: 'CPU' as const, precision: precision as Precision, format: 'ONNX' as const, files: [stored] };
  });
  const draft = await registry.call('createVersion', { input: { model: 'tiny', variants } });
  for (const file of draft.files) {
    const bytes = bytesOf.get(file.digest) ?? new Uint8Array();
    if (!file.isUploaded) await registry.uploadBlob(file, (offset) => once(bytes.subarray(offset)));
  }
  await registry.call('finalizeVersion', { namespace: 'default', model: 'tiny', draftId: draft.id });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A manifest of version 1, in a person's own layout. */
function manifest(variant: string, rollout: string): string {
  return `# The tiny one.
apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata: {name: tiny}
spec:
  model: tiny
  version: 1
  variants: [${variant}] # measured by us
  versionPolicy: {specific: {versions: [${BY_NAME}]}}
  rollout: {${rollout}}
`;
}

function commit(variant: string, rollout: string): string {
  commits += 1;
  const hash = programs.repository.commit({ 'tiny.yaml': manifest(variant, rollout) }, `Commit ${commits}`);
  void programs.controller.tellOfPush();
  return hash;
}

const status = () => programs.controller.status('tiny');
const untilStatus = (what: string, isAccepted: (status: DeploymentStatus) => boolean) =>
  eventually(what, status, (found) => found !== undefined && isAccepted(found), MAX_MS) as Promise<DeploymentStatus>;
const runnerCounts = () => programs.gateways.map(({ runners }) => runners.length);
const slipway = async (...args: string[]) => {
  const addresses = ['--controller', programs.controller.url];
  const { exitCode, stdout, stderr } = await runSlipway({ stateDir: programs.state }, [...addresses, ...args]);
  expect(exitCode, stderr).toBe(0);
  return stdout;
};
const metric = async (name: string, labels: string) => {
  const values = await Promise.all(programs.gateways.map((gateway) => gateway.metric(name, labels)));
  return values.reduce((sum, value) => sum + value, 0);
};

/** Until one build answers everything, the gateways hold nothing else but what is served by name, and that is the same variant. */
async function untilAlone(variant: keyof typeof FACTORS): Promise<void> {
  await untilStatus(
    `${variant} is stable`,
    ({ phase, stable }) => phase === 'Healthy' && stable?.variants?.[0] === variant,
  );
  await untilStatus('what is served by name is ready', ({ pinned = [] }) => pinned[0]?.state === 'ready');
  const counts = JSON.stringify(programs.gateways.map(() => 2));
  await eventually(
    'the other build is freed',
    async () => JSON.stringify(runnerCounts()),
    (found) => found === counts,
  );
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index)));
  expect(answers.map(({ factor, role }) => [factor, role])).toEqual(answers.map(() => [FACTORS[variant], 'stable']));
  expect((await ask(0, EASY, String(BY_NAME))).factor).toBe(FACTORS[variant]);
}

/** What a client sees of an answer. */
interface Seen {
  readonly status: number;
  readonly servedBy: string | null;
  readonly role: string;
  readonly isFallback: boolean;
  /** How many times the input the output is. */
  readonly factor: number;
}

async function ask(gateway: number, data = EASY, version?: string): Promise<Seen> {
  const path = version === undefined ? '' : `/versions/${version}`;
  const response = await fetch(`${programs.gateways[gateway % GATEWAYS]?.url}/v2/models/tiny${path}/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [{ name: 'x', shape: [SIZE], datatype: 'FP32', data }] }),
  });
  const body = (await response.json()) as { outputs?: { data: number[] }[] };
  return {
    status: response.status,
    servedBy: response.headers.get('slipway-served-by'),
    role: response.headers.get('slipway-role') ?? 'stable',
    isFallback: response.headers.get('slipway-fallback') === 'true',
    factor: (body.outputs?.[0]?.data[0] ?? Number.NaN) / (data[0] ?? 1),
  };
}

/** Clients that ask without end: the deployment, and now and then the version that is served by name. */
class Clients {
  readonly seen: Seen[] = [];
  readonly byName: Seen[] = [];
  readonly #callers: Promise<void>[];
  #isEnding = false;

  constructor(inputs: readonly number[][], callers = 4) {
    this.#callers = Array.from({ length: callers }, async (_, caller) => {
      for (let count = 0; !this.#isEnding; count += 1) {
        this.seen.push(await ask(caller, inputs[count % inputs.length]));
        if (count % 10 === 0) this.byName.push(await ask(caller, EASY, String(BY_NAME)));
        await sleep(2);
      }
    });
  }

  /** Ends them, and says whether all were answered. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#callers);
    expect([...this.seen, ...this.byName].filter((answer) => answer.status !== 200)).toEqual([]);
    expect(this.byName.length).toBeGreaterThan(0);
  }
}

describe('a commit that changes variants alone', () => {
  it('as an experiment splits requests between two builds of a version, and counts each for itself', async () => {
    commit('cpu/fp32', 'strategy: allAtOnce');
    await untilAlone('cpu/fp32');

    commit(
      'cpu/int8',
      'strategy: experiment, steps: [{setWeight: 50}], gates: [{metric: latency, max: 5s, minRequests: 20}]',
    );
    await untilStatus('the experiment has its share', ({ candidate }) => candidate?.weightPercent === 50);
    const seen = await Promise.all(Array.from({ length: 400 }, (_, index) => ask(index)));
    expect(seen.filter((answer) => answer.status !== 200 || answer.servedBy !== '1')).toEqual([]);
    // Each is the build that it says it is.
    expect(seen.filter(({ role, factor }) => factor !== (role === 'candidate' ? 2 : 1))).toEqual([]);
    const ofCandidate = seen.filter(({ role }) => role === 'candidate').length;
    expect(Math.abs(ofCandidate - 200)).toBeLessThan(60);

    const { candidate, stable, pinned } = await untilStatus('all are counted', (found) => {
      const { traffic } = found.candidate ?? {};
      return (traffic?.candidate.requests ?? 0) + (traffic?.stable.requests ?? 0) === seen.length;
    });
    expect(stable).toMatchObject({ version: 1, variants: ['cpu/fp32'], isReady: true });
    expect(candidate).toMatchObject({
      version: 1,
      variants: ['cpu/int8'],
      isReady: true,
      traffic: {
        candidate: { requests: ofCandidate, serverErrors: 0, latencyMs: {} },
        stable: { requests: seen.length - ofCandidate, serverErrors: 0, latencyMs: {} },
      },
      gates: [{ key: 'latency', evidence: { requests: ofCandidate, stableRequests: seen.length - ofCandidate } }],
    });
    expect(pinned).toEqual([{ version: BY_NAME, state: 'ready' }]);
  });

  it('is told by commands and metrics with both builds, and has them asked by their parts', async () => {
    const table = await slipway('rollout', 'status', 'tiny');
    expect(table).toMatch(/tiny@1 \(cpu\/int8\) +1 \(cpu\/fp32\) +1 \(cpu\/int8\) at 50 %/);
    const explained = await slipway('rollout', 'explain', 'tiny');
    expect(explained).toMatch(/^Stable is version 1 \(cpu\/fp32\), of commit/m);
    expect(explained).toMatch(/^ {2}version 1 \(cpu\/int8\), of commit .*, has 50 % of the traffic/m);
    expect(await ask(0, EASY, '1')).toMatchObject({ role: 'stable', factor: 1 });
    expect(await ask(0, EASY, 'candidate')).toMatchObject({ role: 'candidate', factor: 2 });
    for (const [role, variant] of [
      ['stable', 'cpu/fp32'],
      ['candidate', 'cpu/int8'],
    ]) {
      const labels = `version="1",role="${role}",variant="${variant}"`;
      expect(await metric('slipway_model_version_ready', labels)).toBe(GATEWAYS);
    }
    const metadata = await (await fetch(`${programs.gateways[0]?.url}/v2/models/tiny`)).json();
    expect(metadata).toMatchObject({ versions: ['1', `${BY_NAME}`] });
  });

  it('is promoted by a person under load without a failed request, and the old build is freed', async () => {
    expect(runnerCounts()).toEqual(programs.gateways.map(() => 3));
    const clients = new Clients([EASY]);
    await slipway('rollout', 'promote', 'tiny', '--full');
    await untilAlone('cpu/int8');
    await clients.end();
    expect(clients.seen.at(-1)).toMatchObject({ role: 'stable', factor: 2 });
    expect((await status())?.lastRollout).toMatchObject({ version: 1, variants: ['cpu/int8'], outcome: 'promoted' });
  });

  it('as a canary that fails is rolled back, in Git too, while the old build of the version goes on', async () => {
    const before = commit(
      'cpu/fp16',
      'strategy: canary, steps: [{setWeight: 50}, {analyse: {minRequests: 100000}}], gates: [{metric: error-rate, max: 0.01, minRequests: 20}]',
    );
    await untilStatus('the canary has its share', ({ candidate }) => candidate?.weightPercent === 50);
    const clients = new Clients([EASY, HARD]);
    await untilStatus('it is out', ({ lastRollout }) => lastRollout?.writeBack?.state === 'committed');
    await untilAlone('cpu/int8');
    await clients.end();

    const { lastRollout, events } = await untilStatus('the rollback is taken', ({ phase }) => phase === 'Healthy');
    expect(lastRollout).toMatchObject({
      version: 1,
      variants: ['cpu/fp16'],
      outcome: 'rolledBack',
      evidence: { gate: 'error-rate', stableServerErrors: 0 },
    });
    const fellBack = clients.seen.filter(({ isFallback }) => isFallback);
    expect(fellBack.length).toBeGreaterThanOrEqual(lastRollout?.evidence?.serverErrors ?? Number.NaN);
    // Stable's own build stepped in, and it alone answers with twice the input.
    expect(fellBack.filter(({ role, factor }) => role !== 'stable' || factor !== 2)).toEqual([]);
    expect(events.at(-1)?.message).toBe('settings changed, version 1 (cpu/int8) stays');
    const [revert] = programs.repository.since(before);
    expect(revert?.message).toMatch(
      /^revert\(default\/tiny\): version 1 \(cpu\/fp16\) -> 1 \(cpu\/int8\)\n\nerror-rate: /,
    );
    expect(programs.repository.read('tiny.yaml')).toContain('  version: 1\n  variants: [cpu/int8] # measured by us\n');
    expect(await slipway('rollout', 'explain', 'tiny')).toContain('version 1 (cpu/fp16) is tried again by a manifest');
  });

  it('as a canary that is well is promoted by its gates under load, and the old build is freed', async () => {
    const clients = new Clients([EASY, HARD]);
    commit(
      'cpu/fp32',
      'rollbackWindow: 0, steps: [{setWeight: 30}, {analyse: {minRequests: 100}}], gates: [{metric: error-rate, max: 0.01, minRequests: 20}]',
    );
    await untilAlone('cpu/fp32');
    await clients.end();
    const { lastRollout } = (await status()) ?? {};
    expect(lastRollout).toMatchObject({ version: 1, variants: ['cpu/fp32'], outcome: 'promoted' });
    expect(clients.seen.filter(({ isFallback }) => isFallback)).toEqual([]);
    // Answers of the candidate before it was stable.
    expect(clients.seen.filter(({ role, factor }) => role === 'candidate' && factor === 1).length).toBeGreaterThan(50);
    expect(clients.seen.at(-1)).toMatchObject({ role: 'stable', factor: 1 });
  });
});
