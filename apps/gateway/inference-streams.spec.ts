import { readFileSync } from 'node:fs';
import {
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CallLimits } from '#application/access';
import type { InferenceRequest, InferenceResult } from '#application/serving';
import { DomainError } from '#domain/errors';
import {
  GRPCInferenceServiceClient,
  ModelInferRequest,
  type ModelInferResponse,
  type ModelStreamInferResponse,
} from '#generated/inference/open_inference';
import { accessFor } from '#testing';
import { createTls, type TlsFixture } from '../../test/servers/tls-fixture.ts';
import { GrpcPeers } from './grpc-peers.ts';
import { addGrpcServices } from './grpc-services.ts';
import { eachSession } from './grpc-sessions.ts';
import { answerInferencesOf } from './inference-streams.ts';
import { ServingAccess } from './serving-access.ts';
import type { GrpcParts } from './serving-parts.ts';

const MAX_BYTES = 100_000;
const record = { asked: () => undefined, answered: () => {}, failed: () => {}, traceparent: '00-trace' };

/** The given input as the output, but for one that fails. */
async function infer({ modelName, inputs }: InferenceRequest): Promise<InferenceResult> {
  if (modelName === 'late') await new Promise((resolve) => setTimeout(resolve, 1000));
  if (modelName === 'full') throw new DomainError('QUEUE_FULL', 'full has enough to do');
  const outputs = inputs.map((input) => ({ ...input, name: 'y' }));
  const run = { outputs, rows: 1, batchSize: 1, queueMs: 0, runMs: 0 };
  return { outputs, modelName, modelVersion: 7, role: 'stable', isFallback: true, run, startedAtMs: 0, endedAtMs: 1 };
}

const requestOf = (modelName: string, length: number) =>
  ModelInferRequest.fromPartial({
    modelName,
    id: 'r',
    inputs: [{ name: 'x', datatype: 'UINT8', shape: [BigInt(length)] }],
    rawInputContents: [new Uint8Array(length).fill(5)],
  });

describe.each(['in the clear', 'over TLS'])('inferences below grpc-js, %s', (how) => {
  let secured: TlsFixture | undefined;
  beforeAll(async () => {
    if (how === 'over TLS') secured = await createTls();
  });
  afterAll(() => secured?.remove());
  let server: Server;
  let address: string;
  let leave: () => void;
  let closeListener: () => void;
  /** Calls that grpc-js has seen. */
  let passedOn: number;

  beforeEach(async () => {
    passedOn = 0;
    const parts = {
      access: new ServingAccess({ ...accessFor(undefined), limits: new CallLimits(() => 0), routes: () => new Map() }),
      peers: new GrpcPeers(),
      maxBodyBytes: MAX_BYTES,
      telemetry: { begin: () => record },
      pipeline: { infer, refuseIfFull: () => {} },
      isDraining: () => false,
      logger: { error: () => {} },
    } as unknown as GrpcParts;
    const interceptors: ServerInterceptor[] = [
      (_, call) => {
        passedOn += 1;
        return new ServerInterceptingCall(call);
      },
    ];
    server = new Server({ 'grpc.max_receive_message_length': MAX_BYTES, interceptors });
    addGrpcServices(server, parts);
    const { port, close } = await (secured?.tls.listenForGrpc(server, { host: '127.0.0.1', port: 0 }) ?? listen());
    closeListener = close;
    address = `127.0.0.1:${port}`;
    leave = eachSession(port, (session) => answerInferencesOf(session, parts));
  });
  afterEach(() => {
    leave();
    closeListener();
    server.forceShutdown();
  });

  const shown = () =>
    secured === undefined ? credentials.createInsecure() : credentials.createSsl(readFileSync(secured.authority.cert));
  const listen = async () => {
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    return { port, close: () => {} };
  };

  interface Outcome {
    readonly response?: ModelInferResponse;
    readonly error?: ServiceError | undefined;
    readonly trailers: Metadata;
  }

  const call = (request: ModelInferRequest, compression: 0 | 1 | 2 = 0, deadlineMs = 5000) =>
    new Promise<Outcome>((resolve) => {
      const options = { 'grpc.default_compression_algorithm': compression };
      const client = new GRPCInferenceServiceClient(address, shown(), options);
      let outcome: Omit<Outcome, 'trailers'>;
      const unary = client.modelInfer(
        request,
        new Metadata(),
        { deadline: Date.now() + deadlineMs },
        (error, response) => {
          outcome = error === null ? { response } : { error };
        },
      );
      unary.on('status', ({ metadata: trailers }) => {
        setImmediate(() => {
          resolve({ ...outcome, trailers });
          client.close();
        });
      });
    });

  it.each([
    ['plain', 0],
    ['deflated', 1],
    ['gzipped', 2],
  ] as const)('answers a %s message', async (_, compression) => {
    const { response, error, trailers } = await call(requestOf('echo', 50_000), compression);
    expect(error).toBeUndefined();
    expect(response).toMatchObject({ modelName: 'echo', modelVersion: '7', id: 'r', outputs: [{ name: 'y' }] });
    expect(Buffer.from(response?.rawOutputContents[0] ?? []).equals(Buffer.alloc(50_000, 5))).toBe(true);
    expect(trailers.getMap()).toMatchObject({
      'slipway-served-by': '7',
      'slipway-fallback': 'true',
      traceparent: '00-trace',
    });
    expect(passedOn).toBe(0);
  });

  it.each([0, 1, 2] as const)(
    'answers a stream of messages (compression %d), and refuses what is too large',
    async (compression) => {
      const options = { 'grpc.default_compression_algorithm': compression };
      const client = new GRPCInferenceServiceClient(address, shown(), options);
      const stream = client.modelStreamInfer();
      const answers: ModelStreamInferResponse[] = [];
      stream.on('data', (answer: ModelStreamInferResponse) => answers.push(answer));
      const ended = new Promise<number>((resolve) => stream.on('status', ({ code }) => resolve(code)));
      for (const length of [0, 1, 50_000]) stream.write(requestOf('echo', length));
      stream.end();
      expect(await ended).toBe(status.OK);
      expect(answers.map(({ inferResponse }) => inferResponse?.rawOutputContents[0]?.byteLength)).toEqual([
        0, 1, 50_000,
      ]);
      const large = client.modelStreamInfer();
      const refusal = new Promise<string>((resolve, reject) => {
        large.on('data', ({ errorMessage }: ModelStreamInferResponse) => resolve(errorMessage));
        large.on('error', ({ details }: ServiceError) => resolve(details));
        large.on('end', reject);
      });
      large.write(requestOf('echo', MAX_BYTES + 1));
      expect(await refusal).toContain(`${MAX_BYTES} bytes`);
      large.cancel();
      client.close();
      expect(passedOn).toBe(0);
    },
  );

  it.each([0, 2] as const)('tells of an error alike (compression %d)', async (compression) => {
    const { error, trailers } = await call(requestOf('full', 1), compression);
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: 'QUEUE_FULL: full has enough to do' });
    expect(trailers.get('traceparent')).toEqual(['00-trace']);
  });

  it.each([0, 2] as const)('keeps deadlines and bounds alike (compression %d)', async (compression) => {
    expect((await call(requestOf('late', 1), compression, 100)).error?.code).toBe(status.DEADLINE_EXCEEDED);
    const { error } = await call(requestOf('echo', MAX_BYTES + 1), compression);
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
  });

  it('leaves other methods to grpc-js, on the same connection', async () => {
    const client = new GRPCInferenceServiceClient(address, shown());
    const isLive = () =>
      new Promise((resolve) => client.serverLive({}, (error, answer) => resolve(error?.code ?? answer.live)));
    const inferred = () =>
      new Promise((resolve) => client.modelInfer(requestOf('echo', 1), (error, answer) => resolve(error ?? answer.id)));
    expect(await Promise.all([isLive(), inferred(), isLive(), inferred()])).toEqual([true, 'r', true, 'r']);
    client.close();
  });
});
