import zlib from 'node:zlib';
import {
  type ClientDuplexStream,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  status,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  GatewayControlClient,
  GatewayControlService,
  GatewayReport,
  RouteSnapshot,
} from '#generated/slipway/control/v1/control';
import { admitCalls, type CallRefusal, forwardingOf, type ShownByCall } from './admit-calls.ts';

type Attached = ServerDuplexStream<GatewayReport, RouteSnapshot>;

let server: Server;
let client: GatewayControlClient;
/** Calls that the method was told of. */
let calls: Attached[];
let ended: Attached[];
let reports: GatewayReport[];
let shown: ShownByCall[];
let refusal: CallRefusal | undefined;
/** Lets an answer be late. */
let decision: Promise<void>;

beforeEach(async () => {
  // The server's and the client's own timers go on.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  [calls, ended, reports, shown, refusal] = [[], [], [], [], undefined];
  decision = Promise.resolve();
  // The end of a test's calls may be noticed in the next one.
  const endedNow = ended;
  const admit = async (by: ShownByCall) => {
    shown.push(by);
    await decision;
    return refusal;
  };
  server = new Server({ interceptors: [admitCalls(admit)] });
  server.addService(GatewayControlService, {
    attach: (call: Attached) => {
      calls.push(call);
      call.on('data', (report: GatewayReport) => reports.push(report));
      call.on('cancelled', () => endedNow.push(call));
      call.on('error', () => {});
      call.on('end', () => call.end());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  client = new GatewayControlClient(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterEach(() => {
  vi.useRealTimers();
  client.close();
  server.forceShutdown();
});

/** A call, and how it ended. */
function attach(authorization?: string) {
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set('authorization', authorization);
  const stream: ClientDuplexStream<GatewayReport, RouteSnapshot> = client.attach(metadata);
  const snapshots: RouteSnapshot[] = [];
  const failures: unknown[] = [];
  stream.on('data', (snapshot: RouteSnapshot) => snapshots.push(snapshot));
  stream.on('error', ({ code, details }: Error & { code?: number; details?: string }) =>
    failures.push([code, details]),
  );
  stream.write(GatewayReport.fromPartial({ appliedRevision: 3n }));
  return { stream, snapshots, failures };
}

it('a call that is refused never reaches its method', async () => {
  refusal = { code: status.UNAUTHENTICATED, message: 'UNAUTHENTICATED: there is no such API key' };
  const { failures } = attach('Bearer wrong');
  await vi.waitFor(() => expect(failures).toEqual([[status.UNAUTHENTICATED, refusal?.message]]));
  expect(calls).toEqual([]);
  const forwarding = { forwardedFor: undefined, forwarded: undefined };
  expect(shown).toEqual([{ authorization: 'Bearer wrong', certificate: undefined, peer: '127.0.0.1', forwarding }]);
});

it('a call shows what it says of where it comes from, however often', () => {
  const metadata = new Metadata();
  metadata.add('x-forwarded-for', '192.0.2.1, 192.0.2.2');
  metadata.add('x-forwarded-for', '192.0.2.3');
  metadata.add('forwarded', 'for=192.0.2.3');
  expect(forwardingOf(metadata)).toEqual({
    forwardedFor: '192.0.2.1, 192.0.2.2,192.0.2.3',
    forwarded: 'for=192.0.2.3',
  });
});

it('nothing is unpacked of a call that is refused, whenever that is decided', async () => {
  const unpacking = vi.spyOn(zlib, 'createGunzip');
  const GZIP = 2;
  const packing = new GatewayControlClient(client.getChannel().getTarget(), credentials.createInsecure(), {
    'grpc.default_compression_algorithm': GZIP,
  });
  const codeOf = async (later?: CallRefusal) => {
    const stream = packing.attach();
    const code = new Promise((resolve) => stream.on('status', (end) => resolve(end.code)));
    stream.on('error', () => {});
    stream.write(GatewayReport.fromPartial({ appliedRevision: 3n }));
    if (later !== undefined) await new Promise((resolve) => setTimeout(resolve, 50));
    else await vi.waitFor(() => expect(reports).toHaveLength(1));
    stream.cancel();
    return code;
  };
  let decide = () => {};
  decision = new Promise((resolve) => {
    decide = resolve;
  });
  refusal = { code: status.UNAUTHENTICATED, message: 'UNAUTHENTICATED: no' };
  await codeOf(refusal);
  decide();
  await new Promise(setImmediate);
  expect(unpacking).not.toHaveBeenCalled();
  refusal = undefined;
  await codeOf();
  expect(unpacking).toHaveBeenCalledOnce();
  packing.close();
  unpacking.mockRestore();
});

it('a call that is let in loses nothing of what was sent before, and shows nothing by itself', async () => {
  let decide = () => {};
  decision = new Promise((resolve) => {
    decide = resolve;
  });
  attach();
  await vi.waitFor(() => expect(shown).toHaveLength(1));
  expect(calls).toEqual([]);
  decide();
  await vi.waitFor(() => expect(reports).toMatchObject([{ appliedRevision: 3n }]));
  expect(shown[0]?.authorization).toBeUndefined();
});

it('a call ends within seconds of losing its rights, and its method knows it at once', async () => {
  const { snapshots, failures } = attach('Bearer key');
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  calls[0]?.write(RouteSnapshot.fromPartial({ revision: 1n }));
  await vi.waitFor(() => expect(snapshots).toHaveLength(1));
  await vi.advanceTimersByTimeAsync(5000);
  expect([shown.length, ended.length]).toEqual([2, 0]);

  refusal = { code: status.PERMISSION_DENIED, message: 'ACCESS_DENIED: not any more' };
  await vi.advanceTimersByTimeAsync(5000);
  expect(ended).toEqual(calls);
  calls[0]?.write(RouteSnapshot.fromPartial({ revision: 2n }));
  await vi.waitFor(() => expect(failures).toEqual([[status.PERMISSION_DENIED, 'ACCESS_DENIED: not any more']]));
  expect(snapshots).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(shown).toHaveLength(3);
});

it('a call that has ended is asked about no more', async () => {
  const { stream } = attach('Bearer key');
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  stream.cancel();
  await vi.waitFor(() => expect(ended).toHaveLength(1));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(shown).toHaveLength(1);
});

it('the service of gateways has no method that these tests do not know', () => {
  expect(Object.keys(GatewayControlService)).toEqual(['attach']);
});
