import fc from 'fast-check';
import {
  ACTION_NAMES,
  ACTIONS,
  type ActionName,
  type AttributeTest,
  BUILT_IN_ROLES,
  type Comparand,
  CREDENTIALS,
  type EnvironmentTest,
  type Grant,
  type KeyScope,
  type Policy,
  type Principal,
  RESOURCE_ATTRIBUTES,
  type Resource,
  type ResourceKind,
  type RuleSubject,
  resolvePolicies,
  resource,
} from '#domain/access';

/** Few names, so that policies and resources meet. */
const NAMES = ['ada', 'bob', 'vision', 'speech'] as const;
const STAGES = ['development', 'staging', 'production'] as const;
const TARGETS = ['cpu', 'cuda', 'ascend'] as const;
const NETWORKS = ['10.0.0.0/8', '192.168.1.0/24', 'fd00::/8'] as const;
export const ADDRESSES = ['10.1.2.3', '192.168.1.9', 'fd00::1', '8.8.8.8', undefined] as const;
/** A Monday, 10:00 and 22:00 UTC. */
export const TIMES = [Date.parse('2026-11-30T10:00:00Z'), Date.parse('2026-11-30T22:00:00Z')] as const;

const name = fc.constantFrom(...NAMES);
/** Half of them are not there. */
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });

/** A principal with or without groups, attributes and a key. */
export const principals: fc.Arbitrary<Principal> = fc
  .record({
    kind: fc.constantFrom('user', 'workload', 'anonymous'),
    id: name,
    groups: fc.uniqueArray(name, { maxLength: 2 }),
    team: fc.uniqueArray(name, { maxLength: 2 }),
    credential: fc.constantFrom(...CREDENTIALS),
    scope: optional(
      fc.record({
        actions: fc.uniqueArray(fc.constantFrom(...ACTION_NAMES), { minLength: 5 }),
        namespaces: optional(fc.uniqueArray(name, { maxLength: 3 })),
      }),
    ),
  })
  .map(({ kind, team, scope, ...rest }) => {
    const { namespaces, actions = [] } = scope ?? {};
    const key: KeyScope = { keyId: 'key', actions, ...(namespaces === undefined ? {} : { namespaces }) };
    const attributes: Record<string, readonly string[]> = team.length === 0 ? {} : { team };
    return { ...rest, kind, attributes, ...(scope === undefined ? {} : { scope: key }) };
  });

const valuesFor: Readonly<Record<string, fc.Arbitrary<string | number>>> = {
  stage: fc.constantFrom(...STAGES),
  target: fc.constantFrom(...TARGETS),
  version: fc.integer({ min: 1, max: 4 }),
};

/** A resource of a kind, with some of the attributes that such a one can have. */
export function resourcesOf(kind: ResourceKind): fc.Arbitrary<Resource> {
  const { attributes, maps }: { readonly attributes: readonly string[]; readonly maps: readonly string[] } =
    RESOURCE_ATTRIBUTES[kind];
  const fields = attributes.map((attribute): [string, fc.Arbitrary<string | number | string[] | undefined>] => {
    if (attribute === 'target') return [attribute, fc.uniqueArray(fc.constantFrom(...TARGETS), { maxLength: 2 })];
    const value = valuesFor[attribute] ?? name;
    return [attribute, attribute === 'owner' ? optional(value) : value];
  });
  const labels = maps.length === 0 ? fc.constant({}) : fc.dictionary(fc.constantFrom('tier', 'team.region'), name);
  return fc.tuple(fc.record(Object.fromEntries(fields)), labels).map(([own, label]) => resource(kind, own, label));
}

const comparands = (attribute: string): fc.Arbitrary<Comparand> =>
  fc.oneof(
    { weight: 4, arbitrary: valuesFor[attribute] ?? name },
    {
      weight: 1,
      arbitrary: fc.constantFrom('id', 'groups', 'attributes.team', 'attributes.none').map((principal) => ({
        principal,
      })),
    },
  );

const attributes = ['namespace', 'model', 'owner', 'stage', 'target', 'version', 'labels.tier', 'labels.team.region'];

const tests: fc.Arbitrary<AttributeTest> = fc.constantFrom(...attributes).chain((attribute) =>
  fc.oneof(
    fc.record({
      attribute: fc.constant(attribute),
      operator: fc.constantFrom('in' as const, 'notIn' as const),
      values: fc.array(comparands(attribute), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      attribute: fc.constant(attribute),
      operator: fc.constant('startsWith' as const),
      prefix: fc.constantFrom('a', 'vi', 'speech', 'z'),
    }),
    fc.record({
      attribute: fc.constant(attribute),
      operator: fc.constantFrom('atLeast' as const, 'atMost' as const),
      bound: fc.integer({ min: 0, max: 5 }),
    }),
    fc.record({
      attribute: fc.constant(attribute),
      operator: fc.constant('exists' as const),
      isWanted: fc.boolean(),
    }),
  ),
);

const circumstances: fc.Arbitrary<EnvironmentTest> = fc.boolean().chain((isNegated) =>
  fc.oneof(
    fc.record({
      isNegated: fc.constant(isNegated),
      kind: fc.constant('network' as const),
      networks: fc.uniqueArray(fc.constantFrom(...NETWORKS), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({
      isNegated: fc.constant(isNegated),
      kind: fc.constant('credential' as const),
      credentials: fc.uniqueArray(fc.constantFrom(...CREDENTIALS), { minLength: 1, maxLength: 2 }),
    }),
    fc.constant({
      isNegated,
      kind: 'time' as const,
      windows: [{ kind: 'weekly' as const, days: ['mon' as const], fromMinute: 480, toMinute: 1080, timeZone: 'UTC' }],
    }),
  ),
);

const subjects: fc.Arbitrary<RuleSubject> = fc.oneof(
  fc.record({ kind: fc.constantFrom('user' as const, 'workload' as const, 'group' as const), name }),
  fc.constantFrom<RuleSubject>({ kind: 'authenticated' }, { kind: 'everyone' }),
);

/** Actions by name and by pattern; those that have fields more often. */
const actionPatterns = fc.oneof(
  fc.constantFrom(...ACTION_NAMES),
  fc.constantFrom<string>('model.read', 'version.read', 'model.*', 'version.*', 'deployment.*', '*'),
);

const grants: fc.Arbitrary<Grant> = fc
  .record({
    actions: fc.uniqueArray(actionPatterns, { minLength: 1, maxLength: 3 }),
    fields: optional(fc.uniqueArray(fc.constantFrom('metrics', 'labels', 'owner'), { minLength: 1, maxLength: 2 })),
    where: fc.array(tests, { maxLength: 2 }),
  })
  .map(({ fields, ...rest }) => fitting(fields === undefined ? rest : { ...rest, fields }));

/** A grant without what does not go with its actions. */
function fitting(grant: Grant): Grant {
  const isFitting = (candidate: Grant) => {
    const rule = { ...candidate, name: 'rule', effect: 'allow' as const, subjects: [], when: [] };
    return resolvePolicies([{ name: 'policy', roles: [], bindings: [], rules: [rule] }]).kind === 'resolved';
  };
  if (isFitting(grant)) return grant;
  const { actions, where } = grant;
  return { actions, where: where.filter((test) => isFitting({ actions, where: [test] })).slice(0, 1) };
}

const when = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(circumstances, { maxLength: 2 }) },
);

/** Policies, all of which can be resolved. */
export const policies: fc.Arbitrary<Policy> = fc
  .record({
    name: fc.constant('random'),
    roles: fc
      .array(
        fc.record({
          extends: fc.uniqueArray(fc.constantFrom('viewer', 'invoker'), { maxLength: 1 }),
          grants: fc.array(grants, { maxLength: 2 }),
        }),
        { maxLength: 2 },
      )
      .map((roles) => roles.map((role, index) => ({ ...role, name: `own-${index}` }))),
    bindings: fc.array(
      fc
        .record({
          role: fc.constantFrom(...BUILT_IN_ROLES.map((role) => role.name), 'own-0'),
          subjects: fc.array(subjects, { minLength: 1, maxLength: 2 }),
          namespaces: optional(fc.uniqueArray(name, { minLength: 1, maxLength: 2 })),
          when,
        })
        .map(({ namespaces, ...rest }) => (namespaces === undefined ? rest : { ...rest, namespaces })),
      { maxLength: 3 },
    ),
    rules: fc
      .array(
        fc
          .tuple(
            grants,
            fc.record({
              effect: fc.constantFrom('allow' as const, 'deny' as const),
              subjects: fc.array(subjects, { minLength: 1, maxLength: 2 }),
              when,
            }),
          )
          .map(([grant, rest]) => ({ ...grant, ...rest })),
        { maxLength: 4 },
      )
      .map((rules) => rules.map((rule, index) => ({ ...rule, name: `rule-${index}` }))),
  })
  .map(({ bindings, ...rest }) => ({
    ...rest,
    bindings: bindings.filter(({ role }) => role !== 'own-0' || rest.roles.length > 0),
  }));

/** Something asked of a resource, as a whole or of a field. */
export const questions: fc.Arbitrary<{
  readonly action: ActionName;
  readonly resource: Resource;
  readonly field: string | undefined;
}> = fc
  .oneof(fc.constantFrom(...ACTION_NAMES), fc.constantFrom<ActionName>('version.read', 'model.update'))
  .chain((action) => {
    const { resource: kind, fields = [] }: { resource: ResourceKind; fields?: readonly string[] } = ACTIONS[action];
    return fc.record({
      action: fc.constant(action),
      resource: resourcesOf(kind),
      field: fc.constantFrom(undefined, ...fields),
    });
  });
