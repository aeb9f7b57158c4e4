import type { ActionName } from './actions.ts';

/** What somebody must see to do something to it: to whoever does not see a thing, it is not there. */
const SEEN_FIRST: Partial<Record<ActionName, ActionName>> = {
  'namespace.update': 'namespace.read',
  'model.update': 'model.read',
  'alias.delete': 'model.read',
  'version.create': 'model.read',
  'alias.set': 'version.read',
  'version.annotate': 'version.read',
  'version.sign': 'version.read',
  'version.deprecate': 'version.read',
  'version.withdraw': 'version.read',
  'stage.request': 'version.read',
  'stage.decide': 'version.read',
};

/** The action that must be allowed on the same thing before; `undefined` where the action itself is all that counts. */
export function seenFirst(action: ActionName): ActionName | undefined {
  return SEEN_FIRST[action];
}
