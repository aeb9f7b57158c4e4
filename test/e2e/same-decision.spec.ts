import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRPCInferenceServiceClient, ModelInferRequest } from '#generated/inference/open_inference';
import { type AccessServer, shown, startAccessServer } from './access-server.ts';
import { type Outcome, outcomeOf } from './cli-access-matrix.ts';
import { commitFiles } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { postGraphql, type Reply } from './registry-fixture.ts';
import { runInProcess } from './run-in-process.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory } from './serve-digits.ts';

/** Beside roles: who may do something to what is theirs, what has a label, and what is in a stage. */
const RULES = `  rules:
    - name: owners
      effect: allow
      actions: [model.read, version.read, alias.set]
      subjects: [{ workload: owner }]
      where: { owner: { principal: id } }
    - name: labelled
      effect: allow
      actions: [version.read, deployment.read, deployment.describe, deployment.abort, deployment.infer]
      subjects: [{ workload: labelled }]
      where: { labels.audience: everyone }
    - name: versions
      effect: allow
      actions: [version.read]
      subjects: [{ workload: staged }]
    - name: staged
      effect: allow
      actions: [version.download]
      subjects: [{ workload: staged }]
      where: { stage: staging }
`;

/** A model with its newest version, and the deployment of that name. */
interface Thing {
  readonly name: 'digits' | 'marked';
  readonly version: number;
}
const digits: Thing = { name: 'digits', version: 2 };
/** It belongs to `owner`, is labelled, and in a stage. */
const marked: Thing = { name: 'marked', version: 1 };

type Key = string | undefined;
type Ask = (thing: Thing, key: Key) => Promise<Outcome>;

const root = mkdtempSync(join(tmpdir(), 'slipway-same-decision-'));
const pixels = join(digitsDirectory, 'one-digit.json');
let server: AccessServer;
let folders = 0;
const keys = new Map<string, string>();

const CODE = /[A-Z]+(_[A-Z]+)+|UNAUTHENTICATED/;

const outcomeOfCode = (code: string, key: Key): Outcome => {
  if (code === 'ACCESS_DENIED') return 'denied';
  // Gateways ask whoever shows nothing for a credential, whether there is such a deployment or not.
  if (code === 'UNAUTHENTICATED' && key === undefined) return 'hidden';
  if (/^(MODEL|MODEL_VERSION|DEPLOYMENT)_NOT_FOUND$/.test(code)) return 'hidden';
  expect(code).toMatch(/^(|ROLLOUT_NOT_ACTIVE|TENSOR_\w+|INPUT_\w+|REQUEST_MALFORMED)$/);
  return 'passed';
};

const graphql =
  (at: 'registry' | 'controller', query: (thing: Thing) => string): Ask =>
  async (thing, key) => {
    const { data, errors }: Reply = await postGraphql(server[at], { query: query(thing) }, key);
    if (errors !== undefined) return outcomeOfCode(String(errors[0]?.extensions['code']), key);
    return Object.values(data ?? {})[0] === null ? 'hidden' : 'passed';
  };

const rest =
  (at: 'registry' | 'controller' | 'gateway', method: string, path: (thing: Thing) => string): Ask =>
  async (thing, key) => {
    const body = method === 'POST' ? { body: '{}' } : {};
    const response = await fetch(`${server[at]}${path(thing)}`, { method, headers: shown(key), ...body });
    const text = await response.text();
    return response.ok ? 'passed' : outcomeOfCode(CODE.exec(text)?.[0] ?? text, key);
  };

const grpcInfer: Ask = (thing, key) => {
  const client = new GRPCInferenceServiceClient(server.gatewayGrpc, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(shown(key))) metadata.set(name, value);
  return new Promise<Outcome>((resolve, reject) => {
    const request = ModelInferRequest.fromPartial({ modelName: thing.name });
    client.modelInfer(request, metadata, (error: ServiceError | null) => {
      client.close();
      try {
        resolve(outcomeOfCode(CODE.exec(error?.details ?? '')?.[0] ?? '', key));
      } catch (unexpected) {
        reject(unexpected as Error);
      }
    });
  });
};

const run = (words: string, key: Key) => {
  const at = (['registry', 'gateway', 'controller'] as const).flatMap((program) => [`--${program}`, server[program]]);
  return runInProcess([...at, ...words.split(' ')], { SLIPWAY_STATE_DIR: root, SLIPWAY_API_KEY: key });
};

const commandLine =
  (words: (thing: Thing) => string): Ask =>
  async (thing, key) => {
    const outcome = outcomeOf({ refusal: 'ROLLOUT_NOT_ACTIVE' }, await run(words(thing), key), key === undefined);
    // As above.
    return outcome === 'unauthenticated' ? 'hidden' : outcome;
  };

/** By asking whether one may, instead of doing it. */
const question =
  (action: string): Ask =>
  async ({ name, version }, key) => {
    const resource = action.startsWith('deployment.') ? name : `${name}@${version}`;
    const result = await run(`auth can-i ${action} ${resource}`, key);
    return result.exitCode === 1 ? 'denied' : outcomeOf({ failure: 2 }, result);
  };

const versionOf = ({ name, version }: Thing) => `namespace: "default", model: "${name}", version: ${version}`;
const placeOf = ({ name }: Thing) => `namespace: "default", name: "${name}"`;
const deploymentPath = ({ name }: Thing) => `/v1/deployments/default/${name}`;

/** Each way to ask for the same. */
const FACES: Readonly<Record<string, Readonly<Record<string, Ask>>>> = {
  'version.read': {
    GraphQL: graphql('registry', (thing) => `{ version(${versionOf(thing)}) { version } }`),
    'command line': commandLine(({ name, version }) => `model show ${name}@${version}`),
    question: question('version.read'),
  },
  'version.download': {
    REST: rest('registry', 'GET', ({ name, version }) => {
      return `/v1/namespaces/default/models/${name}/versions/${version}/variants/cpu-fp32/triton.tar`;
    }),
    'command line': commandLine(({ name, version }) => {
      folders += 1;
      return `model pull ${name}@${version} ${join(root, String(folders))}`;
    }),
    question: question('version.download'),
  },
  'alias.set': {
    GraphQL: graphql(
      'registry',
      (thing) => `mutation { setAlias(input: { ${versionOf(thing)}, alias: "x" }) { alias } }`,
    ),
    'command line': commandLine(({ name, version }) => `model alias set x ${name}@${version}`),
    question: question('alias.set'),
  },
  'deployment.read': {
    GraphQL: graphql('controller', (thing) => `{ deployment(${placeOf(thing)}) { name } }`),
    REST: rest('controller', 'GET', deploymentPath),
    'command line': commandLine(({ name }) => `rollout status ${name}`),
    question: question('deployment.read'),
  },
  'deployment.abort': {
    GraphQL: graphql('controller', (thing) => `mutation { abort(${placeOf(thing)}) { name } }`),
    REST: rest('controller', 'POST', (thing) => `${deploymentPath(thing)}/abort`),
    'command line': commandLine(({ name }) => `rollout abort ${name}`),
    question: question('deployment.abort'),
  },
  'deployment.infer': {
    REST: rest('gateway', 'POST', ({ name }) => `/v2/models/${name}/infer`),
    gRPC: grpcInfer,
    'command line': commandLine(({ name }) => `infer ${name} --input pixels=@${pixels}`),
    question: question('deployment.infer'),
  },
};

beforeAll(async () => {
  server = await startAccessServer(RULES);
  const model = 'mutation { createModel(input: { name: "marked", owner: "owner" }) { name } }';
  expect((await postGraphql(server.registry, { query: model }, server.adminKey)).errors).toBeUndefined();
  const file = join(digitsDirectory, 'digits-1.onnx');
  for (const words of [
    ['model', 'push', 'marked', file, '--label', 'audience=everyone'],
    ['model', 'stage', 'request', 'marked@1', 'staging'],
  ]) {
    const { exitCode, stderr } = await runSlipway(server, words);
    expect(exitCode, stderr).toBe(0);
  }
  const manifest = `apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata: { name: marked, labels: { audience: everyone } }
spec: { model: marked, version: 1, rollout: { strategy: allAtOnce } }
`;
  commitFiles(server.git, { 'marked.yaml': manifest }, 'Serve the marked one');
  const ready = async () => {
    const response = await fetch(`${server.gateway}/v2/models/marked/ready`, { headers: shown(server.adminKey) });
    return response.status;
  };
  await eventually('it is served', ready, (status) => status === 200);
  for (const who of ['owner', 'labelled', 'staged']) {
    const { key } = await server.makeKey(who);
    keys.set(who, key);
    const urls = [`${server.registry}/v1/nowhere`, `${server.controller}/v1/deployments`, `${server.gateway}/v2`];
    const statuses = () => Promise.all(urls.map(async (url) => (await fetch(url, { headers: shown(key) })).status));
    await eventually('its key is known', statuses, (all) => !all.includes(401));
  }
}, 90_000);
afterAll(async () => {
  await server?.remove();
  rmSync(root, { recursive: true, force: true });
});

/** What each way answers that there is to ask for something. */
async function outcomesOf(action: string, thing: Thing, key: Key): Promise<Readonly<Record<string, Outcome>>> {
  const outcomes: Record<string, Outcome> = {};
  for (const [face, ask] of Object.entries(FACES[action] ?? {})) outcomes[face] = await ask(thing, key);
  return outcomes;
}

const everywhere = (action: string, outcome: Outcome) =>
  Object.fromEntries(Object.keys(FACES[action] ?? {}).map((face) => [face, outcome]));

describe('whoever asks for the same', () => {
  it.each(Object.keys(FACES))(
    'is answered the same by every way: %s',
    async (action) => {
      const seen = new Set<Outcome>();
      for (const { name, key } of server.askers)
        for (const thing of [digits, marked]) {
          const outcomes = await outcomesOf(action, thing, key);
          const [first = 'passed'] = Object.values(outcomes);
          expect([name, thing.name, outcomes]).toEqual([name, thing.name, everywhere(action, first)]);
          seen.add(first);
        }
      expect(seen).toContain('passed');
      expect(seen).toContain('hidden');
    },
    60_000,
  );

  it.each<[string, string, Outcome]>([
    ['owner', 'version.read', 'hidden'],
    ['owner', 'alias.set', 'hidden'],
    ['labelled', 'version.read', 'hidden'],
    ['labelled', 'deployment.read', 'hidden'],
    ['labelled', 'deployment.abort', 'hidden'],
    ['labelled', 'deployment.infer', 'hidden'],
    ['staged', 'version.download', 'denied'],
  ])('is let by attributes of the thing by every way: %s, %s', async (who, action, otherwise) => {
    const key = keys.get(who);
    expect(await outcomesOf(action, marked, key)).toEqual(everywhere(action, 'passed'));
    expect(await outcomesOf(action, digits, key)).toEqual(everywhere(action, otherwise));
  });

  it.each([
    ['labelled', 'model find --json'],
    ['owner', 'model list --json'],
    ['labelled', 'rollout list --json'],
  ])('is shown in lists what attributes let them see: %s, %s', async (who, words) => {
    const key = keys.get(who);
    const { exitCode, stdout } = await run(words, key);
    expect([exitCode, stdout.includes('"marked"'), stdout.includes('"digits"')]).toEqual([0, true, false]);
  });
});
