import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compilePolicies } from '#adapters/casl';
import { FsObjectStore } from '#adapters/object-store-fs';
import { ObjectStoreJournal } from '#adapters/rollout-journal';
import { Caller } from '#application/access';
import type { Registry } from '#application/registry';
import type { JournalEntry } from '#application/rollout';
import type { ActionName, Principal, Rule } from '#domain/access';
import { NamedResources } from './named-resources.ts';
import { RolloutJournals } from './rollout-journals.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-named-'));
let resources: NamedResources;
beforeAll(async () => {
  const journal = new ObjectStoreJournal(await FsObjectStore.open(folder));
  await journal.takeOver(1);
  const entry = { namespace: 'vision', name: 'digits', state: {}, desired: { spec: { model: 'numbers' } }, events: [] };
  await journal.save(entry as unknown as JournalEntry, undefined);
  // A deployment is none of the registry's records.
  resources = new NamedResources({} as Registry, new RolloutJournals(journal));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Somebody who may do some actions in some namespace. */
function callerWho(namespace: string, ...actions: ActionName[]): Caller {
  const principal: Principal = { kind: 'user', id: 'ada', groups: [], attributes: {}, credential: 'token' };
  const where = [{ attribute: 'namespace', operator: 'in' as const, values: [namespace] }];
  const rule: Rule = { id: 'rule', effect: 'allow', subjects: [{ kind: 'everyone' }], actions, where, when: [] };
  const circumstances = { nowMs: 0, address: undefined };
  const ability = compilePolicies([rule]).abilityOf(principal, circumstances);
  return new Caller(principal, ability, { circumstances, onDenied: () => {} });
}

it('a deployment is found with its attributes by who sees it, or may do to it what they ask about', async () => {
  for (const caller of [callerWho('vision', 'deployment.read'), callerWho('vision', 'deployment.infer')]) {
    const { kind, attributes } = await resources.find('deployment.infer', 'vision/digits', caller);
    expect([kind, Object.fromEntries(attributes)]).toEqual([
      'deployment',
      { namespace: 'vision', deployment: 'digits', model: 'numbers' },
    ]);
  }
});

it('a deployment that one may not see is not found, in the words of one that is not there', async () => {
  const reason = async (caller: Caller, name: string) => {
    const error = await resources.find('deployment.abort', name, caller).catch((thrown: Error) => thrown);
    return (error as Error).message.replace(name, 'it');
  };
  const stranger = callerWho('speech', 'deployment.read', 'deployment.abort');
  expect(await reason(stranger, 'vision/digits')).toBe('there is no deployment it');
  expect(await reason(stranger, 'speech/none')).toBe('there is no deployment it');
  expect(await reason(callerWho('vision', 'deployment.infer'), 'vision/digits')).toBe('there is no deployment it');
});
