/**
 * What it costs to know who infers, and whether they may: requests that show an API key to a gateway where policies decide, against those
 * of nobody in particular, to a gateway where access is open, and to the very same gateway, whose policies let everyone infer. All serve
 * the same model on the same core, and are loaded in turn. Two equal processes differ by more than what is measured, by where their code and
 * their heap come to lie; so several pairs are compared, each of new processes.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelInferRequest } from '#generated/inference/open_inference';
import { commitFiles } from '../e2e/commit-manifest.ts';
import { eventually } from '../e2e/eventually.ts';
import { postGraphql } from '../e2e/registry-fixture.ts';
import { digitsDirectory, serveDigits } from '../e2e/serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from '../e2e/slipway-server.ts';
import { type BenchOptions, byEffort } from './bench-options.ts';
import { type BenchRow, median } from './bench-row.ts';
import { type Call, callOnce } from './gateway/call.ts';
import { applyLoad, requireLoadPrograms } from './gateway/load.ts';
import { progress } from './progress.ts';

const GOAL = 0.97;
/** Of each pair one is started first, in turn. */
const PAIRS = 8;
/** Of each process. */
const RUNS = 3;
const SECONDS = 3;
const CLIENTS = 32;
const WAYS = ['json', 'grpc'] as const;
const POLICY = `apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: shop }
spec:
  bindings:
    - { role: invoker, subjects: [{ workload: shop }], namespaces: [default] }
    - { role: invoker, subjects: [{ everyone: true }], namespaces: [default] }
  rules:
    - { name: no-strangers, effect: deny, actions: [deployment.*], where: { labels.audience: nobody } }
`;

/** Who sends: with a key, without one to the same gateway, and to one where access is open. */
const SENDERS = ['authorised', 'everyone', 'anonymous'] as const;

type Way = (typeof WAYS)[number];
type BySender<T> = Readonly<Record<(typeof SENDERS)[number], T>>;
type Rates = Readonly<Record<Way, BySender<number>>>;

export async function measure(options: BenchOptions): Promise<BenchRow[]> {
  await requireLoadPrograms();
  const pairs: Rates[] = [];
  for (let pair = 0; pair < byEffort(options, 1, PAIRS); pair += 1) {
    const rates = await measurePair(options, pair % 2 === 0);
    for (const way of WAYS) {
      const { authorised, everyone, anonymous } = rates[way];
      const others = `${everyone.toFixed(0)} without, ${anonymous.toFixed(0)} where access is open`;
      progress(`${way}, pair ${pair + 1}: ${authorised.toFixed(0)} with a key, ${others}`);
    }
    pairs.push(rates);
  }
  return WAYS.flatMap((way) =>
    (['anonymous', 'everyone'] as const).map((other) => {
      const rates = pairs.map((pair) => pair[way]);
      return {
        id: `authorised-${way}/${other}`,
        unit: 'requests/s',
        ours: median(rates.map(({ authorised }) => authorised)),
        against: median(rates.map((rate) => rate[other])),
        ratio: median(rates.map((rate) => rate.authorised / rate[other])),
        goal: GOAL,
        runs: pairs.length * byEffort(options, 1, RUNS),
      };
    }),
  );
}

/** Two new processes, of which one is started before the other. */
async function measurePair(options: BenchOptions, isOpenFirst: boolean): Promise<Rates> {
  const servers: SlipwayServer[] = [];
  const start = async (settings: Record<string, string>) => {
    const stateDir = mkdtempSync(join(tmpdir(), 'bench-access-'));
    const pinned = ['taskset', '--cpu-list', options.serverCores];
    const server = await startSlipwayServer(stateDir, { SLIPWAY_LOG_LEVEL: 'warn', ...settings }, pinned);
    servers.push(server);
    return server;
  };
  const startOpen = async () => {
    const server = await start({ SLIPWAY_ACCESS: 'open' });
    await serveDigits(server, 1);
    return (way: Way) => callOf(server, way, {});
  };
  const startGuarded = async () => {
    const server = await start({ SLIPWAY_ACCESS: 'policies' });
    const headers = { authorization: `Bearer ${await keyOfShop(server)}` };
    return (way: Way) => ({ authorised: callOf(server, way, headers), everyone: callOf(server, way, {}) });
  };
  try {
    const before = isOpenFirst ? await startOpen() : undefined;
    const guarded = await startGuarded();
    const open = before ?? (await startOpen());
    const rates = {} as Record<Way, BySender<number>>;
    for (const way of WAYS) rates[way] = await compare({ ...guarded(way), anonymous: open(way) }, options);
    return rates;
  } finally {
    for (const { stateDir, stop } of servers) {
      await stop();
      rmSync(stateDir, { recursive: true, force: true });
    }
  }
}

async function compare(calls: BySender<Call>, options: BenchOptions): Promise<BySender<number>> {
  const seconds = byEffort(options, 1, SECONDS);
  const rate = async (call: Call) => {
    const { body } = await callOnce(call);
    const plan = { clients: CLIENTS, seconds, cores: options.loadCores };
    return (await applyLoad(call, body.byteLength, plan)).perSecond;
  };
  const samples: BySender<number[]> = { authorised: [], everyone: [], anonymous: [] };
  for (const sender of SENDERS) await rate(calls[sender]);
  for (let run = 0; run < byEffort(options, 1, RUNS); run += 1)
    for (const sender of startingAt(SENDERS, run)) samples[sender].push(await rate(calls[sender]));
  const { authorised, everyone, anonymous } = samples;
  return { authorised: median(authorised), everyone: median(everyone), anonymous: median(anonymous) };
}

/** The same in the same order, but each of them is the first once: a process that had to wait is slower. */
function startingAt<T>(values: readonly T[], first: number): T[] {
  const at = first % values.length;
  return [...values.slice(at), ...values.slice(0, at)];
}

/** Has the shop's key made, the model served, and waits until the shop may use it. */
async function keyOfShop(server: SlipwayServer): Promise<string> {
  const adminKey = readFileSync(join(server.stateDir, 'admin.key'), 'utf8').trim();
  commitFiles(server.git, { 'access.yaml': POLICY }, 'The shop infers');
  const query = 'mutation { createApiKey(input: { description: "a shop", workload: "shop" }) { key } }';
  const { data } = await postGraphql(server.registry, { query }, adminKey);
  const { key = '' } = (data?.['createApiKey'] ?? {}) as { key?: string };
  await serveDigits(server, 1, adminKey);
  const ask = () => callOnce(callOf(server, 'json', { authorization: `Bearer ${key}` })).catch(() => undefined);
  await eventually('the shop may infer', ask, (reply) => reply !== undefined);
  return key;
}

function callOf(server: SlipwayServer, way: 'json' | 'grpc', headers: Record<string, string>): Call {
  const { datatype, shape, data } = JSON.parse(readFileSync(join(digitsDirectory, 'one-digit.json'), 'utf8')) as {
    datatype: string;
    shape: number[];
    data: number[];
  };
  const decode = () => ({});
  if (way === 'json') {
    const body = Buffer.from(JSON.stringify({ inputs: [{ name: 'pixels', datatype, shape, data }] }));
    const url = `${server.gateway}/v2/models/digits/infer`;
    return { kind: 'http', url, headers: { 'content-type': 'application/json', ...headers }, body, decode };
  }
  const message = ModelInferRequest.fromPartial({
    modelName: 'digits',
    inputs: [{ name: 'pixels', datatype, shape: shape.map(BigInt) }],
    rawInputContents: [new Uint8Array(Float32Array.from(data.flat()).buffer)],
  });
  const body = Buffer.from(ModelInferRequest.encode(message).finish());
  const path = '/inference.GRPCInferenceService/ModelInfer';
  return { kind: 'grpc', address: server.gatewayGrpc, path, headers, body, decode };
}
