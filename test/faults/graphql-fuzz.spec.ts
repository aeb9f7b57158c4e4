import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registryOperations } from '#generated/registry-operations';
import { RegistryProcess } from '../servers/registry-process.ts';
import { HostileDocuments } from './hostile-documents.ts';
import { seededRandom } from './seeded-random.ts';
import { internalsIn } from './told-internals.ts';

/** `SLIPWAY_FUZZ_DOCUMENTS=200000` for the long form. */
const DOCUMENTS = Number(process.env['SLIPWAY_FUZZ_DOCUMENTS'] ?? 50_000);
const IN_FLIGHT = 16;
const MAX_ANSWER_MS = 5000;
const MAX_GROWTH_MIB = 200;

const state = mkdtempSync(join(tmpdir(), 'slipway-fuzz-'));
let registry: RegistryProcess;

beforeAll(async () => {
  registry = await RegistryProcess.start({
    SLIPWAY_STORE: 'fs',
    SLIPWAY_STORE_DIR: join(state, 'store'),
    SLIPWAY_REGISTRY_INDEX: join(state, 'index.db'),
  });
});
afterAll(async () => {
  await registry?.end('SIGKILL');
  rmSync(state, { recursive: true, force: true });
});

const hostile = new HostileDocuments(seededRandom(20_261), Object.values(registryOperations));
const agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT });

function send(text: string): Promise<{ status: number; answer: string }> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${registry.url}/graphql`,
      { method: 'POST', agent, headers, timeout: MAX_ANSWER_MS },
      (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          answer += chunk;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, answer }));
      },
    );
    request.once('timeout', () =>
      request.destroy(new Error(`no answer in ${MAX_ANSWER_MS} ms to ${text.slice(0, 500)}`)),
    );
    request.once('error', reject);
    request.end(text);
  });
}

const residentMib = () => registry.residentMib;

it(`${DOCUMENTS} fuzzed documents: each is answered, none crashes, hangs or swells the registry`, async () => {
  const statuses = new Map<number, number>();
  const internal: string[] = [];
  const round = async (documents: number) => {
    let sent = 0;
    const lane = async () => {
      while (sent < documents) {
        sent += 1;
        const text = hostile.body();
        const { status, answer } = await send(text);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status >= 500 || answer.includes('"INTERNAL"') || internalsIn(answer) !== undefined)
          internal.push(`${status} ${answer.slice(0, 300)} to ${text.slice(0, 600)}`);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  };
  await round(DOCUMENTS / 2);
  const half = residentMib();
  await round(DOCUMENTS / 2);
  console.info(
    `answers: ${JSON.stringify(Object.fromEntries(statuses))}; ${half.toFixed(0)} MiB half way, ${residentMib().toFixed(0)} MiB at the end`,
  );
  expect(internal.slice(0, 3)).toEqual([]);
  expect(statuses.get(200) ?? 0).toBeGreaterThan(DOCUMENTS / 100);
  expect(residentMib() - half).toBeLessThan(MAX_GROWTH_MIB);
  expect(await registry.isReady()).toBe(true);
});
