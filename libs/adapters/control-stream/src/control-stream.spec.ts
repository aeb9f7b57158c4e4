import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type RuntimeInventory, ServingSet, TrafficLedger } from '#application/serving';
import {
  DeploymentRoute,
  GatewayControlService,
  type GatewayReport,
  RouteSnapshot,
} from '#generated/slipway/control/v1/control';
import { ScriptedHost } from '#testing';
import { ControlStream } from './control-stream.ts';
import { LastKnownGoodRoutes } from './last-known-good.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'control-stream-'));
const counted = {
  namespace: 'default',
  deployment: 'm',
  modelName: 'm',
  rolloutId: 'default.m.1',
  stable: { build: 'm@1' },
  candidate: { build: 'm@2' },
};
const inventory: RuntimeInventory = {
  runtimes: [
    { name: 'native', isUsed: true, version: '1.30.0', library: '/opt/libonnxruntime.so' },
    { name: 'trees', isUsed: true, version: '0.1.0', serves: ['xgboost-json'] },
  ],
  targets: [{ target: 'cpu' }, { target: 'cuda', problem: 'there is no driver' }],
  devices: [{ target: 'cpu', kind: 'cpu', name: 'a processor', memoryBytes: 2 ** 40 }],
};
const answer = { inputs: [], outputs: [], tookMs: 1 };

let server: Server;
let stream: ServerDuplexStream<GatewayReport, RouteSnapshot> | undefined;
let reports: GatewayReport[];
let warnings: string[];
/** How the controller refuses gateways; absent while it takes them. */
let refusal: { code: status; details: string } | undefined;
/** What gateways showed when they came. */
let shown: unknown[];
let servingSet: ServingSet;
let ledger: TrafficLedger;
let control: ControlStream;

beforeEach(async () => {
  reports = [];
  warnings = [];
  refusal = undefined;
  shown = [];
  server = new Server();
  server.addService(GatewayControlService, {
    attach: (attached: ServerDuplexStream<GatewayReport, RouteSnapshot>) => {
      stream = attached;
      shown.push(...attached.metadata.get('authorization'));
      attached.on('data', (report: GatewayReport) => reports.push(report));
      attached.on('error', () => {});
      attached.on('end', () => attached.end());
      if (refusal !== undefined) attached.emit('error', Object.assign(new Error(), refusal));
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  servingSet = new ServingSet(new ScriptedHost().parts, () => control.reportNow());
  ledger = new TrafficLedger(() => 0, {
    onError: () => control.reportSoon(),
    onTrip: ({ rolloutId }) => servingSet.takeOut(rolloutId),
  });
  control = new ControlStream(
    {
      controllerAddresses: [`127.0.0.1:${port}`],
      gatewayId: 'g',
      processId: 'p',
      softwareVersion: '0',
      inventory,
      credential: 'key',
    },
    {
      servingSet,
      ledger,
      lastKnownGood: new LastKnownGoodRoutes(join(stateDir, 'routes.pb')),
      onWarning: (message) => warnings.push(message),
    },
  );
});
afterEach(async () => {
  await control.close();
  server.forceShutdown();
  rmSync(stateDir, { recursive: true, force: true });
});

const untilReported = (what: (report: GatewayReport) => boolean) =>
  vi.waitFor(() => expect(reports.some(what)).toBe(true), { timeout: 10_000, interval: 5 });
const buildsIn = ({ traffic }: GatewayReport) => traffic.map(({ build }) => build);

it('a stream is told everything once, then what has changed, and a new stream everything again', async () => {
  ledger.countAnswer(counted, 'm@1', answer);
  ledger.countAnswer(counted, 'm@2', answer);
  control.start();
  await untilReported(({ hello }) => hello !== undefined);
  expect(reports.map(buildsIn)).toEqual([['m@1', 'm@2']]);
  expect(reports[0]?.versionsUnchanged).toBe(false);

  ledger.countAnswer(counted, 'm@2', answer);
  await vi.waitFor(() => expect(reports).toHaveLength(2), { timeout: 10_000 });
  expect(reports[1]).toMatchObject({
    versionsUnchanged: true,
    versions: [],
    traffic: [{ build: 'm@2', requests: 2n }],
  });

  stream?.end();
  await vi.waitFor(() => expect(reports.filter(({ hello }) => hello !== undefined)).toHaveLength(2), {
    timeout: 10_000,
  });
  expect(reports.at(-1)).toMatchObject({ versionsUnchanged: false });
  expect(buildsIn(reports.at(-1) as GatewayReport)).toEqual(['m@1', 'm@2']);
});

it('each stream is told what models can be run with', async () => {
  control.start();
  await untilReported(({ hello }) => hello !== undefined);
  stream?.end();
  await vi.waitFor(() => expect(reports.filter(({ hello }) => hello !== undefined)).toHaveLength(2), {
    timeout: 10_000,
  });
  expect(reports.at(-1)?.hello?.inventory).toEqual({
    runtimes: [
      { name: 'native', isUsed: true, version: '1.30.0', library: '/opt/libonnxruntime.so', problem: '', serves: [] },
      { name: 'trees', isUsed: true, version: '0.1.0', library: '', problem: '', serves: ['xgboost-json'] },
    ],
    targets: [
      { target: 'cpu', problem: '' },
      { target: 'cuda', problem: 'there is no driver' },
    ],
    devices: [{ target: 'cpu', kind: 'cpu', name: 'a processor', memoryBytes: 2n ** 40n, driver: '' }],
  });
});

it('versions are told again when one of them is another, and a trip with the error that caused it', async () => {
  control.start();
  await untilReported(({ hello }) => hello !== undefined);
  const route = DeploymentRoute.fromPartial({
    namespace: 'default',
    name: 'm',
    rolloutId: 'default.m.1',
    stable: { model: 'm', version: 1, build: 'm@1' },
    candidate: { model: 'm', version: 2, build: 'm@2' },
  });
  stream?.write(RouteSnapshot.fromPartial({ revision: 1n, deployments: [route] }));
  await untilReported(({ versions }) => versions.length === 2);
  reports.length = 0;
  const breaker = { max: 0.01, logThreshold: 1 };
  ledger.countServerError({ ...counted, breaker }, 'm@2', 'broken', true);
  await untilReported(({ trippedRolloutIds }) => trippedRolloutIds.includes('default.m.1'));
  const told = reports.find(({ trippedRolloutIds }) => trippedRolloutIds.length > 0);
  expect(told?.traffic).toMatchObject([{ build: 'm@2', serverErrors: 1n }]);
  stream?.write(RouteSnapshot.fromPartial({ revision: 2n, deployments: [{ ...route, rolloutId: 'default.m.2' }] }));
  await untilReported(({ appliedRevision }) => appliedRevision === 2n);
  expect(reports.at(-1)?.trippedRolloutIds).toEqual([]);
});

it('a gateway shows its key, tells once why it is refused, goes on with the routes that it has, and is taken in the end', async () => {
  control.start();
  await untilReported(({ hello }) => hello !== undefined);
  stream?.write(RouteSnapshot.fromPartial({ revision: 7n }));
  await vi.waitFor(() => expect(servingSet.snapshot.revision).toBe(7));

  const refuse = async (code: status, details: string) => {
    refusal = { code, details };
    const before = shown.length;
    stream?.emit('error', Object.assign(new Error(), refusal));
    await vi.waitFor(() => expect(shown.length).toBeGreaterThan(before + 2), { timeout: 10_000 });
  };
  await refuse(status.UNAUTHENTICATED, 'UNAUTHENTICATED: there is no such API key');
  await refuse(status.PERMISSION_DENIED, 'ACCESS_DENIED: workload edge may not gateway.attach');
  const told = expect.stringMatching(/^the controller refuses this gateway; .* as SLIPWAY_CONTROLLER_KEY$/);
  expect(warnings).toEqual([told, told]);
  expect(servingSet.snapshot.revision).toBe(7);

  refusal = undefined;
  reports.length = 0;
  await untilReported(({ hello, appliedRevision }) => hello !== undefined && appliedRevision === 7n);
  stream?.write(RouteSnapshot.fromPartial({ revision: 8n }));
  await vi.waitFor(() => expect(servingSet.snapshot.revision).toBe(8));
  expect(new Set(shown)).toEqual(new Set(['Bearer key']));
  await refuse(status.UNAUTHENTICATED, 'UNAUTHENTICATED: there is no such API key');
  expect(warnings).toHaveLength(3);
});

it('a key with characters that no key has is refused at the start, and not said', () => {
  const identity = { gatewayId: 'g', processId: 'p', softwareVersion: '0' };
  const options = { controllerAddresses: ['127.0.0.1:1'], ...identity, inventory };
  const parts = { servingSet, ledger, lastKnownGood: new LastKnownGoodRoutes(''), onWarning: () => {} };
  const start = () => new ControlStream({ ...options, credential: 'two\nlines' }, parts);
  expect(start).toThrow(/^SLIPWAY_CONTROLLER_KEY has characters that are in no API key and no token$/);
});
