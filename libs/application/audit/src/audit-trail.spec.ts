import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditBatches } from '#adapters/audit-store';
import { FsObjectStore } from '#adapters/object-store-fs';
import type { AuditEntry, ChainHead } from '#domain/audit';
import { DomainError } from '#domain/errors';
import { ManualClock } from '#testing';
import { AuditTrail, audited, entriesChain, type ListedEntry, listAudit, type NewEntry, verifyAudit } from './index.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const denied = (who: string, resource: string): NewEntry => ({
  kind: 'denied',
  principal: { kind: 'user', id: who, credential: 'token' },
  action: 'model.update',
  resource,
});
const change = (detail: string): NewEntry => ({ kind: 'change', action: 'key.create', detail });
const UNAVAILABLE = { code: 'STORE_UNAVAILABLE' };

/** How the store is: `lossy` does what it is asked for, and does not say so. */
type StoreState = 'up' | 'down' | 'lossy';

let folder: string;
let files: FsObjectStore;
let clock: ManualClock;
let state: StoreState;
let told: { entries: AuditEntry[]; heads: ChainHead[]; failures: unknown[] };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  files = await FsObjectStore.open(folder);
  clock = new ManualClock();
  state = 'up';
  told = { entries: [], heads: [], failures: [] };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The folder, as it is reached in the state that it is in now. */
async function reached(): Promise<FsObjectStore> {
  if (state === 'down') throw new DomainError('STORE_UNAVAILABLE', 'down');
  return Object.create(files, {
    put: {
      value: async (...put: Parameters<FsObjectStore['put']>) => {
        const etag = await files.put(...put);
        if (state === 'lossy') throw new DomainError('STORE_UNAVAILABLE', 'the answer was lost');
        return etag;
      },
    },
    get: { value: files.get.bind(files) },
    head: { value: files.head.bind(files) },
  }) as FsObjectStore;
}

let processes = 0;
function openTrail(program = 'registry'): AuditTrail {
  processes += 1;
  return new AuditTrail({
    store: auditBatches(reached),
    sha256,
    nowMs: clock.nowMs,
    after: clock.after,
    program,
    process: `process-${processes}`,
    events: {
      onEntries: (entries) => told.entries.push(...entries),
      onWritten: (head) => told.heads.push(head),
      onFailure: (error) => told.failures.push(error),
    },
  });
}

const chain = () => entriesChain(auditBatches(async () => files));
const verify = () => verifyAudit([chain()], { sha256, expected: [], onProgress: () => {} });
const list = async (query = {}): Promise<readonly ListedEntry[]> => listAudit([chain()], { limit: 10_000, ...query });
/** Files are written outside of the manual clock. */
const written = (trail: AuditTrail) => trail.flush();

describe('what is noted', () => {
  it('is written within a second, at once for all that came', async () => {
    const trail = openTrail();
    trail.note(denied('ada', 'model vision/digits'));
    trail.note({ kind: 'login', principal: { kind: 'user', id: 'ada', credential: 'token' } });
    expect(told.entries).toEqual([]);
    await clock.advance(1000);
    await trail.flush();
    expect(told.entries).toHaveLength(2);
    expect(told.heads).toHaveLength(1);
    expect(await list()).toMatchObject([
      { kind: 'login', program: 'registry', key: 'audit/000000000001.jsonl' },
      { kind: 'denied', action: 'model.update', resource: 'model vision/digits', at: '1970-01-01T00:00:00.000Z' },
    ]);
  });

  it('is counted when it is the same again', async () => {
    const trail = openTrail();
    for (let at = 0; at < 1000; at += 1) trail.note(denied('ada', `model vision/${at % 2}`));
    await written(trail);
    expect((await list()).map(({ resource, count }) => [resource, count])).toEqual([
      ['model vision/1', 500],
      ['model vision/0', 500],
    ]);
  });

  it('may come with how often it has happened, which is counted with the others', async () => {
    const trail = openTrail();
    trail.note({ ...denied('ada', 'model a/b'), count: 7, lastAt: '1970-01-01T00:00:09.000Z' });
    await written(trail);
    trail.note(denied('ada', 'model a/b'));
    trail.note({ ...denied('ada', 'model a/b'), count: 7, lastAt: '1970-01-01T00:00:09.000Z' });
    await written(trail);
    const lastAt = '1970-01-01T00:00:09.000Z';
    expect(await list()).toMatchObject([
      { count: 8, lastAt },
      { count: 7, lastAt },
    ]);
  });

  it('is bounded for one who causes ever new denials, and for many who do, and nobody goes uncounted', async () => {
    const trail = openTrail();
    for (let at = 0; at < 10_000; at += 1) trail.note(denied('mallory', `model vision/${at}`));
    trail.note(denied('ada', 'model vision/digits'));
    for (let at = 0; at < 10_000; at += 1) trail.note({ kind: 'refused', detail: `${at} ${'x'.repeat(10_000)}` });
    for (let at = 0; at < 20_000; at += 1) trail.note(denied(`user-${at}`, 'model vision/digits'));
    trail.note(change('a rollout goes on'));
    await written(trail);
    const entries = await list();
    expect(entries.length).toBeLessThan(5200);
    expect(entries.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(40_002);
    const of = (who: string) => entries.filter(({ principal }) => principal?.id === who);
    expect(of('mallory')).toHaveLength(201);
    expect(of('mallory').find(({ resource }) => resource === undefined)).toMatchObject({ count: 9800 });
    expect(of('ada')).toHaveLength(1);
    expect(entries.filter(({ kind }) => kind === 'change')).toHaveLength(1);
    expect((await verify()).problems).toEqual([]);
  });

  it('waits while the store is down, and is written when it is there again, once', async () => {
    const trail = openTrail();
    state = 'down';
    trail.note(denied('ada', 'model vision/digits'));
    await clock.advance(1000);
    trail.note(denied('ada', 'model vision/words'));
    await clock.advance(60_000);
    expect(told.failures.length).toBeGreaterThan(2);
    expect(told.failures.length).toBeLessThan(10);
    state = 'up';
    await written(trail);
    expect(await list()).toHaveLength(2);
    expect(told.entries).toHaveLength(2);
  });

  it('is written once when the store did not say that it had it', async () => {
    const trail = openTrail();
    state = 'lossy';
    trail.note(denied('ada', 'model vision/digits'));
    await written(trail);
    expect(told.failures).toHaveLength(1);
    state = 'up';
    trail.note(denied('ada', 'model vision/words'));
    await written(trail);
    expect((await list()).map(({ resource }) => resource)).toEqual(['model vision/words', 'model vision/digits']);
    expect((await verify()).chains).toMatchObject([{ batches: 2, entries: 2 }]);
  });

  it('is written at the end, and nothing after it', async () => {
    const trail = openTrail();
    trail.note(denied('ada', 'model vision/digits'));
    await trail.close(5000);
    trail.note(denied('ada', 'model vision/words'));
    await trail.close(5000);
    expect(await list()).toHaveLength(1);
    expect(clock.timerCount).toBe(0);
  });
});

describe('what is appended', () => {
  it('is durable when that is said', async () => {
    const trail = openTrail();
    await trail.append(change('one'));
    expect(await list()).toMatchObject([{ kind: 'change', detail: 'one' }]);
    await Promise.all(Array.from({ length: 50 }, (_, at) => trail.append(change(`of many ${at}`))));
    expect(told.heads).toHaveLength(2);
    expect(await list()).toHaveLength(51);
  });

  it('fails while the store is down, and what it was for is not done', async () => {
    const trail = openTrail();
    state = 'down';
    let isDone = false;
    const making = audited(trail, change('a key'), async () => {
      isDone = true;
    });
    await expect(making).rejects.toMatchObject(UNAVAILABLE);
    expect(isDone).toBe(false);
    state = 'up';
    await expect(audited(trail, change('a key'), async () => 'made')).resolves.toBe('made');
    await written(trail);
    const details = (await list()).map(({ detail }) => detail);
    expect(details.filter((detail) => detail === 'a key').length).toBeGreaterThan(0);
    expect(details.filter((detail) => detail?.startsWith('was not done'))).toHaveLength(1);
  });

  it('is followed by the failure of what it was for', async () => {
    const trail = openTrail();
    const failing = audited(trail, change('a key'), () => Promise.reject(new DomainError('API_KEYS_FULL', 'full')));
    await expect(failing).rejects.toMatchObject({ code: 'API_KEYS_FULL' });
    await written(trail);
    expect((await list()).map(({ detail }) => detail)).toEqual(['failed: API_KEYS_FULL: full', 'a key']);
  });
});

describe('several programs that write at the same time', () => {
  it('make one chain, in which everything is', async () => {
    const trails = Array.from({ length: 4 }, (_, at) => openTrail(`program-${at}`));
    const appends = Array.from({ length: 100 }, async (_, at) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      const trail = trails[at % 4];
      trail?.note(denied('ada', `model vision/${at}`));
      await trail?.append(change(`number ${at}`));
    });
    await Promise.all(appends);
    await Promise.all(trails.map(written));
    const { problems, chains } = await verify();
    expect(problems).toEqual([]);
    expect(chains).toMatchObject([{ entries: 200, chainedFrom: 1 }]);
    expect(new Set((await list()).map(({ detail, resource }) => detail ?? resource)).size).toBe(200);
  });

  it('go on behind what others left, after a restart', async () => {
    for (let run = 0; run < 20; run += 1) await openTrail().append(change(`run ${run}`));
    expect((await verify()).chains).toMatchObject([{ batches: 20, entries: 20 }]);
  });
});

describe('a list', () => {
  beforeEach(async () => {
    const trail = openTrail();
    for (const [at, name] of ['ada', 'bob', 'ada', 'eve'].entries()) {
      trail.note(denied(name, `model vision/${at}`));
      trail.note({
        ...change(`key ${at}`),
        principal: { kind: 'user', id: name, credential: 'token' },
        id: `same ${at % 3}`,
      });
      await written(trail);
      await clock.advance(60_000);
    }
  });
  const times = async (query: object) => (await list(query)).map(({ at }) => at.slice(14, 16));

  it('is of one principal, of some actions, of denials, of a time', async () => {
    expect(await times({ principal: 'ada' })).toEqual(['02', '02', '00', '00']);
    expect(await times({ action: 'model.*' })).toEqual(['03', '02', '01', '00']);
    expect(await times({ action: 'key.create', principal: 'eve' })).toEqual(['03']);
    expect(await times({ isDenied: true, since: '1970-01-01T00:02:00.000Z' })).toEqual(['03', '02']);
    expect(await times({ isDenied: true, until: '1970-01-01T00:02:00.000Z' })).toEqual(['01', '00']);
    expect(await times({ isDenied: true, limit: 1 })).toEqual(['03']);
  });

  it('tells what was written again once', async () => {
    expect((await list({ action: 'key.create' })).map(({ id }) => id)).toEqual(['same 0', 'same 2', 'same 1']);
  });
});
