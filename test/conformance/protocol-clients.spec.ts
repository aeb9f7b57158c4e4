import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcInferenceClient, RestInferenceClient, type StreamAnswer } from '#adapters/inference-client';
import { installGrpcurl } from '../servers/grpcurl.ts';
import { installPerfAnalyzer } from '../servers/perf-analyzer.ts';
import { installKservePython, installPython } from '../servers/python.ts';
import { expectChecksToPass } from './run-checks.ts';
import { generatedIn, INEXACT, runSchemathesis } from './run-schemathesis.ts';
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

  it('answers our own client over REST', async () => {
    const client = new RestInferenceClient(server.gateway);
    expect(await client.isReady()).toBe(true);
    expect((await client.serverMetadata()).extensions).toContain('statistics');
    expect(await client.models()).toEqual(['identity-bytes', 'simple']);
    expect((await client.metadata('simple')).inputs.map(({ name }) => name)).toEqual(['INPUT0', 'INPUT1']);
    expect((await client.config('simple', '1')).backend).toBe('onnxruntime');
    expect((await client.repositoryIndex()).map(({ state }) => state)).toEqual(['READY', 'READY']);
    const given = { name: 'given', datatype: 'BYTES', shape: [1, 2], data: ['grün', ''] } as const;
    const answer = await client.infer('identity-bytes', { inputs: [given], version: '1', parameters: { priority: 1 } });
    expect(answer).toMatchObject({ modelVersion: '1', outputs: [{ name: 'same', data: ['grün', ''] }] });
    expect(await client.generate('identity-bytes', { given: 'grün' })).toEqual({ same: 'grün' });
    const [statistics] = await client.statistics('identity-bytes');
    expect(statistics?.inference_stats.success.count).toBeGreaterThanOrEqual(2);
    await expect(client.metadata('nobody')).rejects.toMatchObject({ code: 'DEPLOYMENT_NOT_FOUND' });
    client.close();
  });

  it('answers our own client over gRPC, calls and streams', async () => {
    const client = new GrpcInferenceClient(server.gatewayGrpc);
    expect([await client.isServing(), await client.isServing('simple')]).toEqual([true, true]);
    await expect(client.isServing('nobody')).rejects.toThrow(/neither a service nor a model/);
    expect((await client.config('simple')).maxBatchSize).toBe(0);
    const text = (words: string) => {
      const bytes = Buffer.from(`\0\0\0\0${words}`);
      bytes.writeUInt32LE(bytes.byteLength - 4);
      return { name: 'given', datatype: 'BYTES', shape: [1, 1], data: bytes } as const;
    };
    const call = { id: 'r', version: '1', outputs: ['same'], parameters: { priority: 1, sequence_id: 'a' } };
    const answer = await client.infer('identity-bytes', [text('one')], call);
    expect([answer.id, Buffer.from(answer.outputs[0]?.data ?? []).toString('utf8', 4)]).toEqual(['r', 'one']);
    await expect(client.infer('nobody', [text('one')])).rejects.toMatchObject({ code: 'DEPLOYMENT_NOT_FOUND' });
    expect((await client.statistics('identity-bytes'))[0]?.inferenceStats?.success?.count).toBeGreaterThan(0n);

    async function* requests(count: number) {
      for (let number = 0; number < count; number += 1) {
        // The third names a version that there is not.
        yield { inputs: [text(String(number))], call: { id: String(number), version: number === 2 ? '9' : '1' } };
      }
    }
    const answers: StreamAnswer[] = [];
    for await (const each of client.inferStream('identity-bytes', requests(100))) answers.push(each);
    expect(answers.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, number) => String(number)));
    const errors = answers.filter((each) => each.kind === 'error');
    expect(errors).toMatchObject([{ id: '2', error: { code: 'MODEL_VERSION_NOT_SERVED' } }]);
    // Whoever stops reading ends the stream, and the server goes on.
    for await (const { id } of client.inferStream('identity-bytes', requests(1000))) if (id === '3') break;
    expect(await client.isServing()).toBe(true);
    client.close();
  });

  it.each([
    ['the server', '/v2/openapi.json', INEXACT],
    ['a model of fixed shapes', '/v2/models/simple/openapi.json', []],
    ['a version of open shapes', '/v2/models/identity-bytes/versions/1/openapi.json', INEXACT],
  ])('keeps to the OpenAPI document of %s, whatever schemathesis sends', async (_name, path, args) => {
    const url = `${server.gateway}${path}`;
    const output = await runSchemathesis({ url, folder: server.stateDir, maxExamples: 15, args });
    expect(generatedIn(output), output).toBeGreaterThan(200);
  });
});
