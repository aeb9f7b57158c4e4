import type { ResourceKind } from './resource.ts';

/** One thing that can be done. */
export interface ActionMeaning {
  readonly resource: ResourceKind;
  readonly meaning: string;
  /** Parts that can be allowed and denied by themselves: what is read, or what is changed. */
  readonly fields?: readonly string[];
}

/** All that can be done, by every interface. An operation without an entry here cannot be offered. */
export const ACTIONS = {
  'namespace.read': { resource: 'namespace', meaning: 'See a namespace.' },
  'namespace.create': { resource: 'namespace', meaning: 'Create a namespace.' },
  'namespace.update': {
    resource: 'namespace',
    meaning: 'Change a namespace.',
    fields: ['description', 'owner', 'labels', 'approvalStages'],
  },
  'model.read': { resource: 'model', meaning: 'See a model and its aliases.' },
  'model.create': { resource: 'model', meaning: 'Create a model.' },
  'model.update': {
    resource: 'model',
    meaning: 'Change a model.',
    fields: ['description', 'owner', 'card', 'labels'],
  },
  'alias.set': { resource: 'version', meaning: 'Point an alias at a version.' },
  'alias.delete': { resource: 'model', meaning: 'Remove an alias of a model.' },
  'version.read': {
    resource: 'version',
    meaning: 'See a version.',
    fields: ['metrics', 'parameters', 'annotations', 'trainingData'],
  },
  'version.download': { resource: 'version', meaning: 'Get the bytes of a version.' },
  'version.create': { resource: 'model', meaning: 'Register a version of a model.' },
  'version.annotate': { resource: 'version', meaning: 'Annotate a version.' },
  'version.sign': { resource: 'version', meaning: 'Attach a signature to a version.' },
  'version.deprecate': { resource: 'version', meaning: 'Deprecate a version, or take that back.' },
  'version.withdraw': { resource: 'version', meaning: 'Withdraw a version, or take that back.' },
  'stage.request': { resource: 'version', meaning: 'Ask for another stage of a version.' },
  'stage.decide': { resource: 'version', meaning: 'Approve or reject the stage that was asked for.' },
  'deployment.read': { resource: 'deployment', meaning: 'See a deployment, its rollouts and statistics.' },
  'deployment.promote': { resource: 'deployment', meaning: 'Take a candidate over its present step.' },
  'deployment.skip': { resource: 'deployment', meaning: 'End a step of a rollout without what it waits for.' },
  'deployment.abort': { resource: 'deployment', meaning: 'Roll a candidate back.' },
  'deployment.retry': { resource: 'deployment', meaning: 'Try again what was rolled back.' },
  'deployment.describe': { resource: 'deployment', meaning: 'See inputs, outputs and readiness of what is served.' },
  'deployment.infer': { resource: 'deployment', meaning: 'Ask a served model.' },
  'gateway.attach': { resource: 'server', meaning: 'Take routes as a gateway, and report on them.' },
  'key.create': { resource: 'server', meaning: 'Make API keys for oneself.' },
  'key.administer': {
    resource: 'server',
    meaning: 'See and revoke the API keys of everybody, and make them for workloads.',
  },
  'policy.read': { resource: 'server', meaning: 'See the policies, and ask what others may do.' },
  'audit.read': { resource: 'server', meaning: 'Read and verify the audit log.' },
  'garbage.collect': { resource: 'server', meaning: 'Remove bytes that nothing refers to.' },
  'metrics.read': { resource: 'server', meaning: 'Read the metrics of a program.' },
  'settings.read': {
    resource: 'server',
    meaning: 'See the settings of a gateway, what plugins run, and what gateways can run models with.',
  },
} as const satisfies Record<string, ActionMeaning>;

/** The name of something that can be done. */
export type ActionName = keyof typeof ACTIONS;

export const ACTION_NAMES = Object.keys(ACTIONS) as readonly ActionName[];

/** The kind of resource that an action is done to. */
export function resourceKindOf(action: ActionName): ResourceKind {
  return ACTIONS[action].resource;
}

/** The fields of an action; none when it has no parts. */
export function fieldsOfAction(action: ActionName): readonly string[] {
  const { fields = [] }: ActionMeaning = ACTIONS[action];
  return fields;
}

/** The actions that a pattern names: one by its name, those of a noun as `version.*`, all as `*`. None when it is no pattern. */
export function actionsMatching(pattern: string): readonly ActionName[] {
  if (pattern === '*') return ACTION_NAMES;
  if (!pattern.endsWith('.*')) return ACTION_NAMES.filter((name) => name === pattern);
  const noun = pattern.slice(0, -1);
  return ACTION_NAMES.filter((name) => name.startsWith(noun));
}
