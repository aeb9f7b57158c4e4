import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { eventually } from '../e2e/eventually.ts';
import { FleetServer } from '../servers/fleet-server.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { textBody } from './rest-caller.ts';
import { quantileMs, rateOf, SteadyLoad } from './steady-load.ts';
import { DIGITS_BODY, digitsFile, digitsKey, digitsRoute, storeVersion } from './stored-model.ts';

const SWAPS = 200;
const CLIENTS = 8;
/** Under less load than this a swap proves little. */
const MIN_REQUESTS_PER_SECOND = 200;

it(`${SWAPS} swaps of a deployment's version under load: no request fails, and what was replaced is freed`, async () => {
  const state = mkdtempSync(join(tmpdir(), 'slipway-swaps-'));
  const storeDir = join(state, 'store');
  const store = await FsObjectStore.open(storeDir);
  const server = await FleetServer.start();
  const gateway = await GatewayProcess.start({
    stateDir: join(state, 'gateway'),
    environment: {
      SLIPWAY_STORE_DIR: storeDir,
      SLIPWAY_CONTROLLER_GRPC: server.address,
      // Room for few of the versions: what was replaced is evicted on the way.
      SLIPWAY_GATEWAY_CACHE_MIB: '1',
    },
  });
  let load: SteadyLoad | undefined;
  try {
    const versionOf = (number: number) =>
      storeVersion(store, number, [digitsFile(((number % 3) + 1) as 1 | 2 | 3, `version ${number}`)]);
    let stable = await versionOf(1);
    server.publish(digitsRoute(stable));
    await eventually(
      'version 1 serves',
      () => gateway.isReady(),
      (isReady) => isReady,
    );
    load = new SteadyLoad(gateway.url, 'digits', textBody(DIGITS_BODY), CLIENTS);
    const startedMs = performance.now();
    for (let number = 2; number <= SWAPS + 1; number += 1) {
      const next = await versionOf(number);
      server.publish(digitsRoute(stable, { candidate: next }));
      await eventually(
        `version ${number} is ready`,
        async () => server.fleet.readinessOf(digitsKey(number)),
        ({ kind }) => kind === 'ready',
      );
      server.publish(digitsRoute(next));
      stable = next;
    }
    const tookSeconds = (performance.now() - startedMs) / 1000;
    const last = `${SWAPS + 1}`;
    await eventually(
      'the last version answers',
      async () => load?.answers.at(-1)?.servedBy,
      (servedBy) => servedBy === last,
    );
    const answers = await load.stop();
    console.info(
      `${SWAPS} swaps in ${tookSeconds.toFixed(0)} s under ${rateOf(answers).toFixed(0)} requests/s; ` +
        `p99 ${quantileMs(answers, 0.99).toFixed(1)} ms, slowest ${quantileMs(answers, 1).toFixed(0)} ms`,
    );
    expect(rateOf(answers)).toBeGreaterThan(MIN_REQUESTS_PER_SECOND);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    // Nearly every version answered somebody: the swaps were real.
    expect(new Set(answers.map(({ servedBy }) => servedBy)).size).toBeGreaterThan(SWAPS * 0.9);
    await eventually(
      'the runners of the others have ended',
      async () => gateway.runners.length,
      (count) => count === 1,
    );
    expect(await gateway.metric('slipway_artifact_cache_events_total', 'event="evicted"')).toBeGreaterThan(0);
    expect(await gateway.metric('slipway_artifact_cache_bytes')).toBeLessThanOrEqual(1024 * 1024);
  } finally {
    await load?.stop();
    await gateway.end('SIGKILL');
    server.close();
    rmSync(state, { recursive: true, force: true });
  }
});
