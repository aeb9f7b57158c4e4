import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FsObjectStore } from '#adapters/object-store-fs';
import { ObjectStoreJournal } from '#adapters/rollout-journal';
import type { NewEntry } from '#application/audit';
import type { DeploymentEvent, JournalEntry } from '#application/rollout';
import { INITIAL_STATE } from '#domain/rollout';
import { AuditedJournal } from './audited-journal.ts';

const minuteMs = 60_000;
const nowMs = Date.parse('2026-11-30T01:00:00Z');
const event = (id: number, code: string, atMs = nowMs): DeploymentEvent => ({
  id,
  atMs,
  severity: 'info',
  code,
  message: `it was ${code}`,
  commit: 'abc',
});
const entryOf = (events: readonly DeploymentEvent[]): JournalEntry => ({
  namespace: 'default',
  name: 'digits',
  state: INITIAL_STATE,
  events,
  nextEventId: (events.at(-1)?.id ?? 0) + 1,
});

let folder: string;
let store: FsObjectStore;
let noted: NewEntry[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'audited-journal-'));
  store = await FsObjectStore.open(folder);
  noted = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () =>
  new AuditedJournal(new ObjectStoreJournal(store), { note: (entry) => noted.push(entry) }, () => nowMs);
const actions = () => noted.map(({ action }) => action);

describe('the journal of an audited controller', () => {
  it('tells of each event once, when it is in the journal', async () => {
    const journal = open();
    await journal.takeOver(1);
    const started = event(1, 'RolloutStarted');
    const tag = await journal.save(entryOf([started]), undefined);
    await journal.save(entryOf([started, event(2, 'StepEntered'), event(3, 'RolledBack')]), tag);
    expect(actions()).toEqual(['TermBegun', 'RolloutStarted', 'StepEntered', 'RolledBack']);
    expect(noted[3]).toEqual({
      at: '2026-11-30T01:00:00.000Z',
      kind: 'rollout',
      id: `rollout/default/digits#3@${nowMs}`,
      action: 'RolledBack',
      resource: 'deployment default/digits',
      detail: 'it was RolledBack (commit abc)',
    });
  });

  it('tells who gave a command, and of nobody where the controller acts by itself', async () => {
    const journal = open();
    await journal.takeOver(1);
    const ada = { kind: 'user', id: 'ada', credential: 'apiKey', keyId: 'k1' };
    const commanded = { ...event(1, 'Commanded'), actor: 'ada', principal: ada };
    await journal.save(entryOf([commanded, event(2, 'Promoted'), event(3, 'RolledBack')]), undefined);
    expect(noted.map(({ action, principal }) => [action, principal])).toEqual([
      ['TermBegun', undefined],
      ['Commanded', ada],
      ['Promoted', undefined],
      ['RolledBack', undefined],
    ]);
  });

  it('tells of nothing that the journal does not have', async () => {
    const journal = open();
    await journal.takeOver(1);
    await journal.save(entryOf([]), undefined);
    await expect(journal.save(entryOf([event(1, 'Promoted')]), 'another tag')).rejects.toThrow();
    expect(actions()).toEqual(['TermBegun']);
  });

  it('tells again, under the same id, what the leader before may have died with', async () => {
    const before = open();
    await before.takeOver(1);
    const events = [event(1, 'RolloutStarted', nowMs - 20 * minuteMs), event(2, 'Promoted', nowMs - minuteMs)];
    await before.save(entryOf(events), undefined);
    const [, , promoted] = noted;
    noted = [];
    const after = open();
    const [taken] = await after.takeOver(2);
    expect(actions()).toEqual(['TermBegun', 'Promoted']);
    expect(noted[1]).toEqual(promoted);
    await after.save(entryOf([...events, event(3, 'WrittenBack')]), taken?.etag);
    expect(actions()).toEqual(['TermBegun', 'Promoted', 'WrittenBack']);
  });

  it('tells of a deployment that goes, and of one of the same name that comes', async () => {
    const journal = open();
    await journal.takeOver(1);
    const tag = await journal.save(entryOf([event(1, 'Promoted')]), undefined);
    await journal.remove('default', 'digits', tag);
    await journal.save(entryOf([event(1, 'RolloutStarted')]), undefined);
    expect(actions()).toEqual(['TermBegun', 'Promoted', 'Removed', 'RolloutStarted']);
  });
});
