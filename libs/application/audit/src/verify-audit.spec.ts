import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditBatches, registryLogChain } from '#adapters/audit-store';
import { JsonRecordCodec } from '#adapters/json-schema';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { SqliteRegistryIndex } from '#adapters/registry-index-sqlite';
import { ANONYMOUS, type ModelName, type Namespace } from '#domain/registry';
import { openTestRegistry } from '#testing';
import { AuditTrail, type ExpectedHead, entriesChain, verifyAudit } from './index.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const namespace = 'default' as Namespace;
const codec = new JsonRecordCodec();

let folder: string;
let store: FsObjectStore;
/** What both logs hold, before anybody lays hands on it. */
const kept = new Map<string, Buffer>();
const namesIn = (log: 'audit' | 'log') => [...kept.keys()].filter((name) => name.startsWith(`${log}/`)).sort();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  store = await FsObjectStore.open(folder);
  const registries = await Promise.all([openTestRegistry(store), openTestRegistry(store)]);
  const trail = new AuditTrail({
    store: auditBatches(async () => store),
    sha256,
    nowMs: () => Date.now(),
    after: () => () => {},
    program: 'registry',
    process: 'one',
    events: { onEntries: () => {}, onWritten: () => {}, onFailure: () => {} },
  });
  for (let at = 0; at < 12; at += 1) {
    const model = `model-${at}` as ModelName;
    await registries[at % 2]?.models.create(namespace, model, { labels: { at: String(at) } }, { actor: ANONYMOUS });
    trail.note({ kind: 'denied', action: 'model.update', resource: `model default/${model}` });
    await trail.append({ kind: 'change', action: 'key.create', detail: `key ${at}` });
  }
  await trail.flush();
  for (const log of ['audit', 'log']) {
    for (const name of readdirSync(join(folder, log)))
      kept.set(`${log}/${name}`, readFileSync(join(folder, log, name)));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  for (const log of ['audit', 'log']) {
    for (const name of readdirSync(join(folder, log))) rmSync(join(folder, log, name));
  }
  for (const [name, bytes] of kept) writeFileSync(join(folder, name), bytes);
});

function verify(expected: readonly ExpectedHead[] = []) {
  const open = async () => store;
  const chains = [entriesChain(auditBatches(open)), registryLogChain(open, codec)];
  return verifyAudit(chains, { sha256, expected, onProgress: () => {} });
}

const problemsOf = async (expected?: readonly ExpectedHead[]) =>
  (await verify(expected)).problems.map(({ key, message }) => `${key} ${message}`);
const rewrite = (name: string, change: (text: string) => string) =>
  writeFileSync(join(folder, name), change(readFileSync(join(folder, name), 'utf8')));

describe('a verification', () => {
  it('finds nothing where nothing was done, and tells the heads', async () => {
    const { chains, problems } = await verify();
    expect(problems).toEqual([]);
    expect(chains).toMatchObject([
      { prefix: 'audit/', batches: 13, entries: 24, chainedFrom: 1, head: { sequence: 13 } },
      { prefix: 'log/', batches: 13, entries: 13, chainedFrom: 1, head: { sequence: 13 } },
    ]);
    for (const { prefix, head } of chains) {
      const [last = ''] = namesIn(prefix === 'log/' ? 'log' : 'audit').slice(-1);
      expect(head.sha256).toBe(sha256(kept.get(last) ?? Buffer.of()));
    }
  });

  it.each(['audit', 'log'] as const)('finds each object of %s that was taken out, but for the last', async (log) => {
    for (const name of namesIn(log).slice(0, -1)) {
      rmSync(join(folder, name));
      expect(await problemsOf(), name).toContain(`${name} is missing`);
      writeFileSync(join(folder, name), kept.get(name) ?? '');
    }
  });

  it.each(['audit', 'log'] as const)('finds each object of %s that was edited, the last as well', async (log) => {
    for (const name of namesIn(log)) {
      const isLog = log === 'log';
      rewrite(name, (text) =>
        text.replace(isLog ? '"actor":"anonymous"' : '"kind":"change"', isLog ? '"actor":"eve"' : '"kind":"denied"'),
      );
      const found = await problemsOf();
      const isChanged = !readFileSync(join(folder, name)).equals(kept.get(name) ?? Buffer.of());
      if (isChanged) expect(found, name).toContain(`${name} was changed after it was written: its seal is another`);
      writeFileSync(join(folder, name), kept.get(name) ?? '');
    }
  });

  it('finds objects that were exchanged, put in, or do not belong there', async () => {
    const [first = '', second = '', third = ''] = namesIn('audit');
    renameSync(join(folder, second), join(folder, 'other'));
    renameSync(join(folder, third), join(folder, second));
    renameSync(join(folder, 'other'), join(folder, third));
    expect(await problemsOf()).toContain(`${second} says that it is batch 3: it was moved`);
    writeFileSync(join(folder, second), kept.get(second) ?? '');
    writeFileSync(join(folder, third), kept.get(third) ?? '');
    appendFileSync(join(folder, 'audit', '000000000014.jsonl'), kept.get(first) ?? '');
    writeFileSync(join(folder, 'audit', 'notes.txt'), 'hello');
    expect(await problemsOf()).toEqual([
      'audit/000000000014.jsonl says that it is batch 1: it was moved',
      'audit/000000000014.jsonl does not follow the batch before it: one of the two was changed, put in or exchanged',
      'audit/notes.txt does not belong here',
    ]);
  });

  it('finds an end that was cut off when a head was remembered, and one that was written anew', async () => {
    const { chains } = await verify();
    const heads = chains.map(({ prefix, head }) => ({ prefix, ...head }));
    for (const name of [...namesIn('audit').slice(-2), ...namesIn('log').slice(-2)]) rmSync(join(folder, name));
    expect(await problemsOf()).toEqual([]);
    expect(await problemsOf(heads)).toEqual([
      'audit/000000000013.jsonl was remembered and is gone: the log ends at 11, its end was cut off',
      'log/000000000013.json was remembered and is gone: the log ends at 11, its end was cut off',
    ]);
    // The registry itself goes on from where the log ends, and so does a new end that looks right.
    const registry = await openTestRegistry(store);
    for (const name of ['a', 'b'])
      await registry.models.create(namespace, name as ModelName, { labels: {} }, { actor: ANONYMOUS });
    expect(await problemsOf(heads)).toContain('log/000000000013.json is not the one that was remembered');
  });

  it('takes a log from before there was a chain, and finds what was changed once there was one', async () => {
    const unsealed = (text: string) =>
      text.replace(/"previousSha256":"[0-9a-f]*",/, '').replace(/,"sha256":"[0-9a-f]*"\}\n$/, '}\n');
    const names = namesIn('log');
    for (const name of names.slice(3)) rmSync(join(folder, name));
    for (const name of names.slice(0, 3)) rewrite(name, unsealed);
    expect(await problemsOf()).toEqual([]);
    const registry = await openTestRegistry(store);
    await registry.models.create(namespace, 'later' as ModelName, { labels: {} }, { actor: ANONYMOUS });
    const { chains, problems } = await verify();
    expect(problems).toEqual([]);
    expect(chains[1]).toMatchObject({ batches: 4, chainedFrom: 4 });
    rewrite(names[2] ?? '', (text) => text.replace('anonymous', 'eve'));
    expect((await problemsOf())[0]).toMatch(/^log\/000000000004.json does not follow the batch before it/);
    writeFileSync(join(folder, 'log', '000000000005.json'), unsealed(String(kept.get(names[4] ?? ''))));
    expect(await problemsOf()).toContain('log/000000000005.json has no seal: its end was cut off or changed');
  });
});

describe('a registry whose log was cut off behind its back', () => {
  it('writes nothing behind the hole', async () => {
    const indexPath = join(folder, 'index.db');
    const before = await openTestRegistry(store, { indexPath });
    (before.index as SqliteRegistryIndex).close();
    const [last = ''] = namesIn('log').slice(-1);
    rmSync(join(folder, last));
    const again = await openTestRegistry(store, { indexPath });
    const creating = again.models.create(namespace, 'more' as ModelName, { labels: {} }, { actor: ANONYMOUS });
    await expect(creating).rejects.toMatchObject({ code: 'AUDIT_LOG_BROKEN' });
    expect(again.index.model(namespace, 'model-3' as ModelName)).toBeDefined();
    expect(readdirSync(join(folder, 'log'))).toHaveLength(12);
  });
});
