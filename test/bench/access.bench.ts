/**
 * What it costs to know who infers, and whether they may: a gateway where access is open and nobody says who they are, against one where
 * policies decide and each request shows an API key. Both serve the same model on the same core, and are loaded in turn.
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
import { alternate, type BenchRow } from './bench-row.ts';
import { type Call, callOnce } from './gateway/call.ts';
import { applyLoad, requireLoadPrograms } from './gateway/load.ts';
import { progress } from './progress.ts';

const GOAL = 0.97;
const RUNS = 9;
const SECONDS = 4;
const CLIENTS = 32;
const POLICY = `apiVersion: slipway.dev/v1
kind: Policy
metadata: { name: shop }
spec:
  bindings: [{ role: invoker, subjects: [{ workload: shop }], namespaces: [default] }]
  rules:
    - { name: no-strangers, effect: deny, actions: [deployment.*], where: { labels.audience: nobody } }
`;

export async function measure(options: BenchOptions): Promise<BenchRow[]> {
  const { serverCores, loadCores } = options;
  const [runs, seconds] = [byEffort(options, 1, RUNS), byEffort(options, 1, SECONDS)];
  await requireLoadPrograms();
  const start = (settings: Record<string, string>) =>
    startSlipwayServer(mkdtempSync(join(tmpdir(), 'bench-access-')), { SLIPWAY_LOG_LEVEL: 'warn', ...settings }, [
      'taskset',
      '--cpu-list',
      serverCores,
    ]);
  const open = await start({});
  const guarded = await start({ SLIPWAY_ACCESS: 'policies' });
  try {
    await serveDigits(open, 1);
    const headers = { authorization: `Bearer ${await keyOfShop(guarded)}` };
    const rows: BenchRow[] = [];
    for (const way of ['json', 'grpc'] as const) {
      const [ours, against] = [callOf(guarded, way, headers), callOf(open, way, {})];
      const rate = async (call: Call) => {
        const { body } = await callOnce(call);
        const plan = { clients: CLIENTS, seconds, cores: loadCores };
        return (await applyLoad(call, body.byteLength, plan)).perSecond;
      };
      for (const call of [ours, against]) await rate(call);
      const measured = await alternate(
        runs,
        () => rate(ours),
        () => rate(against),
      );
      const ratio = measured.ours / measured.against;
      progress(`${way}: ${measured.ours.toFixed(0)} with a key, ${measured.against.toFixed(0)} without`);
      rows.push({ id: `authorised-${way}/anonymous`, unit: 'requests/s', ...measured, ratio, goal: GOAL, runs });
    }
    return rows;
  } finally {
    for (const { stateDir, stop } of [open, guarded]) {
      await stop();
      rmSync(stateDir, { recursive: true, force: true });
    }
  }
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
