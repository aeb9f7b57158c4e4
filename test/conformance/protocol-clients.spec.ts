import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installGrpcurl } from '../servers/grpcurl.ts';
import { installPerfAnalyzer } from '../servers/perf-analyzer.ts';
import { installKservePython, installPython, installSchemathesis } from '../servers/python.ts';
import { expectChecksToPass } from './run-checks.ts';
import { type ModelServer, serveModels } from './served-models.ts';

const here = (file: string) => join(import.meta.dirname, file);

describe('the whole protocol, with clients that we did not write', () => {
  let server: ModelServer;
  let http: string;

  beforeAll(async () => {
    server = await serveModels(['simple', 'identity-bytes']);
    http = server.gateway.replace('http://', '');
  });

  afterAll(() => server?.remove());

  /** In a folder of its own: some keep notes where they are started. */
  const run = (command: string, args: readonly string[], timeoutMs = 60_000) => {
    const options = { cwd: server.stateDir, encoding: 'utf8', timeout: timeoutMs } as const;
    const { status, stdout, stderr } = spawnSync(command, args, options);
    expect(status, `${command} ${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
    return stdout;
  };

  it('answers tritonclient: HTTP, gRPC, both with asyncio, and streams', async () => {
    const python = await installPython();
    expectChecksToPass(python, [here('triton_protocol_check.py'), http, server.gatewayGrpc], 75);
  });

  it("answers KServe's REST and gRPC clients", async () => {
    const python = await installKservePython();
    expectChecksToPass(python, [here('kserve_clients_check.py'), server.gateway, server.gatewayGrpc], 16);
  });

  it.each([
    ['HTTP, binary', 'http', []],
    ['HTTP, JSON', 'http', ['--input-tensor-format', 'json', '--output-tensor-format', 'json']],
    ['gRPC', 'grpc', []],
    ['gRPC, streaming', 'grpc', ['--streaming', '--async']],
  ])('is measured by perf_analyzer over %s', async (_name, protocol, form) => {
    const [command = '', ...args] = await installPerfAnalyzer();
    const where = ['-m', 'simple', '-i', protocol, '-u', protocol === 'http' ? http : server.gatewayGrpc, ...form];
    // Whether the figures are steady is not the question here.
    const measure = ['--concurrency-range', '2', '--measurement-interval', '300', '--max-trials', '3', '-s', '999'];
    const output = run(command, [...args, ...where, ...measure]);
    expect(Number(/Throughput: ([\d.]+) infer\/sec/.exec(output)?.[1]), output).toBeGreaterThan(0);
    // From the server's statistics: what it counted is what the client sent.
    const counted = Number(/Inference count: (\d+)/.exec(output)?.[1]);
    expect(counted, output).toBeGreaterThanOrEqual(Number(/Request count: (\d+)/.exec(output)?.[1]));
  });

  it('is known to grpcurl by its reflection: list, describe, call', async () => {
    const program = await installGrpcurl();
    const grpcurl = (...args: string[]) => run(program, ['-plaintext', ...args]);
    const service = 'inference.GRPCInferenceService';
    const listed = grpcurl(server.gatewayGrpc, 'list').trim().split('\n');
    expect(listed).toEqual([
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      service,
    ]);
    for (const each of listed) expect(grpcurl(server.gatewayGrpc, 'describe', each)).toContain(`${each} is a service`);
    expect(grpcurl(server.gatewayGrpc, 'describe', 'inference.ModelConfig')).toContain('max_batch_size = 4');
    const health = grpcurl('-d', '{"service": "simple"}', server.gatewayGrpc, 'grpc.health.v1.Health/Check');
    expect(JSON.parse(health)).toEqual({ status: 'SERVING' });

    const tensor = (name: string) => ({
      name,
      datatype: 'INT32',
      shape: [1, 16],
      contents: { int_contents: Array.from({ length: 16 }, (_, at) => at) },
    });
    const request = JSON.stringify({ model_name: 'simple', id: 'g', inputs: [tensor('INPUT0'), tensor('INPUT1')] });
    const answer = JSON.parse(grpcurl('-d', request, server.gatewayGrpc, `${service}/ModelInfer`));
    expect(answer).toMatchObject({ modelName: 'simple', modelVersion: '1', id: 'g' });
    const sums = new Int32Array(Uint8Array.from(Buffer.from(answer.rawOutputContents[0], 'base64')).buffer);
    expect([...sums]).toEqual(Array.from({ length: 16 }, (_, at) => 2 * at));
    const streamed = grpcurl('-d', `${request}${request}`, server.gatewayGrpc, `${service}/ModelStreamInfer`);
    expect(streamed.match(/"inferResponse"/g)).toHaveLength(2);
  });

  /** What a schema cannot say of tensors is whether the data fill the shape, where the request chooses it. */
  const INEXACT = ['--exclude-checks', 'positive_data_acceptance'];

  it.each([
    ['the server', '/v2/openapi.json', INEXACT],
    ['a model of fixed shapes', '/v2/models/simple/openapi.json', []],
    ['a version of open shapes', '/v2/models/identity-bytes/versions/1/openapi.json', INEXACT],
  ])('keeps to the OpenAPI document of %s, whatever schemathesis sends', async (_name, path, checks) => {
    const schemathesis = await installSchemathesis();
    const output = run(
      schemathesis,
      [
        ...['--config-file', here('schemathesis.toml'), 'run', `${server.gateway}${path}`, ...checks],
        ...['--phases', 'examples,coverage,fuzzing', '--max-examples', '15', '--seed', '1'],
      ],
      120_000,
    );
    expect(Number(/(\d+) generated/.exec(output)?.[1]), output).toBeGreaterThan(200);
  });
});
