/**
 * What an entry tells of.
 *
 * - `login`: somebody came with a credential that the process had not seen before.
 * - `refused`: a credential was not taken.
 * - `denied`: somebody was not allowed to do something.
 * - `change`: something was about to be changed that the registry's own log does not hold, such as an API key.
 * - `rollout`: a rollout went on, or somebody stepped in.
 * - `audit`: something about the audit log itself, such as entries that were too many to be kept apart.
 */
export const AUDIT_KINDS = ['login', 'refused', 'denied', 'change', 'rollout', 'audit'] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** Who did it, or wanted to. */
export interface AuditPrincipal {
  /** `user`, `workload` or `anonymous`. */
  readonly kind: string;
  readonly id: string;
  /** How they showed who they are. */
  readonly credential: string;
  /** Of the API key that they came with. */
  readonly keyId?: string;
}

/** One thing that happened. */
export interface AuditEntry {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly kind: AuditKind;
  /** The same when the same thing is written again after a crash. */
  readonly id?: string;
  readonly principal?: AuditPrincipal;
  /** Such as `model.update`. */
  readonly action?: string;
  /** Such as `model vision/digits`. */
  readonly resource?: string;
  /** Of the resource, as policies saw them. */
  readonly attributes?: Readonly<Record<string, string | number | readonly string[]>>;
  /** A part of the action. */
  readonly field?: string;
  /** The rule that decided. */
  readonly ruleId?: string;
  readonly detail?: string;
  /** How often, when it happened more than once. */
  readonly count?: number;
  /** When it happened last, when it happened more than once. ISO 8601, UTC. */
  readonly lastAt?: string;
}

const MAX_SHORT = 256;
const MAX_LONG = 1024;
const MAX_ATTRIBUTES = 16;

/** An entry no larger than a few KiB, whatever names and reasons came from outside, with its members in one order. */
export function boundedEntry(entry: AuditEntry): AuditEntry {
  const { at, kind, id, principal, action, resource, attributes, field, ruleId, detail, count, lastAt } = entry;
  return withoutUndefined({
    at,
    kind,
    id: cut(id, MAX_SHORT),
    principal: principal && boundedPrincipal(principal),
    action: cut(action, MAX_SHORT),
    resource: cut(resource, MAX_LONG),
    attributes: attributes && boundedAttributes(attributes),
    field: cut(field, MAX_SHORT),
    ruleId: cut(ruleId, MAX_SHORT),
    detail: cut(detail, MAX_LONG),
    count,
    lastAt,
  }) as unknown as AuditEntry;
}

/** Whether two entries are the same but for when they happened. */
export function sameness({ at: _, lastAt: __, count: ___, ...rest }: AuditEntry): string {
  return JSON.stringify(rest);
}

function boundedPrincipal({ kind, id, credential, keyId }: AuditPrincipal) {
  return withoutUndefined({
    kind: cut(kind, MAX_SHORT),
    id: cut(id, MAX_SHORT),
    credential: cut(credential, MAX_SHORT),
    keyId: cut(keyId, MAX_SHORT),
  });
}

function boundedAttributes(attributes: NonNullable<AuditEntry['attributes']>) {
  const bounded = Object.entries(attributes)
    .slice(0, MAX_ATTRIBUTES)
    .map(([name, value]) => [cut(name, MAX_SHORT), boundedValue(value)] as const);
  return Object.fromEntries(bounded);
}

function boundedValue(value: string | number | readonly string[]) {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return cut(value, MAX_SHORT);
  return value.slice(0, MAX_ATTRIBUTES).map((one) => cut(one, MAX_SHORT));
}

function cut(text: string | undefined, length: number): string | undefined {
  return text === undefined || text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function withoutUndefined(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
