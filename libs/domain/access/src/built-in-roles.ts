import type { Role } from './policy.ts';
import type { Rule } from './rule.ts';

/** The roles that need no policy to be there. None of them can be redefined. */
export const BUILT_IN_ROLES: readonly Role[] = [
  {
    name: 'viewer',
    extends: [],
    grants: allow('namespace.read', 'model.read', 'version.read', 'deployment.read', 'deployment.describe'),
  },
  {
    name: 'publisher',
    extends: ['viewer'],
    grants: allow(
      'model.create',
      'model.update',
      'version.create',
      'version.download',
      'version.annotate',
      'version.sign',
      'version.deprecate',
      'version.withdraw',
      'alias.*',
      'stage.request',
    ),
  },
  {
    name: 'deployer',
    extends: ['viewer'],
    grants: allow('deployment.promote', 'deployment.skip', 'deployment.abort', 'deployment.retry', 'version.download'),
  },
  { name: 'approver', extends: ['viewer'], grants: allow('stage.*', 'version.sign') },
  { name: 'invoker', extends: [], grants: allow('deployment.infer', 'deployment.describe') },
  { name: 'admin', extends: [], grants: allow('*') },
];

/** What holds without a policy: a key can do no more than its owner, so that whoever has a name may make some. */
export const BUILT_IN_RULES: readonly Rule[] = [
  {
    id: 'built-in: own keys',
    effect: 'allow',
    subjects: [{ kind: 'authenticated' }],
    actions: ['key.create'],
    where: [],
    when: [],
  },
];

function allow(...actions: readonly string[]) {
  return [{ actions, where: [] }];
}
