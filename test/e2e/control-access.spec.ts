import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSchema, type GraphQLObjectType, getNamedType, isCompositeType } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACTION_NAMES, resourceKindOf } from '#domain/access';
import { controllerSdl } from '#generated/controller-sdl';
import { registrySdl } from '#generated/registry-sdl';
import { mayInOwn, TABLED_ACTIONS } from './access-matrix.ts';
import { type AccessServer, type Asker, startAccessServer } from './access-server.ts';
import { eventually } from './eventually.ts';
import { postGraphql, type Reply } from './registry-fixture.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory } from './serve-digits.ts';

/**
 * What an operation asks of its caller: nothing, an action on the installation, to see one thing or those of a list, or an action on a
 * thing that must be seen before.
 */
type Asked =
  | 'anybody'
  | { readonly server: string }
  | { readonly sees: string }
  | { readonly does: string; readonly seenBy?: string };

interface Operation {
  readonly asked: Asked;
  readonly arguments: string;
}

const version = 'namespace: "default", model: "digits", version: 1';
const place = 'namespace: "default", name: "digits"';
const file = `{ path: "w.bin", digest: "sha256:${'0'.repeat(64)}", sizeBytes: 1 }`;

/** Every query and mutation of the registry. */
const REGISTRY: Readonly<Record<string, Operation>> = {
  namespace: { asked: { sees: 'namespace.read' }, arguments: 'name: "default"' },
  namespaces: { asked: { sees: 'namespace.read' }, arguments: '' },
  model: { asked: { sees: 'model.read' }, arguments: place },
  models: { asked: { sees: 'model.read' }, arguments: '' },
  version: { asked: { sees: 'version.read' }, arguments: version },
  versions: { asked: { sees: 'version.read' }, arguments: '' },
  events: { asked: { sees: 'model.read' }, arguments: 'model: "digits"' },
  caller: { asked: 'anybody', arguments: '' },
  policyStatus: { asked: { server: 'policy.read' }, arguments: '' },
  plugins: { asked: { server: 'settings.read' }, arguments: '' },
  access: { asked: 'anybody', arguments: 'input: { action: "model.read", attributes: [] }' },
  permissions: { asked: 'anybody', arguments: '' },
  dryRunPolicies: { asked: { server: 'policy.read' }, arguments: 'files: []' },
  apiKeys: { asked: { server: 'key.administer' }, arguments: 'ofEverybody: true' },
  createNamespace: { asked: { does: 'namespace.create' }, arguments: 'input: { name: "default" }' },
  updateNamespace: {
    asked: { does: 'namespace.update', seenBy: 'namespace.read' },
    arguments: 'input: { name: "default", description: "of the matrix" }',
  },
  createModel: { asked: { does: 'model.create' }, arguments: 'input: { name: "digits" }' },
  updateModel: {
    asked: { does: 'model.update', seenBy: 'model.read' },
    arguments: 'input: { name: "digits", description: "of the matrix" }',
  },
  createVersion: {
    asked: { does: 'version.create', seenBy: 'model.read' },
    arguments: `input: { model: "digits", variants: [{ format: OTHER, files: [${file}] }] }`,
  },
  setAlias: {
    asked: { does: 'alias.set', seenBy: 'version.read' },
    arguments: 'input: { model: "digits", version: 1, alias: "matrix" }',
  },
  deleteAlias: {
    asked: { does: 'alias.delete', seenBy: 'model.read' },
    arguments: 'namespace: "default", model: "digits", alias: "matrix"',
  },
  requestStage: {
    asked: { does: 'stage.request', seenBy: 'version.read' },
    arguments: `input: { ${version}, stage: STAGING }`,
  },
  decideStage: {
    asked: { does: 'stage.decide', seenBy: 'version.read' },
    arguments: `input: { ${version}, isApproved: true }`,
  },
  deprecateVersion: {
    asked: { does: 'version.deprecate', seenBy: 'version.read' },
    arguments: `input: { ${version}, isDeprecated: false }`,
  },
  tombstoneVersion: { asked: { does: 'version.withdraw', seenBy: 'version.read' }, arguments: `input: { ${version} }` },
  restoreVersion: { asked: { does: 'version.withdraw', seenBy: 'version.read' }, arguments: `input: { ${version} }` },
  signVersion: {
    asked: { does: 'version.sign', seenBy: 'version.read' },
    arguments: `input: { ${version}, bundle: "{}" }`,
  },
  annotateVersion: {
    asked: { does: 'version.annotate', seenBy: 'version.read' },
    arguments: `input: { ${version}, annotations: [{ name: "matrix", value: "x" }] }`,
  },
  collectGarbage: { asked: { server: 'garbage.collect' }, arguments: 'dryRun: true' },
};

/** Every query and mutation of the controller. */
const CONTROLLER: Readonly<Record<string, Operation>> = {
  deployment: { asked: { sees: 'deployment.read' }, arguments: place },
  deployments: { asked: { sees: 'deployment.read' }, arguments: '' },
  plugins: { asked: { server: 'settings.read' }, arguments: '' },
  runtimes: { asked: { server: 'settings.read' }, arguments: '' },
  promote: { asked: { does: 'deployment.promote', seenBy: 'deployment.read' }, arguments: place },
  skip: { asked: { does: 'deployment.skip', seenBy: 'deployment.read' }, arguments: place },
  abort: { asked: { does: 'deployment.abort', seenBy: 'deployment.read' }, arguments: place },
  retry: { asked: { does: 'deployment.retry', seenBy: 'deployment.read' }, arguments: place },
};

/** What a subscription tells of, to whom. Those of events are beside the queries of that name. */
const SUBSCRIPTIONS: Readonly<Record<string, { readonly sees: string; readonly at: 'registry' | 'controller' }>> = {
  versionRegistered: { sees: 'version.read', at: 'registry' },
  aliasChanged: { sees: 'model.read', at: 'registry' },
  rolloutChanged: { sees: 'deployment.read', at: 'registry' },
  deploymentChanged: { sees: 'deployment.read', at: 'controller' },
};

/** They are about what is somebody's own: `registry-access.spec.ts` has them. */
const OF_ONES_OWN = ['finalizeVersion', 'createApiKey', 'revokeApiKey'];

/** `unauthenticated`: denied to whoever has not said who they are. */
type Outcome = 'passed' | 'denied' | 'unauthenticated' | 'hidden';

/** What the table says. */
function expected(asked: Asked, { role, isAtHome }: Asker): Outcome {
  const may = (action: string) => isAtHome && mayInOwn(role, action);
  const denied = role === 'nobody' ? 'unauthenticated' : 'denied';
  if (asked === 'anybody') return 'passed';
  // A role in a namespace is none on the installation.
  if ('server' in asked) return denied;
  if ('sees' in asked) return may(asked.sees) ? 'passed' : 'hidden';
  if (asked.seenBy !== undefined && !may(asked.seenBy)) return 'hidden';
  return may(asked.does) ? 'passed' : denied;
}

let server: AccessServer;

beforeAll(async () => {
  server = await startAccessServer();
}, 60_000);
afterAll(() => server?.remove());

/** A selection of an operation's answer that has some text in it. */
function selectionOf(type: GraphQLObjectType | undefined, name: string): string {
  const answer = getNamedType(type?.getFields()[name]?.type);
  if (answer === undefined || !isCompositeType(answer)) return '';
  const fields = (answer as GraphQLObjectType).getFields();
  return 'nodes' in fields ? '{ nodes { __typename } }' : '{ __typename }';
}

function outcomeOf({ data, errors }: Reply, name: string): Outcome {
  const code = String(errors?.[0]?.extensions['code'] ?? '');
  if (code === 'ACCESS_DENIED') return 'denied';
  if (code === 'UNAUTHENTICATED') return 'unauthenticated';
  if (/^(NAMESPACE|MODEL|MODEL_VERSION|DEPLOYMENT)_NOT_FOUND$/.test(code)) return 'hidden';
  if (code !== '') {
    // A refusal for another reason comes after access was asked for.
    expect(code).not.toMatch(/INPUT_INVALID|GRAPHQL|BAD_USER|INTERNAL/);
    return 'passed';
  }
  const answer = data?.[name] as { nodes?: unknown[] } | null;
  return answer === null || answer.nodes?.length === 0 ? 'hidden' : 'passed';
}

async function followTable(url: string, sdl: string, operations: Readonly<Record<string, Operation>>): Promise<void> {
  const schema = buildSchema(sdl);
  const mutations = schema.getMutationType() ?? undefined;
  for (const asker of server.askers)
    for (const [name, { asked, arguments: given }] of Object.entries(operations)) {
      const isMutation = mutations?.getFields()[name] !== undefined;
      const selection = selectionOf(isMutation ? mutations : (schema.getQueryType() ?? undefined), name);
      const query = `${isMutation ? 'mutation' : 'query'} { ${name}${given === '' ? '' : `(${given})`} ${selection} }`;
      const outcome = outcomeOf(await postGraphql(url, { query }, asker.key), name);
      expect([asker.name, name, outcome]).toEqual([asker.name, name, expected(asked, asker)]);
    }
}

/** Listens to every subscription as somebody, and notes which of them tell anything. */
function listen({ key }: Asker, heard: Set<string>): (() => void | Promise<void>)[] {
  const connectionParams = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return (['registry', 'controller'] as const).map((at) => {
    const client = createClient({ url: `${server[at].replace('http', 'ws')}/graphql`, connectionParams, lazy: false });
    for (const [name, subscription] of Object.entries(SUBSCRIPTIONS)) {
      if (subscription.at !== at) continue;
      const given = name === 'deploymentChanged' ? `(${place})` : '';
      client.subscribe(
        { query: `subscription { ${name}${given} { __typename } }` },
        { next: () => void heard.add(name), error: () => {}, complete: () => {} },
      );
    }
    return () => client.dispose();
  });
}

/** Has something happen that each subscription tells of, but for deployments, which are told as they are. */
async function changeAll(turn: number): Promise<void> {
  const alias = `mutation { setAlias(input: { model: "digits", version: 1, alias: "turn-${turn}" }) { __typename } }`;
  expect((await postGraphql(server.registry, { query: alias }, server.adminKey)).errors).toBeUndefined();
  const model = join(digitsDirectory, 'digits-2.onnx');
  const pushed = await runSlipway(server, ['model', 'push', 'digits', model, '--label', `turn=${turn}`]);
  expect(pushed.exitCode, pushed.stderr).toBe(0);
}

const fieldsOf = (sdl: string) => {
  const schema = buildSchema(sdl);
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return types.flatMap((type) => Object.keys(type?.getFields() ?? {}));
};

describe('the table of roles', () => {
  it('has every action but those on the installation, which no role in a namespace has', () => {
    const others = ACTION_NAMES.filter((action) => resourceKindOf(action) !== 'server');
    expect([...TABLED_ACTIONS].sort()).toEqual([...others].sort());
  });

  it('is compared with every operation of GraphQL that there is', () => {
    const told = (by: 'registry' | 'controller') =>
      Object.entries(SUBSCRIPTIONS).flatMap(([name, { at }]) => (at === by ? [name] : []));
    // A query and a subscription of one name share a row.
    const namesIn = (sdl: string) => [...new Set(fieldsOf(sdl))].sort();
    const ofRegistry = [...Object.keys(REGISTRY), ...OF_ONES_OWN, ...told('registry')];
    expect(ofRegistry.sort()).toEqual(namesIn(registrySdl));
    expect([...Object.keys(CONTROLLER), ...told('controller')].sort()).toEqual(namesIn(controllerSdl));
  });

  it('holds in the registry, for each role at home and elsewhere', async () => {
    await followTable(server.registry, registrySdl, REGISTRY);
  }, 60_000);

  it('holds in the controller, for each role at home and elsewhere', async () => {
    await followTable(server.controller, controllerSdl, CONTROLLER);
  }, 60_000);

  it('holds for what subscribers are told, for each role at home and elsewhere', async () => {
    const heard = new Map(server.askers.map(({ name }) => [name, new Set<string>()]));
    const stops = server.askers.flatMap((asker) => listen(asker, heard.get(asker.name) ?? new Set()));
    let turn = 0;
    // The first changes may come before everybody listens.
    const change = async () => {
      turn += 1;
      await changeAll(turn);
      return [...heard].filter(([name]) => /home-(viewer|publisher|deployer|approver|admin)/.test(name));
    };
    const all = Object.keys(SUBSCRIPTIONS).length;
    await eventually('those who may are told', change, (homes) => homes.every(([, names]) => names.size === all));
    await sleep(500);
    for (const asker of server.askers) {
      const expectedNames = Object.entries(SUBSCRIPTIONS).filter(
        ([, { sees }]) => asker.isAtHome && mayInOwn(asker.role, sees),
      );
      expect([asker.name, [...(heard.get(asker.name) ?? [])].sort()]).toEqual([
        asker.name,
        expectedNames.map(([name]) => name).sort(),
      ]);
    }
    for (const stop of stops) await stop();
  }, 60_000);
});

it('whoever may read settings is told by the controller what each gateway can run models with', async () => {
  const query =
    '{ runtimes { gatewayId runtimes { name isUsed version } targets { target problem } devices { target memoryBytes } } }';
  const { data } = await eventually(
    'the gateway is attached',
    () => postGraphql(server.controller, { query }, server.adminKey),
    (reply) => JSON.stringify(reply.data).includes('onnxruntime-node'),
  );
  expect(data?.['runtimes']).toEqual([
    {
      gatewayId: expect.any(String),
      runtimes: [
        { name: 'onnxruntime-node', isUsed: true, version: expect.stringMatching(/^1\./) },
        { name: 'native', isUsed: false, version: null },
      ],
      targets: [{ target: 'cpu', problem: null }],
      devices: [{ target: 'cpu', memoryBytes: expect.any(Number) }],
    },
  ]);
});
