import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { RoutedVersion } from '#application/rollout';
import { eventually } from '../e2e/eventually.ts';
import { FleetServer } from '../servers/fleet-server.ts';
import { GatewayProcess } from '../servers/gateway-process.ts';
import { textBody } from './rest-caller.ts';
import { quantileMs, rateOf, SteadyLoad } from './steady-load.ts';
import { DIGITS_BODY, digitsFile, digitsKey, digitsRoute, storeVersion } from './stored-model.ts';

/** Room for a runner that shares nothing and the estimate of a second; where they share their pages, for a few more. */
const BUDGET_MIB = 130;
const BY_NAME = [2, 3, 4, 5, 6, 7, 8, 9];
const ROUNDS = 4;

it('memory for few of the versions that are served by name: each answers when it is asked, and stable all the time', async () => {
  const state = mkdtempSync(join(tmpdir(), 'slipway-memory-'));
  const store = await FsObjectStore.open(join(state, 'store'));
  const server = await FleetServer.start();
  const gateway = await GatewayProcess.start({
    stateDir: join(state, 'gateway'),
    environment: {
      SLIPWAY_STORE_DIR: join(state, 'store'),
      SLIPWAY_CONTROLLER_GRPC: server.address,
      SLIPWAY_GATEWAY_MEMORY_MIB: String(BUDGET_MIB),
    },
  });
  let load: SteadyLoad | undefined;
  try {
    const stored = async (version: number) => storeVersion(store, version, [digitsFile(2, `version ${version}`)]);
    const pinned: RoutedVersion[] = [];
    for (const version of BY_NAME) pinned.push(await stored(version));
    server.publish(digitsRoute(await stored(1), { pinned }));
    const stateOf = (version: number) => server.fleet.pinnedReadinessOf(digitsKey(version)).kind;
    const states = async () => BY_NAME.map(stateOf);
    await eventually('every version can be asked', states, (all) =>
      all.every((kind) => kind === 'ready' || kind === 'sleeping'),
    );
    expect(await states()).toContain('sleeping');
    const model = `${gateway.url}/v2/models/digits`;
    load = new SteadyLoad(gateway.url, 'digits', textBody(DIGITS_BODY), 2);
    const wakes: number[] = [];
    let mostRunners = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const version of BY_NAME) {
        const startedMs = performance.now();
        const answer = await fetch(`${model}/versions/${version}/infer`, { method: 'POST', body: DIGITS_BODY });
        expect(answer.status, await answer.text()).toBe(200);
        expect(answer.headers.get('slipway-served-by')).toBe(String(version));
        wakes.push(performance.now() - startedMs);
        mostRunners = Math.max(mostRunners, gateway.runners.length);
      }
    }
    const answers = await load.stop();
    const woke = await gateway.metric('slipway_model_memory_events_total', 'event="woke"');
    console.info(
      `${woke} wakes, each within ${Math.max(...wakes).toFixed(0)} ms; at most ${mostRunners} runners; ` +
        `stable: ${rateOf(answers).toFixed(0)} requests/s, p99 ${quantileMs(answers, 0.99).toFixed(1)} ms`,
    );
    expect(woke).toBeGreaterThan(BY_NAME.length);
    expect(mostRunners).toBeLessThan(BY_NAME.length);
    expect(answers.length).toBeGreaterThan(100);
    expect(answers.filter(({ status, servedBy }) => status !== 200 || servedBy !== '1')).toEqual([]);
    expect(await gateway.metric('slipway_model_memory_bytes')).toBeLessThan(BUDGET_MIB * 1.3 * 1024 * 1024);
    expect(await gateway.metric('slipway_model_version_state', 'state="sleeping"')).toBeGreaterThan(0);
    // A version that is asked for while there is no time to load it: told so, with the advice to come again.
    const asleep = BY_NAME.find((version) => stateOf(version) === 'sleeping') ?? 0;
    server.publish(digitsRoute(await stored(1), { pinned, deadlineMs: 1 }));
    const refused = await eventually(
      'a deadline of a millisecond holds',
      () => fetch(`${model}/versions/${asleep}/infer`, { method: 'POST', body: DIGITS_BODY }),
      ({ status }) => status !== 200,
    );
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
  } finally {
    await load?.stop();
    await gateway.end('SIGKILL');
    server.close();
    rmSync(state, { recursive: true, force: true });
  }
});
