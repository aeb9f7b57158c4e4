import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binaryBody } from '../faults/rest-caller.ts';
import { type ServingFixture, startServing } from '../faults/serving-fixture.ts';

const DEADLINE_MS = 1000;
const FOR_EVER = 2n ** 62n;
/** More than the losses after which a version is given up. */
const ENDLESS_CALLS = 4;
const integer = (name: string, value: bigint) =>
  binaryBody([{ name, datatype: 'INT64', shape: [1], data: new Uint8Array(BigInt64Array.from([value]).buffer) }]);
const trips = (count: bigint) => integer('trips', count);
/** The weights that a process has mapped: a line of its memory's map each. @see proc_pid_maps(5) */
const mappedWeights = (pid: number) => {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^.* (?<inode>\d+) +(?<path>\/.*weights\.bin)$/gm);
  return [...lines].map(({ groups }) => ({ inode: groups?.['inode'], path: groups?.['path'] ?? '' }));
};
let serving: ServingFixture;
let small: Awaited<ReturnType<ServingFixture['deployment']>>[];

beforeAll(async () => {
  serving = await startServing({ SLIPWAY_GATEWAY_RUNTIME: 'native', SLIPWAY_GATEWAY_RUNNER_MEMORY_MIB: '1024' });
  const bounded = { deadlineMs: DEADLINE_MS, serving: { instances: 1, intraOpThreads: 1 } };
  small = [await serving.deployment('loop', bounded), await serving.deployment('balloon', bounded)];
  const twice = { serving: { instances: 2, intraOpThreads: 1 } };
  await serving.controller.serve([...small, await serving.deployment('work', twice)]);
});
afterAll(async () => {
  await serving?.stop();
});

describe('a gateway with the native runtime', () => {
  it('ends runs at their deadline, and keeps their runner', async () => {
    const { caller, gateway } = serving;
    expect(await caller.infer('loop', trips(10n))).toMatchObject({ status: 200 });
    const runners = gateway.runners;
    for (let call = 0; call < ENDLESS_CALLS; call += 1) {
      expect(await caller.infer('loop', trips(FOR_EVER))).toMatchObject({ status: 504, code: 'DEADLINE_EXCEEDED' });
      expect(await caller.infer('loop', trips(10n))).toMatchObject({ status: 200 });
    }
    expect(gateway.runners).toEqual(runners);
  });

  it.each([2n ** 29n, 2n ** 40n, 2n ** 62n])(
    'fails a call for %s elements of memory, and nothing else',
    async (count) => {
      const { caller, gateway } = serving;
      const runners = gateway.runners;
      expect(await caller.infer('balloon', integer('elements', count))).toMatchObject({
        status: 500,
        code: 'MODEL_RUN_FAILED',
      });
      expect(await caller.infer('balloon', integer('elements', 1000n))).toMatchObject({ status: 200 });
      expect(gateway.runners).toEqual(runners);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'has one copy of the weights of all instances of a model, while there are any',
    async () => {
      const { controller, gateway } = serving;
      const mapped = gateway.runners.map(mappedWeights).filter((files) => files.length > 0);
      expect(mapped).toHaveLength(2);
      const files = mapped.flat();
      expect(new Set(files.map(({ inode }) => inode)).size).toBe(1);
      const root = dirname(dirname(files[0]?.path ?? ''));
      expect(readdirSync(root)).toHaveLength(1);
      await controller.serve(small);
      await expect.poll(() => readdirSync(root), { timeout: 60_000 }).toEqual([]);
    },
  );

  it('says what it can use', async () => {
    const { url } = serving.gateway;
    const { runtimes, targets, devices } = (await (await fetch(`${url}/health/runtimes`)).json()) as {
      runtimes: unknown[];
      targets: unknown[];
      devices: unknown[];
    };
    expect(runtimes).toContainEqual(expect.objectContaining({ name: 'native', isUsed: true }));
    expect(targets).toContainEqual({ target: 'cpu' });
    expect(devices).toContainEqual(expect.objectContaining({ target: 'cpu', memoryBytes: expect.any(Number) }));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^slipway_runtime_info\{runtime="native",version="1\.\d+\.\d+"\} 1$/m);
    expect(metrics).toMatch(/^slipway_runtime_target_usable\{target="cpu"\} 1$/m);
  });
});
