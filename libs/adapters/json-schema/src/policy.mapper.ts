import type {
  Allowance,
  AttributeTest,
  Binding,
  Comparand,
  EnvironmentTest,
  Grant,
  Policy,
  PolicyLimit,
  PolicyRule,
  RuleSubject,
} from '#domain/access';
import type * as wire from '#generated/policy';
import { toTimeWindow } from './time-window.mapper.ts';

const PERIODS_MS: Readonly<Record<wire.Allowance['per'], number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};
const EVERYONE: readonly RuleSubject[] = [{ kind: 'everyone' }];

/** A valid policy in the domain's words. */
export function toPolicy({ metadata, spec }: wire.PolicyDocument): Policy {
  const { roles = [], bindings = [], rules = [], limits } = spec;
  return {
    name: metadata.name,
    roles: roles.map(({ name, extends: bases = [], allow = [] }) => ({
      name,
      extends: bases,
      grants: allow.map(toGrant),
    })),
    bindings: bindings.map(toBinding),
    rules: rules.map(toRule),
    ...(limits === undefined ? {} : { limits: limits.map(toLimit) }),
  };
}

function toGrant({ actions, fields, where }: wire.Grant): Grant {
  return { actions, ...(fields === undefined ? {} : { fields }), where: toTests(where) };
}

function toBinding({ role, subjects, namespaces, when }: wire.Binding): Binding {
  return {
    role,
    subjects: subjects.map(toSubject),
    ...(namespaces === undefined ? {} : { namespaces }),
    when: toCircumstances(when),
  };
}

function toRule({ name, effect, subjects, when, ...grant }: wire.Rule): PolicyRule {
  return {
    ...toGrant(grant),
    name,
    effect,
    subjects: subjects?.map(toSubject) ?? EVERYONE,
    when: toCircumstances(when),
  };
}

function toLimit({ name, subjects, where, shared = false, requests, bytes, concurrent }: wire.Limit): PolicyLimit {
  return {
    name,
    subjects: subjects?.map(toSubject) ?? EVERYONE,
    where: toTests(where),
    isShared: shared,
    ...(requests === undefined ? {} : { requests: toAllowance(requests) }),
    ...(bytes === undefined ? {} : { bytes: toAllowance(bytes) }),
    ...(concurrent === undefined ? {} : { concurrent }),
  };
}

function toAllowance({ count, per }: wire.Allowance): Allowance {
  return { count, periodMs: PERIODS_MS[per] };
}

function toSubject(subject: wire.Subject): RuleSubject {
  if ('user' in subject) return { kind: 'user', name: subject.user };
  if ('workload' in subject) return { kind: 'workload', name: subject.workload };
  if ('group' in subject) return { kind: 'group', name: subject.group };
  return { kind: 'authenticated' in subject ? 'authenticated' : 'everyone' };
}

function toTests(where: wire.Where = {}): AttributeTest[] {
  return Object.entries(where).map(([attribute, test]) => toTest(attribute, test));
}

function toTest(attribute: string, test: wire.AttributeTest): AttributeTest {
  if (typeof test !== 'object' || Array.isArray(test) || 'principal' in test) {
    return { attribute, operator: 'in', values: toValues(test) };
  }
  if ('not' in test) return { attribute, operator: 'notIn', values: toValues(test.not) };
  if ('startsWith' in test) return { attribute, operator: 'startsWith', prefix: test.startsWith };
  if ('atLeast' in test) return { attribute, operator: 'atLeast', bound: test.atLeast };
  if ('atMost' in test) return { attribute, operator: 'atMost', bound: test.atMost };
  return { attribute, operator: 'exists', isWanted: test.exists };
}

function toValues(values: wire.Comparand | readonly wire.Comparand[]): readonly Comparand[] {
  return typeof values === 'object' && !('principal' in values) ? values : [values];
}

function toCircumstances({ time, network, credential }: wire.When = {}): EnvironmentTest[] {
  const tests: EnvironmentTest[] = [];
  if (time !== undefined) {
    const { isNegated, values } = sideOf(time);
    tests.push({ kind: 'time', isNegated, windows: values.map(toTimeWindow) });
  }
  if (network !== undefined) {
    const { isNegated, values } = sideOf(network);
    tests.push({ kind: 'network', isNegated, networks: values });
  }
  if (credential !== undefined) {
    const { isNegated, values } = sideOf(credential);
    tests.push({ kind: 'credential', isNegated, credentials: values });
  }
  return tests;
}

function sideOf<Value>(test: { readonly in: readonly Value[] } | { readonly notIn: readonly Value[] }) {
  return 'in' in test ? { isNegated: false, values: test.in } : { isNegated: true, values: test.notIn };
}
