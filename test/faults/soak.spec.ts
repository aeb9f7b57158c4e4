import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AccessServer, startAccessServer } from '../e2e/access-server.ts';
import { commitManifests } from '../e2e/commit-manifests.ts';
import { eventually } from '../e2e/eventually.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { writeFaultModels } from './fault-models.ts';
import { ECHOES } from './hostile-requests.ts';
import { MixedTraffic } from './mixed-traffic.ts';
import { ResidentMemory } from './resident-memory.ts';
import { seededRandom } from './seeded-random.ts';
import { SoakTally } from './soak-tally.ts';

/** `SLIPWAY_SOAK_REQUESTS=1000000` for the long form. */
const REQUESTS = Number(process.env['SLIPWAY_SOAK_REQUESTS'] ?? 20_000);
/** Heaps, caches of code and pools have found their sizes by then. */
const WARM_UP = Math.min(REQUESTS / 5, 50_000);
const IN_FLIGHT = 32;
const MAX_ANSWER_MS = 10_000;
const MAX_RUN_MS = 6 * 3_600_000;
const LOOK_EVERY_MS = 250;
const PROGRESS_EVERY = 25_000;
/** From here on a run is long enough for its thirds to be compared. */
const LONG_REQUESTS = 200_000;
/**
 * The last third against the first one. A process that leaks a hundred bytes for each request grows by 60 MiB between the middles of the thirds
 * of a million; what the garbage collector leaves for later varies by a few percent, and what the registry has learnt (drafts, events and
 * denials of a million requests) is some MiB.
 */
const MAX_GROWTH = 1.15;
const MAX_GROWTH_MIB = 16;
/** Short runs are over before heaps stop growing; a server that keeps bodies or answers is beyond this in seconds. */
const MAX_SERVER_MIB = 1024;
const MAX_RUNNER_MIB = 256;

let server: AccessServer;
let traffic: MixedTraffic;

beforeAll(async () => {
  const models = await writeFaultModels();
  server = await startAccessServer();
  for (const { model } of ECHOES) {
    const push = await runSlipway(server, ['model', 'push', model, join(models.folder, `${model}.onnx`)]);
    expect(push.exitCode, push.stderr).toBe(0);
  }
  models.remove();
  commitManifests(
    server,
    Object.fromEntries(
      ECHOES.map(({ model }) => [
        `${model}.yaml`,
        `metadata: { name: ${model} }\nspec: { model: ${model}, version: 1 }\n`,
      ]),
    ),
  );
  const headers = { authorization: `Bearer ${server.adminKey}` };
  for (const { model } of ECHOES) {
    const ready = async () => (await fetch(`${server.gateway}/v2/models/${model}/ready`, { headers })).status;
    await eventually(`${model} answers`, ready, (status) => status === 200);
  }
  traffic = new MixedTraffic(seededRandom(20_263), server, {
    admin: server.adminKey,
    invoker: server.keyOf('home-invoker'),
    viewer: server.keyOf('home-viewer'),
    wrong: server.adminKey.replace(/.{4}$/, 'AAAA'),
    nobody: undefined,
  });
}, 300_000);
afterAll(async () => {
  traffic?.close();
  await server?.remove();
});

it(`${REQUESTS} requests by all interfaces at once: none is the server's fault, memory stays`, {
  timeout: MAX_RUN_MS,
}, async () => {
  const memory = new ResidentMemory(server.pid, LOOK_EVERY_MS);
  const tally = new SoakTally(MAX_ANSWER_MS);
  let sent = 0;
  const lane = async () => {
    while (sent < REQUESTS && server.child.exitCode === null) {
      sent += 1;
      if (sent === WARM_UP) memory.forget();
      if (sent % PROGRESS_EVERY === 0)
        process.stderr.write(`soak: ${tally.summary}, ${memory.serverMib.toFixed(0)} MiB\n`);
      tally.take(await traffic.send());
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  memory.stop();
  const thirds = memory.thirds();
  const grown = thirds.map(({ mib }) => mib.map((each) => each.toFixed(0)).join(' → '));
  console.info(
    `${tally.summary}: ${tally.answers}; ` +
      `MiB in the thirds after the first ${WARM_UP}: server ${grown.join(', runner ')}`,
  );

  expect(tally.blames.slice(0, 3)).toEqual([]);
  expect(server.child.exitCode, server.log().slice(-2000)).toBeNull();
  expect(memory.areAlive).toBe(true);
  const [ofServer, ...ofRunners] = thirds;
  expect(ofRunners.length).toBeGreaterThanOrEqual(ECHOES.length);
  expect(ofServer?.mib[2]).toBeLessThan(MAX_SERVER_MIB);
  for (const { mib } of ofRunners) expect(mib[2]).toBeLessThan(MAX_RUNNER_MIB);
  if (REQUESTS >= LONG_REQUESTS)
    for (const { pid, mib } of thirds)
      expect(mib[2], `process ${pid}`).toBeLessThan(MAX_GROWTH * mib[0] + MAX_GROWTH_MIB);
  // A generator that is always refused at the first look has tested nothing else.
  for (const [by, wanted] of REACHED)
    for (const answer of wanted) expect(tally.countOf(by, answer), `${by} ${answer}`).toBeGreaterThan(REQUESTS / 5000);
});

/** Answers that each interface must have given, so that requests came through every stage. */
const REACHED: readonly (readonly [string, readonly string[]])[] = [
  ['REST inference', ['200', '400', '401', '403']],
  ['REST routes', ['200', '401', '404', '405']],
  ['gRPC unary', ['OK', 'INVALID_ARGUMENT', 'UNAUTHENTICATED', 'PERMISSION_DENIED']],
  ['gRPC stream', ['OK', 'UNAUTHENTICATED']],
  ['gRPC others', ['OK', 'INVALID_ARGUMENT', 'UNAUTHENTICATED']],
  ['GraphQL registry', ['200', '400', '401']],
  ['GraphQL controller', ['200', '400', '401']],
  ['TCP', ['400']],
  ['right', ['right']],
];
