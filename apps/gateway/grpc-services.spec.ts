import { setImmediate as turn } from 'node:timers/promises';
import { Client, credentials, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallLimits } from '#application/access';
import type { InferenceRequest, InferenceResult } from '#application/serving';
import { ModelStatistics, type ServingSet } from '#application/serving';
import { DomainError } from '#domain/errors';
import { HealthClient } from '#generated/grpc/health/v1/health';
import { ServerReflectionClient, type ServerReflectionResponse } from '#generated/grpc/reflection/v1/reflection';
import {
  GRPCInferenceServiceClient,
  ModelInferRequest,
  type ModelStreamInferResponse,
} from '#generated/inference/open_inference';
import { accessFor } from '#testing';
import { ChangeSignal } from './change-signal.ts';
import { GrpcPeers } from './grpc-peers.ts';
import { addGrpcServices } from './grpc-services.ts';
import { eachSession } from './grpc-sessions.ts';
import { MAX_STREAM_IN_FLIGHT } from './infer-stream.ts';
import { answerInferencesOf } from './inference-streams.ts';
import { ModelDirectory } from './model-directory.ts';
import { ModelRepository } from './model-repository.ts';
import { ServingAccess } from './serving-access.ts';
import type { GrpcParts } from './serving-parts.ts';

/** An inference that the test ends when it likes. */
interface Pending {
  readonly request: InferenceRequest;
  readonly resolve: (result: InferenceResult) => void;
  readonly reject: (error: unknown) => void;
}

const signature = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }], outputs: [] } as const;
const request = (id: string) =>
  ModelInferRequest.fromPartial({
    modelName: 'digits',
    id,
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1n] }],
    rawInputContents: [new Uint8Array(4)],
  });
const result: InferenceResult = {
  outputs: [],
  modelName: 'digits',
  modelVersion: 2,
  role: 'stable',
  isFallback: false,
  run: { outputs: [], rows: 1, batchSize: 1, queueMs: 0, runMs: 0 },
  startedAtMs: 0,
  endedAtMs: 1,
};

describe('the gRPC services', () => {
  let server: Server;
  let address: string;
  let leave: () => void;
  let pending: Pending[];
  let state: { isReady: boolean; isDraining: boolean };
  const changes = new ChangeSignal();

  beforeEach(async () => {
    pending = [];
    state = { isReady: true, isDraining: false };
    const slot = {
      version: 2,
      served: { signature, model: 'digits', variants: [] },
      view: { signature, defaultOutputNames: signature.outputs.map(({ name }) => name) },
      get state() {
        return { kind: state.isReady ? 'ready' : 'loading' };
      },
    };
    const servingSet = {
      get isReady() {
        return state.isReady;
      },
      routes: new Map([['digits', { modelName: 'digits', stable: slot, candidateWeightPercent: 0 }]]),
      get reports() {
        return [{ namespace: 'default', deployment: 'digits', version: 2, state: slot.state }];
      },
    } as unknown as ServingSet;
    const parts = {
      access: new ServingAccess({
        ...accessFor(undefined),
        limits: new CallLimits(() => 0),
        routes: () => servingSet.routes,
      }),
      peers: new GrpcPeers(),
      servingSet,
      directory: new ModelDirectory(servingSet, new ModelStatistics(() => 0)),
      repository: new ModelRepository(servingSet),
      changes,
      logger: { error: () => {}, level: 'info' },
      maxBodyBytes: 1_000_000,
      isDraining: () => state.isDraining,
      pipeline: {
        infer: (asked: InferenceRequest) =>
          new Promise<InferenceResult>((resolve, reject) => pending.push({ request: asked, resolve, reject })),
      },
    } as unknown as GrpcParts;
    server = new Server();
    addGrpcServices(server, parts);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    address = `127.0.0.1:${port}`;
    leave = eachSession(port, (session) => answerInferencesOf(session, parts));
  });

  afterEach(() => {
    leave();
    server.forceShutdown();
  });

  const until = async (isTrue: () => boolean) => {
    const deadlineMs = performance.now() + 5000;
    while (!isTrue() && performance.now() < deadlineMs) await turn();
    expect(isTrue()).toBe(true);
  };

  /** A stream of inferences with all that it answers. */
  const openStream = () => {
    const client = new GRPCInferenceServiceClient(address, credentials.createInsecure());
    const call = client.modelStreamInfer();
    const answers: ModelStreamInferResponse[] = [];
    const outcome: { ended?: boolean; error?: ServiceError } = {};
    call.on('data', (answer: ModelStreamInferResponse) => answers.push(answer));
    call.on('error', (error: ServiceError) => Object.assign(outcome, { error }));
    call.on('end', () => {
      Object.assign(outcome, { ended: true });
      client.close();
    });
    return { call, answers, outcome };
  };
  const idsOf = (answers: readonly ModelStreamInferResponse[]) => answers.map((answer) => answer.inferResponse?.id);

  it('answers a stream in the order of its requests, whichever ends first', async () => {
    const { call, answers, outcome } = openStream();
    for (const id of ['a', 'b', 'c']) call.write(request(id));
    await until(() => pending.length === 3);
    pending[2]?.resolve(result);
    pending[1]?.resolve(result);
    await turn();
    expect(answers).toEqual([]);
    pending[0]?.resolve(result);
    await until(() => answers.length === 3);
    expect(idsOf(answers)).toEqual(['a', 'b', 'c']);
    expect(answers[0]?.inferResponse?.parameters['triton_final_response']?.parameterChoice?.value).toBe(true);
    call.end();
    await until(() => outcome.ended === true);
    expect(outcome.error).toBeUndefined();
  });

  it('answers a failed request with its id and goes on', async () => {
    const { call, answers } = openStream();
    call.write(request('bad'));
    call.write({ ...request('undecodable'), rawInputContents: [new Uint8Array(3)] });
    call.write(request('good'));
    await until(() => pending.length === 2);
    pending[0]?.reject(new DomainError('QUEUE_FULL', 'digits has enough to do'));
    pending[1]?.resolve(result);
    await until(() => answers.length === 3);
    expect(idsOf(answers)).toEqual(['bad', 'undecodable', 'good']);
    expect(answers[0]?.errorMessage).toBe('QUEUE_FULL: digits has enough to do');
    expect(answers[1]?.errorMessage).toMatch(/^TENSOR_INVALID: raw_inputs\[0\]/);
    expect(answers[2]?.errorMessage).toBe('');
    call.cancel();
  });

  it('takes no more from a stream than it may have in work', async () => {
    const { call, answers } = openStream();
    const count = MAX_STREAM_IN_FLIGHT * 4;
    for (let number = 0; number < count; number += 1) call.write(request(String(number)));
    call.end();
    await until(() => pending.length === MAX_STREAM_IN_FLIGHT);
    let most = 0;
    for (let done = 0; done < count; done += 1) {
      await until(() => pending.length > done);
      most = Math.max(most, pending.length - done);
      pending[done]?.resolve(result);
    }
    await until(() => answers.length === count);
    expect(most).toBeLessThanOrEqual(MAX_STREAM_IN_FLIGHT);
    expect(idsOf(answers)).toEqual(Array.from({ length: count }, (_, number) => String(number)));
  });

  it('refuses the requests of a stream while it shuts down', async () => {
    const { call, answers } = openStream();
    state.isDraining = true;
    call.write(request('late'));
    await until(() => answers.length === 1);
    expect(answers[0]?.errorMessage).toMatch(/^SHUTTING_DOWN/);
    call.cancel();
  });

  it('tells the health of the server and of models, and of nothing else', async () => {
    const client = new HealthClient(address, credentials.createInsecure());
    const check = (service: string) =>
      new Promise((resolve) =>
        client.check({ service }, (error, answer) => resolve(error === null ? answer.status : error.code)),
      );
    const services = ['', 'inference.GRPCInferenceService', 'digits'];
    expect(await Promise.all(services.map(check))).toEqual(['SERVING', 'SERVING', 'SERVING']);
    state.isReady = false;
    expect(await Promise.all(services.map(check))).toEqual(['NOT_SERVING', 'NOT_SERVING', 'NOT_SERVING']);
    expect(await check('nobody')).toBe(5);
    client.close();
  });

  it('tells those who watch of every change', async () => {
    const client = new HealthClient(address, credentials.createInsecure());
    const watch = (service: string) => {
      const seen: string[] = [];
      const call = client.watch({ service });
      call.on('data', ({ status }) => seen.push(status)).on('error', () => {});
      return { seen, call };
    };
    const [model, nobody] = [watch('digits'), watch('nobody')];
    await until(() => model.seen.length === 1 && nobody.seen.length === 1);
    state.isReady = false;
    changes.tell();
    changes.tell();
    await until(() => model.seen.length === 2);
    state.isReady = true;
    changes.tell();
    await until(() => model.seen.length === 3);
    expect(model.seen).toEqual(['SERVING', 'NOT_SERVING', 'SERVING']);
    expect(nobody.seen).toEqual(['SERVICE_UNKNOWN']);
    for (const { call } of [model, nobody]) call.cancel();
    client.close();
  });

  it('lists exactly the services that it has', async () => {
    const client = new ServerReflectionClient(address, credentials.createInsecure());
    const call = client.serverReflectionInfo();
    call.on('error', () => {});
    const answer = new Promise<ServerReflectionResponse>((resolve) => call.once('data', resolve));
    call.write({ host: '', messageRequest: { $case: 'listServices', value: '' } });
    expect((await answer).messageResponse?.value).toEqual({
      service: [
        { name: 'inference.GRPCInferenceService' },
        { name: 'grpc.health.v1.Health' },
        { name: 'grpc.reflection.v1.ServerReflection' },
        { name: 'grpc.reflection.v1alpha.ServerReflection' },
      ],
    });
    call.end();
    client.close();
  });

  it("tells of messages that cannot be decoded as the client's mistake, and goes on", async () => {
    const client = new Client(address, credentials.createInsecure());
    const asIs = (bytes: Buffer) => bytes;
    // A field that is longer than the message.
    const malformed = Buffer.from([0x0a, 0x7f, 0x61]);
    const refusal = { code: status.INVALID_ARGUMENT, details: expect.stringMatching(/^REQUEST_MALFORMED: /) };
    const unary = (path: string) =>
      new Promise((resolve) => client.makeUnaryRequest(path, asIs, asIs, malformed, (error) => resolve(error)));
    expect(await unary('/inference.GRPCInferenceService/ModelMetadata')).toMatchObject(refusal);
    expect(await unary('/grpc.health.v1.Health/Check')).toMatchObject(refusal);
    const watch = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', asIs, asIs, malformed);
    expect(await new Promise((resolve) => watch.once('error', resolve))).toMatchObject(refusal);
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const reflection = client.makeBidiStreamRequest(path, asIs, asIs);
    const refused = new Promise((resolve) => reflection.once('error', resolve));
    reflection.write(malformed);
    expect(await refused).toMatchObject(refusal);
    client.close();
    const health = new HealthClient(address, credentials.createInsecure());
    expect(await new Promise((resolve) => health.check({ service: '' }, (error) => resolve(error)))).toBeNull();
    health.close();
  });
});
