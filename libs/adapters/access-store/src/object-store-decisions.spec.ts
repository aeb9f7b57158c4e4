import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { RecordedDecision } from '#application/access';
import { type Principal, resource } from '#domain/access';
import { ObjectStoreDecisions } from './object-store-decisions.ts';

const ada: Principal = {
  kind: 'user',
  id: 'ada',
  groups: ['vision'],
  attributes: { team: ['vision'] },
  credential: 'apiKey',
  scope: { keyId: '', actions: ['version.read'] },
};
const decisionOf = (version: number, more: Partial<RecordedDecision> = {}): RecordedDecision => ({
  principal: ada,
  action: 'version.read',
  resource: resource('version', { namespace: 'vision', model: 'digits', version, target: ['cpu', 'cuda'] }, { a: 'b' }),
  count: 3,
  firstAtMs: 1000,
  lastAtMs: 2000 - version,
  ...more,
});

let folder: string;
let store: FsObjectStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-decisions-'));
  store = await FsObjectStore.open(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const logOf = (process: string) => new ObjectStoreDecisions(async () => store, process);
const keys = async () => {
  const found: string[] = [];
  for await (const { key } of store.list('access/decisions/')) found.push(key);
  return found;
};

describe('decisions in the bucket', () => {
  it('come back as they were, those of each process beside the others', async () => {
    const { resource: _, ...list } = decisionOf(2);
    const ofRegistry = [decisionOf(1, { field: 'metrics', address: '::1' }), list];
    const ofGateway = [decisionOf(7, { principal: { ...ada, groups: [] } })];
    await logOf('registry-1').save([decisionOf(9)]);
    await logOf('registry-1').save(ofRegistry);
    await logOf('gateway-2').save(ofGateway);
    expect(await keys()).toEqual(['access/decisions/gateway-2.json', 'access/decisions/registry-1.json']);
    const read = await logOf('registry-3').load();
    expect(read).toHaveLength(3);
    expect(read).toEqual(expect.arrayContaining([...ofRegistry, ...ofGateway]));
  });

  it('take no more than a mebibyte, what was decided last first', async () => {
    const long = 'x'.repeat(10_000);
    const many = Array.from({ length: 300 }, (_, index) =>
      decisionOf(index + 1, { principal: { ...ada, id: `${long}${index}` } }),
    );
    await logOf('registry-1').save(many);
    const found = await store.get('access/decisions/registry-1.json');
    expect(found?.bytes.byteLength).toBeLessThan(1024 * 1024 + 10_000);
    const read = await logOf('registry-1').load();
    expect(read.length).toBeGreaterThan(50);
    expect(read).toEqual(many.slice(0, read.length));
  });

  it('are left out where somebody else wrote them', async () => {
    await logOf('registry-1').save([decisionOf(1)]);
    for (const text of ['{', '{"schema":"slipway.dev/v9/AccessDecisions"}', '[]']) {
      await store.put('access/decisions/other.json', new TextEncoder().encode(text));
      expect(await logOf('registry-1').load()).toEqual([decisionOf(1)]);
    }
    const wrong = { principals: [ada], decisions: [{ principal: 0, action: 'version.raed', count: 1 }] };
    const text = JSON.stringify({ schema: 'slipway.dev/v1/AccessDecisions', ...wrong });
    await store.put('access/decisions/other.json', new TextEncoder().encode(text));
    expect(await logOf('registry-1').load()).toEqual([decisionOf(1)]);
  });

  it('are forgotten with the process that wrote them last', async () => {
    await logOf('registry-1').save([decisionOf(1)]);
    await logOf('registry-2').forgetBefore(Date.now() - 60_000);
    expect(await keys()).toHaveLength(1);
    await logOf('registry-2').forgetBefore(Date.now() + 60_000);
    expect(await keys()).toEqual([]);
  });
});
