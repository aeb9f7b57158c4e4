import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { credentials, type Metadata as GrpcMetadata, Metadata, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatewayOpenApi } from '#generated/gateway-openapi';
import { HealthClient } from '#generated/grpc/health/v1/health';
import {
  GRPCInferenceServiceClient,
  GRPCInferenceServiceService,
  ModelInferRequest,
  type ModelStreamInferResponse,
} from '#generated/inference/open_inference';
import { mayInOwn } from './access-matrix.ts';
import { type AccessServer, type Asker, shown, startAccessServer } from './access-server.ts';
import { commitFiles } from './commit-manifest.ts';
import { eventually } from './eventually.ts';
import { postGraphql } from './registry-fixture.ts';
import { runSlipway } from './run-slipway.ts';
import { digitsDirectory } from './serve-digits.ts';

/** What an operation asks of its caller: an action on the installation or the model, or a list that leaves out what they may not see. */
type Asked =
  | 'public'
  | 'anybody'
  | { readonly server: string }
  | { readonly model: string }
  | { readonly each: string };

const describing: Asked = { model: 'deployment.describe' };
const reading: Asked = { model: 'deployment.read' };
const inferring: Asked = { model: 'deployment.infer' };
const settings: Asked = { server: 'settings.read' };

/** Every operation by REST. */
const REST: Readonly<Record<string, Asked>> = {
  'GET /health/live': 'public',
  'GET /health/ready': 'public',
  'GET /health/runtimes': { server: 'metrics.read' },
  'GET /metrics': { server: 'metrics.read' },
  'GET /v2': 'anybody',
  'GET /v2/health/live': 'public',
  'GET /v2/health/ready': 'public',
  'GET /v2/openapi.json': 'anybody',
  'GET /v2/models': { each: 'deployment.describe' },
  'GET /v2/models/stats': { each: 'deployment.read' },
  ...ofModel('GET', '', describing),
  ...ofModel('GET', '/ready', describing),
  ...ofModel('GET', '/config', describing),
  ...ofModel('GET', '/openapi.json', describing),
  ...ofModel('GET', '/stats', reading),
  'GET /v2/models/{model}/stages': reading,
  ...ofModel('POST', '/infer', inferring),
  ...ofModel('POST', '/infer_stream', inferring),
  ...ofModel('POST', '/generate', inferring),
  ...ofModel('POST', '/generate_stream', inferring),
  'POST /v2/repository/index': { each: 'deployment.describe' },
  'POST /v2/repository/models/{model}/load': describing,
  'POST /v2/repository/models/{model}/unload': describing,
  'GET /v2/logging': settings,
  'POST /v2/logging': settings,
  'GET /v2/trace/setting': settings,
  'POST /v2/trace/setting': settings,
  'GET /v2/models/{model}/trace/setting': settings,
  'POST /v2/models/{model}/trace/setting': settings,
  ...ofSharedMemory('GET', 'status'),
  ...ofSharedMemory('POST', 'unregister'),
  'POST /v2/systemsharedmemory/region/{region}/register': settings,
  'POST /v2/cudasharedmemory/region/{region}/register': settings,
};

/** Every method by gRPC. */
const GRPC: Readonly<Record<keyof typeof GRPCInferenceServiceService, Asked>> = {
  serverLive: 'public',
  serverReady: 'public',
  serverMetadata: 'anybody',
  modelReady: { each: 'deployment.describe' },
  modelMetadata: describing,
  modelConfig: describing,
  modelStatistics: reading,
  modelInfer: inferring,
  modelStreamInfer: inferring,
  repositoryIndex: { each: 'deployment.describe' },
  repositoryModelLoad: describing,
  repositoryModelUnload: describing,
  systemSharedMemoryStatus: settings,
  systemSharedMemoryRegister: settings,
  systemSharedMemoryUnregister: settings,
  cudaSharedMemoryStatus: settings,
  cudaSharedMemoryRegister: settings,
  cudaSharedMemoryUnregister: settings,
  traceSetting: settings,
  logSettings: settings,
};

function ofModel(method: string, path: string, asked: Asked): Readonly<Record<string, Asked>> {
  return {
    [`${method} /v2/models/{model}${path}`]: asked,
    [`${method} /v2/models/{model}/versions/{version}${path}`]: asked,
  };
}

function ofSharedMemory(method: string, verb: string): Readonly<Record<string, Asked>> {
  const kinds = ['system', 'cuda'].flatMap((kind) => [`${kind}sharedmemory`, `${kind}sharedmemory/region/{region}`]);
  return Object.fromEntries(kinds.map((path) => [`${method} /v2/${path}/${verb}`, settings]));
}

interface DocumentedOperation {
  readonly security: readonly object[];
  readonly responses: object;
}

type Outcome =
  | 'passed'
  | 'RATE_LIMITED'
  | 'UNAUTHENTICATED'
  | 'ACCESS_DENIED'
  | 'DEPLOYMENT_NOT_FOUND'
  | 'seen'
  | 'not seen';

/** What the table says. */
function expected(asked: Asked, { role, isAtHome }: Asker): Outcome {
  const may = (action: string) => isAtHome && mayInOwn(role, action);
  if (asked === 'public' || asked === 'anybody') return 'passed';
  // A role in a namespace is none on the installation.
  if ('server' in asked) return role === 'nobody' ? 'UNAUTHENTICATED' : 'ACCESS_DENIED';
  if ('each' in asked) return may(asked.each) ? 'seen' : 'not seen';
  if (may(asked.model)) return 'passed';
  // Whether there is such a deployment or not.
  if (role === 'nobody') return 'UNAUTHENTICATED';
  return may('deployment.describe') || may('deployment.read') ? 'ACCESS_DENIED' : 'DEPLOYMENT_NOT_FOUND';
}

const REFUSALS = ['UNAUTHENTICATED', 'ACCESS_DENIED', 'DEPLOYMENT_NOT_FOUND', 'RATE_LIMITED'] as const;
const refusalIn = (text: string) => REFUSALS.find((code) => text.includes(code));

let server: AccessServer;
const inference = JSON.stringify({
  inputs: [{ name: 'pixels', ...JSON.parse(readFileSync(join(digitsDirectory, 'one-digit.json'), 'utf8')) }],
});

beforeAll(async () => {
  server = await startAccessServer(`    - { role: invoker, subjects: [{ workload: limited }], namespaces: [default] }
  rules:
    - { name: embargo, effect: deny, actions: [deployment.infer], where: { labels.embargo: 'on' } }
  limits:
    - name: few
      subjects: [{ workload: limited }]
      requests: { count: 3, per: hour }
`);
}, 60_000);
afterAll(() => server?.remove());

async function restOutcome(operation: string, asked: Asked, key: string | undefined): Promise<Outcome> {
  const [method = '', template = ''] = operation.split(' ');
  const path = template.replace('{model}', 'digits').replace('{version}', '2').replace('{region}', 'r');
  const body = method === 'POST' ? '{}' : undefined;
  const reply = await fetch(`${server.gateway}${path}`, { method, headers: shown(key), ...(body && { body }) });
  const text = await reply.text();
  if (reply.status === 401) expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/);
  const refusal = reply.ok ? undefined : refusalIn(text);
  if (refusal !== undefined) return refusal;
  if (typeof asked === 'object' && 'each' in asked) return text.includes('digits') ? 'seen' : 'not seen';
  return 'passed';
}

function metadataOf(key: string | undefined): GrpcMetadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(shown(key))) metadata.set(name, value);
  return metadata;
}

type AnyUnary = (
  request: object,
  metadata: GrpcMetadata,
  done: (error: ServiceError | null, answer: object) => void,
) => void;

async function grpcOutcome(method: string, asked: Asked, key: string | undefined): Promise<Outcome> {
  const client = new GRPCInferenceServiceClient(server.gatewayGrpc, credentials.createInsecure());
  try {
    const text =
      method === 'modelStreamInfer'
        ? await streamed(client, metadataOf(key))
        : await called(client, method, metadataOf(key));
    const refusal = refusalIn(text);
    if (refusal !== undefined) return refusal;
    if (typeof asked !== 'object' || !('each' in asked)) return 'passed';
    return text.includes('digits') || text.includes('"ready":true') ? 'seen' : 'not seen';
  } finally {
    client.close();
  }
}

function called(client: GRPCInferenceServiceClient, method: string, metadata: GrpcMetadata): Promise<string> {
  const { requestDeserialize } = GRPCInferenceServiceService[method as keyof typeof GRPCInferenceServiceService];
  const empty = requestDeserialize(Buffer.alloc(0)) as object;
  const request = {
    ...empty,
    ...('modelName' in empty ? { modelName: 'digits' } : {}),
    ...('name' in empty ? { name: 'digits' } : {}),
  };
  const call = (client as unknown as Record<string, AnyUnary>)[method]?.bind(client) as AnyUnary;
  return new Promise((resolve) => {
    call(request, metadata, (error, answer) =>
      resolve(
        error === null
          ? JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
          : error.details,
      ),
    );
  });
}

function streamed(client: GRPCInferenceServiceClient, metadata: GrpcMetadata): Promise<string> {
  const stream = client.modelStreamInfer(metadata);
  return new Promise((resolve) => {
    stream.on('error', (error: Partial<ServiceError>) => resolve(error.details ?? ''));
    stream.on('data', ({ errorMessage }: ModelStreamInferResponse) => {
      resolve(errorMessage);
      stream.cancel();
    });
    stream.write(ModelInferRequest.fromPartial({ modelName: 'digits' }));
  });
}

describe('what may be done with a gateway', () => {
  it('is decided for every route that there is', () => {
    const { paths } = gatewayOpenApi;
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      ['get', 'post', 'put', 'patch', 'delete']
        .filter((method) => method in methods)
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
    const beside = ['GET /health/live', 'GET /health/ready', 'GET /health/runtimes', 'GET /metrics'];
    expect(Object.keys(REST).sort()).toEqual([...documented, ...beside].sort());
    expect(Object.keys(GRPC).sort()).toEqual(Object.keys(GRPCInferenceServiceService).sort());
  });

  it('is what the OpenAPI document says: whom it asks, and what it answers to others', () => {
    const credentials = [{ bearer: [] }, { certificate: [] }];
    const said = (asked: Asked) => {
      if (asked === 'public') return [[], []];
      if (asked === 'anybody' || 'each' in asked) return [[...credentials, {}], ['401']];
      return [credentials, 'server' in asked ? ['401', '403'] : ['401', '403', '404']];
    };
    for (const [path, methods] of Object.entries(gatewayOpenApi.paths))
      for (const [method, { security, responses }] of Object.entries(methods as Record<string, DocumentedOperation>)) {
        if (method === 'parameters') continue;
        const operation = `${method.toUpperCase()} ${path}`;
        const refusals = ['401', '403', '404'].filter((status) => status in responses);
        expect([operation, security, refusals]).toEqual([operation, ...said(REST[operation] ?? 'public')]);
      }
  });

  it('follows the table by REST, for each role at home and elsewhere', async () => {
    for (const asker of server.askers)
      for (const [operation, asked] of Object.entries(REST)) {
        const outcome = await restOutcome(operation, asked, asker.key);
        expect([asker.name, operation, outcome]).toEqual([asker.name, operation, expected(asked, asker)]);
      }
  }, 60_000);

  it('follows the table by gRPC, for each role at home and elsewhere', async () => {
    for (const asker of server.askers)
      for (const [method, asked] of Object.entries(GRPC)) {
        const outcome = await grpcOutcome(method, asked, asker.key);
        expect([asker.name, method, outcome]).toEqual([asker.name, method, expected(asked, asker)]);
      }
  }, 60_000);

  it('is everything for the administrator, and nothing for a credential that is not valid', async () => {
    const wrong = `slipway_${'0'.repeat(16)}_${'a'.repeat(43)}`;
    for (const [operation, asked] of Object.entries(REST)) {
      const mine = await restOutcome(operation, asked, server.adminKey);
      expect([operation, mine]).toEqual([operation, typeof asked === 'object' && 'each' in asked ? 'seen' : 'passed']);
      const theirs = await restOutcome(operation, asked, wrong);
      expect([operation, theirs]).toEqual([operation, asked === 'public' ? 'passed' : 'UNAUTHENTICATED']);
    }
    for (const [method, asked] of Object.entries(GRPC)) {
      const theirs = await grpcOutcome(method, asked, wrong);
      expect([method, theirs]).toEqual([method, asked === 'public' ? 'passed' : 'UNAUTHENTICATED']);
    }
  }, 60_000);

  it('shows the health of a model to those who may know of it', async () => {
    const client = new HealthClient(server.gatewayGrpc, credentials.createInsecure());
    const check = (service: string, key: string | undefined) =>
      new Promise<string>((resolve) =>
        client.check({ service }, metadataOf(key), (error, answer) => resolve(error?.details ?? answer.status)),
      );
    expect(await check('', undefined)).toBe('SERVING');
    for (const { name, key, role, isAtHome } of server.askers) {
      const isKnown = isAtHome && mayInOwn(role, 'deployment.describe');
      expect([name, await check('digits', key)]).toEqual([
        name,
        isKnown ? 'SERVING' : 'neither a service nor a model: digits',
      ]);
      expect(await check('nothing', key)).toBe('neither a service nor a model: nothing');
    }
    client.close();
  });
});

/** Sends an inference to the gateway in pieces, by way of HTTP as it is written. */
function inferRaw(path: string, headers: Record<string, string>, pieces: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = new URL(server.gateway);
    const outgoing = httpRequest({ host: url.hostname, port: url.port, method: 'POST', path, headers }, (incoming) => {
      incoming.resume();
      incoming.once('end', () => resolve(incoming.statusCode ?? 0));
    });
    outgoing.on('error', reject);
    const send = ([piece, ...rest]: readonly string[]) => {
      if (piece === undefined) outgoing.end();
      else outgoing.write(piece, () => setTimeout(send, 20, rest));
    };
    send(pieces);
  });
}

describe('an inference', () => {
  const keyOf = (name: string) => server.keyOf(name);
  const half = Math.floor(inference.length / 2);
  const whole = { 'content-length': String(inference.length) };
  const ways: readonly (readonly [string, Record<string, string>, readonly string[]])[] = [
    ['at once', whole, [inference]],
    ['with its body in two pieces', whole, [inference.slice(0, half), inference.slice(half)]],
    ['in chunks', { 'transfer-encoding': 'chunked' }, [inference]],
    ['on a connection that is to end', { ...whole, connection: 'close' }, [inference]],
  ];

  it.each(ways)('that comes %s is asked for its sender', async (_way, headers, pieces) => {
    const send = (key: string | undefined) =>
      inferRaw('/v2/models/digits/infer', { ...headers, ...shown(key) }, pieces);
    expect(await send(keyOf('home-invoker'))).toBe(200);
    expect(await send(keyOf('home-viewer'))).toBe(403);
    expect(await send(keyOf('away-invoker'))).toBe(404);
    expect(await send(undefined)).toBe(401);
    expect(await send('x')).toBe(401);
  });

  it.each([
    '/v2/models/digits/infer/',
    '/v2/models/digits/infer?x=1',
    '/v2/models/digits/versions/2/infer',
    '/v2/models/%64igits/infer',
    '//v2/models/digits/infer',
    '/v2//models/digits/infer',
    '/v2/models/digits/./infer',
    '/V2/models/digits/infer',
    '/v2/models/digits/infer%2F',
    '/v2/models/default:digits/infer',
    '/v2/models/digits;x/infer',
  ])('to %s is not answered to a stranger', async (path) => {
    for (const [, headers, pieces] of ways.slice(0, 3)) {
      expect([401, 404, 400]).toContain(await inferRaw(path, headers, pieces));
      expect(await inferRaw(path, { ...headers, authorization: 'Bearer x' }, pieces)).toBe(401);
    }
  });

  it('is decided by the labels of the manifest, as soon as they change', async () => {
    const manifest = (labels: string) => `apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata: { name: labelled${labels} }
spec: { model: digits, version: 2, rollout: { strategy: allAtOnce } }
`;
    const send = async () =>
      (
        await fetch(`${server.gateway}/v2/models/labelled/infer`, {
          method: 'POST',
          headers: shown(keyOf('home-invoker')),
          body: inference,
        })
      ).status;
    commitFiles(server.git, { 'labelled.yaml': manifest('') }, 'One more deployment');
    await eventually('it is served', send, (status) => status === 200);
    commitFiles(server.git, { 'labelled.yaml': manifest(", labels: { embargo: 'on' }") }, 'An embargo');
    await eventually('the embargo is on', send, (status) => status === 403);
    commitFiles(server.git, { 'labelled.yaml': manifest('') }, 'No embargo');
    await eventually('the embargo is over', send, (status) => status === 200);
  });

  it('beyond a limit is refused on every way, with the time after which there is one again', async () => {
    const { key } = await server.makeKey('limited');
    const isKnown = async () => (await fetch(`${server.gateway}/v2`, { headers: shown(key) })).status;
    await eventually('the key is known', isKnown, (status) => status === 200);
    const send = (path = '/v2/models/digits/infer') =>
      fetch(`${server.gateway}${path}`, { method: 'POST', headers: shown(key), body: inference });
    const statuses = [await send(), await send(), await send(), await send()].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await send('/v2/models/digits/generate');
    expect([refused.status, await refused.json()]).toEqual([
      429,
      {
        code: 'RATE_LIMITED',
        error: expect.stringMatching(
          /^the limit matrix\/limits\[0\]: few allows limited 3 requests in 3600 s: try again in \d+ s$/,
        ),
        limit: 'matrix/limits[0]: few',
        retryAfterSeconds: expect.any(Number),
      },
    ]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1000);
    for (const method of ['modelInfer', 'modelStreamInfer'])
      expect(await grpcOutcome(method, inferring, key)).toBe('RATE_LIMITED');
    const described = await fetch(`${server.gateway}/v2/models/digits`, { headers: shown(key) });
    expect(described.status).toBe(200);
  });

  it('of a stream is refused from the moment in which its key is revoked', async () => {
    const { key, id } = await server.makeKey('home-invoker');
    const isKnown = async () => (await fetch(`${server.gateway}/v2`, { headers: shown(key) })).status;
    await eventually('the key is known', isKnown, (status) => status === 200);
    const client = new GRPCInferenceServiceClient(server.gatewayGrpc, credentials.createInsecure());
    const stream = client.modelStreamInfer(metadataOf(key));
    const seen: string[] = [];
    const ended = new Promise<string>((resolve) =>
      stream.on('error', ({ details }: Partial<ServiceError>) => resolve(details ?? '')),
    );
    stream.on('data', ({ errorMessage }: ModelStreamInferResponse) => seen.push(errorMessage));
    const ask = () => stream.write(ModelInferRequest.fromPartial({ modelName: 'digits' }));
    ask();
    await eventually(
      'it is asked',
      async () => seen.length,
      (count) => count > 0,
    );
    expect(seen[0]).toMatch(/^TENSOR_INVALID/);
    const query = `mutation { revokeApiKey(id: "${id}") { id } }`;
    expect((await postGraphql(server.registry, { query }, server.adminKey)).errors).toBeUndefined();
    const asking = setInterval(ask, 50);
    expect(await ended).toMatch(/^UNAUTHENTICATED: the API key \w+ was revoked/);
    clearInterval(asking);
    client.close();
  });

  it('on the command line shows the key that it is given', async () => {
    const image = `pixels=@${join(digitsDirectory, 'one-digit.json')}`;
    const infer = (key?: string) =>
      runSlipway(server, ['infer', 'digits', '--input', image], key === undefined ? {} : { SLIPWAY_API_KEY: key });
    expect((await infer()).exitCode).toBe(0);
    expect((await infer(keyOf('home-invoker'))).stdout).toContain('digits@2');
    const refused = await infer(keyOf('home-viewer'));
    expect(refused.stderr).toContain(
      'may not deployment.infer on deployment default/digits: no policy allows it (ACCESS_DENIED)',
    );
    expect((await infer(keyOf('away-invoker'))).stderr).toContain(
      'no deployment serves "digits" (DEPLOYMENT_NOT_FOUND)',
    );
    expect((await infer('wrong')).stderr).toContain('(UNAUTHENTICATED)');
  });
});
