import { isIP } from 'node:net';
import type { AccessAnswer, Circumstances, DecisionChange, Outcome } from '#application/access';
import {
  ANONYMOUS_PRINCIPAL,
  CREDENTIALS,
  type Permission,
  type Principal,
  type PrincipalKind,
  principalInWords,
  resourceInWords,
  type Trial,
} from '#domain/access';
import { DomainError, shown } from '#domain/errors';
import type * as wire from '#generated/graphql';

const MAX_NAME = 256;

/** Somebody whom a question is about. @param field where they stand. @throws INPUT_INVALID */
export function principalFromWire(input: wire.PrincipalInput, field: string): Principal {
  const kind = input.kind.toLowerCase() as PrincipalKind;
  if (kind === 'anonymous') return ANONYMOUS_PRINCIPAL;
  const id = input.id ?? '';
  if (id.trim() === '' || id.length > MAX_NAME) {
    const message = `a ${kind} has a name of 1 to ${MAX_NAME} characters, not ${shown(input.id)}`;
    throw new DomainError('INPUT_INVALID', message, { field: `${field}.id` });
  }
  const values = Map.groupBy(input.attributes, ({ name }) => name);
  const attributes = Object.fromEntries([...values].map(([name, given]) => [name, given.map(({ value }) => value)]));
  return { kind, id, groups: [...input.groups], attributes, credential: credentialOf(input, kind, field) };
}

function credentialOf({ credential }: wire.PrincipalInput, kind: PrincipalKind, field: string) {
  if (credential == null) return kind === 'user' ? 'token' : 'apiKey';
  const known = CREDENTIALS.find((one) => one === credential);
  if (known !== undefined) return known;
  const message = `${shown(credential)} is no credential: there are ${CREDENTIALS.join(', ')}`;
  throw new DomainError('INPUT_INVALID', message, { field: `${field}.credential` });
}

/** The circumstances of a question, those of the request where it says nothing else. @throws INPUT_INVALID */
export function circumstancesFromWire(
  { at, address }: Pick<wire.AccessQuestionInput, 'at' | 'address'>,
  own: Circumstances,
): Circumstances {
  // A text of digits would be taken for some year.
  const nowMs = at == null ? own.nowMs : /^\d{4}-\d\d-\d\dT/.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(nowMs)) {
    const message = `at must be a time such as 2026-11-30T22:00:00Z, not ${shown(at)}`;
    throw new DomainError('INPUT_INVALID', message, { field: 'input.at' });
  }
  if (address != null && isIP(address) === 0) {
    throw new DomainError('INPUT_INVALID', `${shown(address)} is no IP address`, { field: 'input.address' });
  }
  return { nowMs, address: address ?? own.address };
}

export function answerToWire(
  { isAllowed, decided, rule, trials }: AccessAnswer,
  words: Pick<wire.AccessAnswer, 'principal' | 'resource' | 'reason'>,
): wire.AccessAnswer {
  return { isAllowed, ...words, decided, rule: rule?.id ?? null, considered: trials.map(trialToWire) };
}

function trialToWire({ rule, miss }: Trial): wire.ConsideredRule {
  const effect = rule.effect === 'allow' ? 'ALLOW' : 'DENY';
  return { rule: rule.id, effect, isMatch: miss === undefined, failed: miss?.message ?? null };
}

export function permissionToWire({ ruleId, fields, conditions, ...rest }: Permission): wire.Permission {
  return { ...rest, rule: ruleId, fields: fields === undefined ? null : [...fields], conditions: [...conditions] };
}

export function changeToWire({ decision, before, after }: DecisionChange): wire.DecisionChange {
  const { principal, action, field, resource, count, firstAtMs, lastAtMs, address } = decision;
  return {
    principal: principalInWords(principal),
    action,
    field: field ?? null,
    resource: resource === undefined ? null : resourceInWords(resource),
    before: outcomeToWire(before),
    after: outcomeToWire(after),
    count,
    firstAt: new Date(firstAtMs).toISOString(),
    lastAt: new Date(lastAtMs).toISOString(),
    address: address ?? null,
  };
}

function outcomeToWire({ isAllowed, ruleId, shown: extent }: Outcome): wire.DecisionOutcome {
  return { isAllowed, rule: ruleId ?? null, shown: extent ?? null };
}
