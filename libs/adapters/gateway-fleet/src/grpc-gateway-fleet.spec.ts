import { type ClientDuplexStream, credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeploymentRoute } from '#application/rollout';
import { DEFAULT_SERVING_OPTIONS } from '#domain/inference';
import { WATCH_NOTHING } from '#domain/traffic';
import {
  GatewayControlClient,
  GatewayControlService,
  GatewayReport,
  type RouteSnapshot,
  VersionStatus_State,
} from '#generated/slipway/control/v1/control';
import { GrpcGatewayFleet } from './grpc-gateway-fleet.ts';

/** A gateway as the wire has it, with what it was told. */
class AttachedGateway {
  readonly snapshots: RouteSnapshot[] = [];
  readonly failures: { readonly code: number; readonly details: string }[] = [];
  readonly #stream: ClientDuplexStream<GatewayReport, RouteSnapshot>;

  constructor(client: GatewayControlClient) {
    this.#stream = client.attach();
    this.#stream.on('data', (snapshot: RouteSnapshot) => this.snapshots.push(snapshot));
    this.#stream.on('error', (error) => this.failures.push(error as unknown as { code: number; details: string }));
  }

  report(fields: Parameters<typeof GatewayReport.fromPartial>[0]): void {
    this.#stream.write(GatewayReport.fromPartial(fields));
  }

  leave(): void {
    this.#stream.cancel();
  }
}

const HELLO = { hello: { gatewayId: 'g', processId: 'p' } };
const KEY = { namespace: 'default', name: 'm', build: 'm@2' };
const route = (candidateWeightPercent: number): DeploymentRoute => ({
  namespace: 'default',
  name: 'm',
  attributes: { targets: [], labels: {} },
  stable: undefined,
  candidate: undefined,
  pinned: [],
  candidateWeightPercent,
  mirrorPercent: 0,
  match: undefined,
  stickyBy: undefined,
  watch: WATCH_NOTHING,
  breaker: undefined,
  rolloutId: 'r',
  fallbackToStable: true,
  deadlineMs: 1000,
  maxConcurrency: 8,
  serving: DEFAULT_SERVING_OPTIONS,
});

let fleet: GrpcGatewayFleet;
let server: Server;
let client: GatewayControlClient;

beforeEach(async () => {
  fleet = new GrpcGatewayFleet(1000);
  server = new Server();
  server.addService(GatewayControlService, fleet.service);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  client = new GatewayControlClient(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterEach(() => {
  client.close();
  server.forceShutdown();
});

const attach = () => {
  const gateway = new AttachedGateway(client);
  gateway.report(HELLO);
  return gateway;
};

describe('GrpcGatewayFleet', () => {
  it('sends gateways away until it leads, and names who does', async () => {
    fleet.refuse(() => 'ask the one at b:8084');
    const refused = attach();
    await vi.waitFor(() => expect(refused.failures).toHaveLength(1));
    expect(refused.failures).toMatchObject([{ code: status.UNAVAILABLE, details: 'ask the one at b:8084' }]);
    fleet.beginTerm(7);
    fleet.publish([route(10)]);
    fleet.admit();
    const taken = attach();
    await vi.waitFor(() => expect(taken.snapshots).toMatchObject([{ epoch: 7n, revision: 1001n }]));
    fleet.refuse(() => 'ask the one at c:8084');
    await vi.waitFor(() => expect(taken.failures).toMatchObject([{ details: 'ask the one at c:8084' }]));
    expect(fleet.attachedCount).toBe(0);
  });

  it('decides on the first report before it sends the routes that were published', async () => {
    fleet.publish([route(10)]);
    fleet.onReport(() => {
      if (fleet.trafficOf(KEY, 'r').serverErrors > 3) fleet.publish([route(0)]);
    });
    const gateway = new AttachedGateway(client);
    const totals = {
      namespace: 'default',
      deployment: 'm',
      rolloutId: 'r',
      build: 'm@2',
      requests: 5n,
      serverErrors: 5n,
    };
    gateway.report({ ...HELLO, traffic: [totals] });
    await vi.waitFor(() => expect(gateway.snapshots).toHaveLength(1));
    expect(gateway.snapshots[0]?.deployments).toMatchObject([{ candidateWeightPercent: 0 }]);
  });

  it('tells what attached gateways can run models with, of those that say so', async () => {
    const inventory = {
      runtimes: [{ name: 'native', isUsed: true, version: '1.30.0' }],
      targets: [{ target: 'cpu' }, { target: 'cuda', problem: 'there is no driver' }],
      devices: [{ target: 'cpu', kind: 'cpu', name: 'a processor', memoryBytes: 5n }],
    };
    fleet.publish([]);
    const silent = attach();
    const telling = new AttachedGateway(client);
    telling.report({ hello: { gatewayId: 'other', processId: 'q', inventory } });
    await vi.waitFor(() => expect([...silent.snapshots, ...telling.snapshots]).toHaveLength(2));
    // What follows says nothing of it.
    telling.report({ versions: [] });
    expect(fleet.inventories).toMatchObject([{ gatewayId: 'other', inventory }]);
    telling.leave();
    await vi.waitFor(() => expect(fleet.inventories).toEqual([]));
  });

  it('takes a gateway for attached that came again before the end of its first stream was noticed', async () => {
    fleet.publish([]);
    const first = attach();
    await vi.waitFor(() => expect(first.snapshots).toHaveLength(1));
    const second = attach();
    await vi.waitFor(() => expect(second.snapshots).toHaveLength(1));
    first.leave();
    await vi.waitFor(() => expect(fleet.attachedCount).toBe(1));
    const version = { namespace: 'default', deployment: 'm', build: 'm@2', state: VersionStatus_State.READY };
    second.report({ versions: [version] });
    await vi.waitFor(() => expect(fleet.readinessOf(KEY)).toEqual({ kind: 'ready' }));
  });

  it('tells the builds of one version apart, whatever their parts are', async () => {
    fleet.publish([route(10)]);
    const gateway = attach();
    const ofM = { namespace: 'default', deployment: 'm' };
    const [stable, candidate, byName] = ['m@2 cpu/fp32', 'm@2 cpu/int8', 'm@1 cpu/fp32'];
    gateway.report({
      versions: [
        { ...ofM, build: stable, state: VersionStatus_State.READY },
        { ...ofM, build: candidate, state: VersionStatus_State.FAILED, errorCode: 'MODEL_LOAD_FAILED' },
        { ...ofM, build: byName, state: VersionStatus_State.SLEEPING, isPinned: true },
      ],
      traffic: [
        { ...ofM, rolloutId: 'r', build: stable, requests: 90n },
        { ...ofM, rolloutId: 'r', build: candidate, requests: 10n, serverErrors: 9n },
      ],
    });
    const keyOf = (build: string) => ({ namespace: 'default', name: 'm', build });
    await vi.waitFor(() => expect(fleet.readinessOf(keyOf(stable))).toEqual({ kind: 'ready' }));
    expect(fleet.readinessOf(keyOf(candidate))).toMatchObject({ kind: 'failed' });
    expect(fleet.readinessOf(keyOf('m@2 cuda/fp16'))).toEqual({ kind: 'loading' });
    expect(fleet.pinnedReadinessOf(keyOf(byName))).toEqual({ kind: 'sleeping' });
    expect(fleet.pinnedReadinessOf(keyOf(stable))).toEqual({ kind: 'loading' });
    expect(fleet.trafficOf(keyOf(stable), 'r')).toMatchObject({ requests: 90, serverErrors: 0 });
    expect(fleet.trafficOf(keyOf(candidate), 'r')).toMatchObject({ requests: 10, serverErrors: 9 });
  });
});
