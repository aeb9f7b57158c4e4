import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { deploymentOf, storeModel, writeFaultModels } from './fault-models.ts';
import { ECHOES, HostileRequests } from './hostile-requests.ts';
import { answersTo, statusesIn } from './raw-connection.ts';
import { jsonBody, RestCaller } from './rest-caller.ts';
import { ScriptedController } from './scripted-controller.ts';
import { seededRandom } from './seeded-random.ts';
import { internalsIn } from './told-internals.ts';

/** `SLIPWAY_FUZZ_REQUESTS=200000` for the long form. */
const REQUESTS = Number(process.env['SLIPWAY_FUZZ_REQUESTS'] ?? 60_000);
const IN_FLIGHT = 16;
const MAX_ANSWER_MS = 1000;
/** From the last sixth but one to the last: the heap has found its size by then. */
const MAX_GROWTH_MIB = 20;
const METHOD = '/inference.GRPCInferenceService/ModelInfer';
/** What a client is told of its own mistakes, and that it made none. */
const BLAMELESS: readonly number[] = [
  status.OK,
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.RESOURCE_EXHAUSTED,
  status.UNIMPLEMENTED,
  // The request's own timeout, of a microsecond.
  status.DEADLINE_EXCEEDED,
];

const storeDir = mkdtempSync(join(tmpdir(), 'slipway-fuzz-'));
let controller: ScriptedController;
let gateway: GatewayProcess;
let caller: RestCaller;
let grpc: Client;

beforeAll(async () => {
  const models = await writeFaultModels();
  const store = await FsObjectStore.open(storeDir);
  controller = await ScriptedController.start();
  gateway = await GatewayProcess.start({
    environment: {
      SLIPWAY_STORE_DIR: storeDir,
      SLIPWAY_CONTROLLER_GRPC: controller.address,
      // A heap that has its full size soon: what grows then is a leak, and a large one would end the gateway.
      NODE_OPTIONS: '--max-old-space-size=128 --max-semi-space-size=4',
    },
  });
  const served = ECHOES.map(async ({ model }) =>
    deploymentOf(model, await storeModel(store, join(models.folder, `${model}.onnx`))),
  );
  await controller.serve(await Promise.all(served));
  models.remove();
  caller = new RestCaller(gateway.url, IN_FLIGHT);
  grpc = new Client(gateway.grpcAddress, credentials.createInsecure());
});
afterAll(async () => {
  caller?.close();
  grpc?.close();
  await gateway?.end('SIGKILL');
  controller?.stop();
  rmSync(storeDir, { recursive: true, force: true });
});

/** Of one request: its answer in a word, whether that blames the server, and how long it took. */
interface Outcome {
  readonly answer: string;
  readonly blames: boolean;
  readonly tookMs: number;
  readonly request: string;
}

const hostile = new HostileRequests(seededRandom(20_262));
const glance = (bytes: Buffer) => JSON.stringify(bytes.toString('latin1').slice(0, 600));

async function rest(wanted: 'json' | 'binary'): Promise<Outcome> {
  const { model, body } = hostile[wanted]();
  const { status: code, tookMs, body: answer } = await caller.infer(model, body);
  // 504 is the request's own timeout.
  const isOurs = code === 0 || (code >= 500 && !answer.includes('REQUEST_TIMED_OUT'));
  const blames = isOurs || (code >= 400 && internalsIn(answer.toString('latin1')) !== undefined);
  const request = `${model} ${JSON.stringify(body.headers)} ${glance(body.bytes)}: ${glance(answer)}`;
  return { answer: `REST ${code}`, blames, tookMs, request };
}

function message(): Promise<Outcome> {
  const bytes = hostile.message();
  const startedMs = performance.now();
  const same = (buffer: Buffer) => buffer;
  return new Promise((resolve) => {
    grpc.makeUnaryRequest(METHOD, same, same, bytes, (error: ServiceError | null) => {
      const code = error?.code ?? status.OK;
      const request = `${bytes.toString('hex').slice(0, 1000)}: ${error?.details}`;
      const tookMs = performance.now() - startedMs;
      const blames = !BLAMELESS.includes(code) || internalsIn(error?.details ?? '') !== undefined;
      resolve({ answer: `gRPC ${status[code]}`, blames, tookMs, request });
    });
  });
}

/** The answers to what is no request at all, or half of one. */
async function connection(): Promise<Outcome> {
  const bytes = hostile.connection();
  const { answer, tookMs } = await answersTo(gateway.url, bytes);
  const codes = statusesIn(answer);
  const blames = codes.some((code) => code >= 500 && !answer.includes('REQUEST_TIMED_OUT'));
  return { answer: `TCP ${codes[0] ?? 'nothing'}`, blames, tookMs, request: glance(bytes) };
}

it(`${REQUESTS} malformed requests by REST, gRPC and TCP: no crash, no hang, no blame, no growth`, async () => {
  const { random } = seededRandom(7);
  const answers: Record<string, number> = {};
  const blames: string[] = [];
  const slow: string[] = [];
  const resident: number[] = [];
  let sent = 0;
  const lane = async () => {
    while (sent < REQUESTS) {
      sent += 1;
      if (sent % 500 === 0) resident.push(gateway.residentMib);
      const kind = random();
      const outcome = await (kind < 0.35
        ? rest('json')
        : kind < 0.55
          ? rest('binary')
          : kind < 0.95
            ? message()
            : connection());
      answers[outcome.answer] = (answers[outcome.answer] ?? 0) + 1;
      if (outcome.blames) blames.push(`${outcome.answer} to ${outcome.request}`);
      if (outcome.tookMs > MAX_ANSWER_MS) slow.push(`${outcome.tookMs.toFixed(0)} ms for ${outcome.request}`);
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const seconds = (performance.now() - startedMs) / 1000;
  const [before = 0, atEnd = 0] = lastSixths(resident);
  console.info(
    `${sent} requests in ${seconds.toFixed(0)} s: ${JSON.stringify(answers)}; ` +
      `${resident[0]?.toFixed(0)} MiB at first, ${before.toFixed(0)} and ${atEnd.toFixed(0)} MiB in the last two sixths`,
  );

  expect(blames.slice(0, 3)).toEqual([]);
  expect(slow.slice(0, 3)).toEqual([]);
  expect(gateway.isAlive, gateway.log.slice(-2000)).toBe(true);
  expect(atEnd - before).toBeLessThan(MAX_GROWTH_MIB);
  // A generator that is always refused at the first look has tested nothing else.
  for (const outcome of ['REST 200', 'REST 400', 'gRPC OK', 'gRPC INVALID_ARGUMENT', 'TCP 400'])
    expect(answers[outcome] ?? 0, outcome).toBeGreaterThan(REQUESTS / 500);
  const whole = jsonBody([{ name: 'given', datatype: 'FP32', shape: [1, 2], data: [1, 2] }]);
  expect((await caller.infer('identity-fp32', whole)).status).toBe(200);
});

/** Means of the last two sixths. */
function lastSixths(values: readonly number[]): number[] {
  const length = Math.floor(values.length / 6);
  return [values.slice(-2 * length, -length), values.slice(-length)].map(
    (part) => part.reduce((sum, value) => sum + value, 0) / part.length,
  );
}
