import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { postGraphql, type Reply } from '../e2e/registry-fixture.ts';
import { runSlipway } from '../e2e/run-slipway.ts';
import { type MinioServer, startMinio } from '../servers/minio.ts';
import { RegistryProcess } from '../servers/registry-process.ts';

const adminKey = `slipway_${'0'.repeat(16)}_${'a'.repeat(43)}`;
/** More than a registry keeps apart of one who asks. */
const DENIALS = 1000;

let minio: MinioServer;
let registry: RegistryProcess;
const state = mkdtempSync(join(tmpdir(), 'slipway-audit-outage-'));
beforeAll(async () => {
  minio = await startMinio();
  registry = await RegistryProcess.start({
    ...minio.environment(),
    SLIPWAY_REGISTRY_INDEX: join(state, 'index.db'),
    SLIPWAY_ACCESS: 'policies',
    SLIPWAY_ADMIN_KEY: adminKey,
  });
});
afterAll(async () => {
  await registry?.end('SIGKILL');
  await minio?.stop();
  rmSync(state, { recursive: true, force: true });
});

const asAdmin = (query: string) => postGraphql(registry.url, { query }, adminKey);
const asNobody = (query: string) => postGraphql(registry.url, { query });
const codeOf = ({ errors }: Reply) => errors?.[0]?.extensions['code'];
const createNamespace = (name: string) => `mutation { createNamespace(input: { name: "${name}" }) { name } }`;
const createKey = (workload: string) =>
  `mutation { createApiKey(input: { description: "for tests", workload: "${workload}" }) { apiKey { id } } }`;
const slipway = (...args: string[]) => runSlipway({ stateDir: state }, args, minio.environment());
const listed = async (...args: string[]) => {
  const { stdout, stderr } = await slipway('audit', 'list', '--limit', '5000', '--json', ...args);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as { kind: string; action?: string; resource?: string; detail?: string; count?: number }[];
};

it('without the store nothing is changed that could not be written down; lookups and denials go on, and denials are told of later', async () => {
  expect((await asAdmin(createNamespace('before'))).errors).toBeUndefined();
  await minio.kill();

  expect(codeOf(await asAdmin(createKey('shop')))).toBe('STORE_UNAVAILABLE');
  expect(codeOf(await asAdmin(createNamespace('during')))).toBe('STORE_UNAVAILABLE');
  const names = async () => (await asAdmin('{ namespaces(first: 10) { nodes { name } } }')).data;
  expect(await names()).toEqual({ namespaces: { nodes: [{ name: 'before' }, { name: 'default' }] } });
  for (let at = 0; at < DENIALS; at += 1) {
    expect(codeOf(await asNobody(createNamespace(`mine-${at}`)))).toBe('UNAUTHENTICATED');
  }

  await minio.resume();
  const key = await eventually(
    'keys are made again',
    () => asAdmin(createKey('shop')),
    ({ errors }) => errors === undefined,
  );
  expect(key.data).toMatchObject({ createApiKey: { apiKey: {} } });
  const denials = () => listed('--denied');
  const sum = (found: readonly { count?: number }[]) => found.reduce((all, { count = 1 }) => all + count, 0);
  const found = await eventually('what was denied is told', denials, (all) => sum(all) >= DENIALS, 60_000);
  expect(sum(found)).toBe(DENIALS);
  expect(found.length).toBeLessThan(DENIALS / 2);

  const keys = (await asAdmin('{ apiKeys(ofEverybody: true) { nodes { owner } } }')).data;
  expect(keys).toEqual({ apiKeys: { nodes: [{ owner: 'shop' }] } });
  const told = (await listed('--action', 'key.create')).map(({ detail }) => detail ?? '');
  expect(told.some((detail) => detail.startsWith('was not done'))).toBe(true);

  // Of two registries, and killed in the middle, it stays one chain.
  const other = await RegistryProcess.start({
    ...minio.environment(),
    SLIPWAY_REGISTRY_INDEX: join(state, 'other.db'),
    SLIPWAY_ACCESS: 'policies',
    SLIPWAY_ADMIN_KEY: adminKey,
  });
  try {
    const changes = Array.from({ length: 40 }, async (_, at) => {
      const { url } = at % 2 === 0 ? registry : other;
      const made = [postGraphql(url, { query: createNamespace(`both-${at}`) }, adminKey)];
      if (at % 4 < 2) made.push(postGraphql(url, { query: createKey(`program-${at}`) }, adminKey));
      return Promise.all(made);
    });
    const replies = (await Promise.all(changes)).flat();
    expect(replies.filter(({ errors }) => errors !== undefined)).toEqual([]);
    await other.end('SIGKILL');
    const { stdout, exitCode } = await slipway('audit', 'verify');
    expect(exitCode, stdout).toBe(0);
    const made = await listed('--action', 'key.create');
    expect(made.filter(({ detail }) => /for workload program-\d+/.test(detail ?? ''))).toHaveLength(20);
  } finally {
    await other.end('SIGKILL');
  }
});
