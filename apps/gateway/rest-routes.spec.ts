import { fastify as createFastify, type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admitCallers } from '#adapters/http-access';
import { CallLimits } from '#application/access';
import { type InferenceRequest, ModelStatistics, type ServingSet } from '#application/serving';
import { DEFAULT_SERVING_OPTIONS } from '#domain/inference';
import { accessFor } from '#testing';
import { GatewayMetrics } from './gateway-metrics.ts';
import { InferenceTelemetry } from './inference-telemetry.ts';
import { ModelDirectory } from './model-directory.ts';
import { ModelRepository } from './model-repository.ts';
import { registerRestRoutes, restServerOptions } from './rest-routes.ts';
import { ServingAccess } from './serving-access.ts';
import type { RestParts } from './serving-parts.ts';

const signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
} as const;
const longest = 'n'.repeat(63);
const MODELS = ['digits', `${longest}:${longest}`];

describe('the REST routes', () => {
  let fastify: FastifyInstance;
  let asked: InferenceRequest[];
  let isDraining: boolean;
  let routes: string[];

  beforeEach(() => {
    asked = [];
    isDraining = false;
    const view = { signature, defaultOutputNames: signature.outputs.map(({ name }) => name) };
    const slot = { version: 2, served: { signature, model: 'digits', variants: [] }, view, state: { kind: 'ready' } };
    const servingSet = {
      isReady: true,
      routes: new Map(
        MODELS.map((modelName) => [
          modelName,
          { modelName, stable: slot, candidateWeightPercent: 0, serving: DEFAULT_SERVING_OPTIONS },
        ]),
      ),
      reports: [],
    } as unknown as ServingSet;
    const logger = { error: () => {}, level: 'warn' };
    const metrics = new GatewayMetrics();
    const telemetry = new InferenceTelemetry({
      metrics,
      routes: () => servingSet.routes,
      tracing: undefined,
      accessLog: undefined,
      payloadLog: { take: () => {}, close: async () => {} },
    });
    const access = accessFor(undefined);
    const parts = {
      access: new ServingAccess({ ...access, limits: new CallLimits(() => 0), routes: () => servingSet.routes }),
      servingSet,
      metrics,
      telemetry,
      directory: new ModelDirectory(servingSet, new ModelStatistics(() => 0)),
      repository: new ModelRepository(servingSet),
      logger,
      maxBodyBytes: 1000,
      isDraining: () => isDraining,
      pipeline: {
        refuseIfFull: () => {},
        // Gives its inputs back, with the name of the output.
        infer: async (request: InferenceRequest) => {
          asked.push(request);
          const outputs = request.inputs.map((input) => ({ ...input, name: 'y' }));
          const run = { outputs, batchSize: 1, queueMs: 0, runMs: 0 };
          const times = { startedAtMs: 0, endedAtMs: 1 };
          const { modelName } = request;
          return { outputs, modelName, modelVersion: 2, role: 'stable', isFallback: false, run, ...times };
        },
      },
    } as unknown as RestParts;
    fastify = createFastify({ ...restServerOptions(parts.logger) });
    routes = [];
    fastify.addHook('onRoute', ({ method, url }) => {
      // Of several methods at once are the refusals; HEAD comes with GET.
      if (typeof method === 'string' && method !== 'HEAD')
        routes.push(`${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    });
    admitCallers(fastify, { control: access.control, publicRoutes: new Set(), refuse: () => {} });
    registerRestRoutes(fastify, parts);
  });

  afterEach(() => fastify.close());

  const send = async (method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS', url: string, body?: unknown) => {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const reply = await fastify.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
    const { statusCode: status, headers, body: text } = reply;
    return { status, headers, text, json: () => JSON.parse(text) };
  };
  const INFERENCE = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] };

  it.each(['/v2', '/v2/health/live', '/v2/models/digits/config', '/v2/models/digits/versions/2/ready'])(
    'answers GET and HEAD of %s, with a slash behind it or without',
    async (path) => {
      const [plain, slashed, head] = [await send('GET', path), await send('GET', `${path}/`), await send('HEAD', path)];
      expect([plain.status, slashed.status, head.status]).toEqual([200, 200, 200]);
      expect(slashed.text).toBe(plain.text);
      expect(head.text).toBe('');
      expect(head.headers['content-length']).toBe(String(plain.text.length));
    },
  );

  it.each([
    ['POST', '/v2', 'GET, HEAD'],
    ['DELETE', '/v2/models/digits/', 'GET, HEAD'],
    ['GET', '/v2/models/digits/infer', 'POST'],
    ['OPTIONS', '/v2/repository/index', 'POST'],
    ['PUT', '/v2/logging', 'GET, HEAD, POST'],
  ] as const)('refuses %s %s, naming %s', async (method, path, allow) => {
    const { status, headers, json } = await send(method, path);
    expect([status, headers['allow']]).toEqual([405, allow]);
    expect(json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED', error: `${method} is not for this path: use ${allow}` });
  });

  it.each(['/v2/modles', '/v2/models/digits/nothing', '/v2/models/digits/versions/2/trace/setting'])(
    'says that nothing is at %s',
    async (path) => {
      for (const method of ['GET', 'POST'] as const) {
        const { status, json } = await send(method, path, method === 'POST' ? '{' : undefined);
        expect([status, json().code]).toEqual([404, 'ROUTE_NOT_FOUND']);
      }
    },
  );

  it('has exactly the paths of its OpenAPI document', async () => {
    const document = (await send('GET', '/v2/openapi.json')).json() as { paths: Record<string, object> };
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).flatMap((method) => (method === 'parameters' ? [] : [`${method.toUpperCase()} ${path}`])),
    );
    expect(described.sort()).toEqual(routes.sort());
    expect((await send('GET', '/v2/models/digits/versions/2/openapi.json')).json().info.title).toBe('digits');
  });

  it('decodes a name once', async () => {
    const [, name = ''] = MODELS;
    expect((await send('GET', `/v2/models/${name}`)).json().name).toBe(name);
    expect((await send('GET', `/v2/models/${encodeURIComponent(name)}`)).json().name).toBe(name);
    expect((await send('GET', '/v2/models/%64igits')).json().name).toBe('digits');
    const twice = await send('GET', '/v2/models/%2564igits');
    expect([twice.status, twice.json().error]).toEqual([404, 'no deployment serves "%64igits"']);
    const slash = await send('GET', '/v2/models/a%2Fb');
    expect([slash.status, slash.json().error]).toEqual([404, 'no deployment serves "a/b"']);
    for (const path of ['/v2/models/%zz', '/v2/models/%ff'])
      expect((await send('GET', path)).json()).toMatchObject({ code: 'REQUEST_MALFORMED' });
    expect((await send('GET', `/v2/models/${'x'.repeat(600)}`)).json().error).toBeTypeOf('string');
  });

  it('describes a model in its configuration and its statistics', async () => {
    const config = (await send('GET', '/v2/models/digits/config')).json();
    expect(config).toMatchObject({ name: 'digits', max_batch_size: 0, input: [{ name: 'x', dims: [-1, 2] }] });
    for (const path of ['/v2/models/digits/stats', '/v2/models/digits/versions/2/stats'])
      expect((await send('GET', path)).json().model_stats).toMatchObject([{ name: 'digits', version: '2' }]);
    expect((await send('GET', '/v2/models/stats')).json().model_stats).toHaveLength(2);
    expect((await send('GET', '/v2/models/nobody/stats')).json().code).toBe('DEPLOYMENT_NOT_FOUND');
    expect((await send('GET', '/v2/models/digits/versions/3/config')).json().code).toBe('MODEL_VERSION_NOT_SERVED');
  });

  it('lists the repository, and loads nothing that Git does not say', async () => {
    for (const body of [undefined, '', {}, { ready: true }])
      expect((await send('POST', '/v2/repository/index', body)).json()).toHaveLength(2);
    expect((await send('POST', '/v2/repository/index', { ready: 'yes' })).json().field).toBe('ready');
    const load = (body?: unknown) => send('POST', '/v2/repository/models/digits/load', body);
    expect((await load()).status).toBe(200);
    expect((await load({ parameters: {} })).text).toBe('{}');
    expect((await load({ parameters: { config: '{}' } })).status).toBe(409);
    expect((await load({ parameters: [] })).status).toBe(400);
    const unload = await send('POST', '/v2/repository/models/digits/unload');
    expect([unload.status, unload.json().code]).toEqual([409, 'DEPLOYED_FROM_GIT']);
  });

  it('shows its settings and changes none', async () => {
    const settings = { log_info: false, log_warning: true, log_error: true, log_verbose_level: 0 };
    expect((await send('GET', '/v2/logging')).json()).toMatchObject(settings);
    expect((await send('POST', '/v2/logging', {})).json()).toMatchObject(settings);
    const changed = await send('POST', '/v2/logging', { log_verbose_level: 1 });
    expect([changed.status, changed.json().error]).toEqual([400, expect.stringContaining('SLIPWAY_LOG_LEVEL')]);
    for (const path of ['/v2/trace/setting', '/v2/models/digits/trace/setting']) {
      expect((await send('GET', path)).json()).toEqual({ trace_level: ['OFF'] });
      expect((await send('POST', path, { trace_rate: '1' })).json().code).toBe('UNSUPPORTED');
    }
  });

  it.each(['system', 'cuda'])('has no %s shared memory', async (kind) => {
    const path = `/v2/${kind}sharedmemory`;
    expect((await send('GET', `${path}/status`)).json()).toEqual([]);
    expect((await send('GET', `${path}/region/r/status`)).json()).toEqual([]);
    expect((await send('POST', `${path}/unregister`)).status).toBe(200);
    const registered = await send('POST', `${path}/region/r/register`, { key: '/r', offset: 0, byte_size: 8 });
    expect([registered.status, registered.json().code]).toEqual([400, 'UNSUPPORTED']);
  });

  it('generates: keys are inputs and outputs, in one answer or in one event', async () => {
    const expected = { id: 'r', model_name: 'digits', model_version: '2', y: [1, 2] };
    const body = { id: 'r', x: [1, 2], priority: 3 };
    const plain = await send('POST', '/v2/models/digits/generate', body);
    expect(plain.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'slipway-served-by': '2',
    });
    expect(plain.json()).toEqual(expected);
    const event = await send('POST', '/v2/models/digits/versions/2/generate_stream', body);
    expect(event.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(event.text).toBe(`data: ${JSON.stringify(expected)}\n\n`);
    expect(asked.map(({ priority, modelVersion }) => [priority, modelVersion])).toEqual([
      [3, ''],
      [3, '2'],
    ]);
    const wrong = await send('POST', '/v2/models/digits/generate_stream', { x: [1, 2, 3] });
    expect([wrong.status, wrong.headers['content-type']]).toEqual([400, 'application/json; charset=utf-8']);
  });

  it('infers as events, in JSON whatever is asked for', async () => {
    const event = await send('POST', '/v2/models/digits/infer_stream', INFERENCE);
    expect(event.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const [, json = ''] = /^data: (.*)\n\n$/.exec(event.text) ?? [];
    expect(JSON.parse(json)).toEqual((await send('POST', '/v2/models/digits/infer', INFERENCE)).json());
    const binary = { ...INFERENCE, parameters: { binary_data_output: true } };
    expect((await send('POST', '/v2/models/digits/infer_stream', binary)).text).toBe(event.text);
  });

  it('passes priority, timeout and the sequence on', async () => {
    const parameters =
      '"parameters":{"priority":2,"timeout":1500,"sequence_id":18446744073709551615,"sequence_end":true}';
    await send('POST', '/v2/models/digits/infer', `${JSON.stringify(INFERENCE).slice(0, -1)},${parameters}}`);
    expect(asked).toMatchObject([
      { priority: 2, timeoutMs: 1.5, sequence: { id: '18446744073709551615', isStart: false, isEnd: true } },
    ]);
  });

  it('takes no inference while it shuts down, and no body beyond the limit', async () => {
    const large = await send('POST', '/v2/models/digits/infer', 'x'.repeat(1001));
    expect([large.status, large.json().code]).toEqual([413, 'REQUEST_TOO_LARGE']);
    isDraining = true;
    for (const kind of ['infer', 'infer_stream', 'generate', 'generate_stream'])
      expect((await send('POST', `/v2/models/digits/${kind}`, INFERENCE)).json().code).toBe('SHUTTING_DOWN');
  });
});
