import type { ActionName, Principal, Resource } from '#domain/access';
import type { AccessDecision, CompiledPolicies, ListFilter } from './ability.ts';
import type { PolicyFile } from './access-documents.ts';
import type { RecordedDecision } from './decision.ts';
import { principalName } from './decision-recorder.ts';
import type { PoliciesInForce } from './policies-in-force.ts';
import type { PolicyParser } from './policy-parser.ts';
import type { PolicyDocument } from './resolve-documents.ts';

/** What a decision was or would be; of a list, how much of it is shown. */
export interface Outcome extends AccessDecision {
  readonly shown?: 'all' | 'some' | 'none';
}

/** A decision that other policies would make otherwise. */
export interface DecisionChange {
  readonly decision: RecordedDecision;
  readonly before: Outcome;
  readonly after: Outcome;
}

/** What policies would change of what was decided lately. */
export type PolicyDryRun =
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | {
      readonly kind: 'compared';
      /** Those that were made last first. */
      readonly changes: readonly DecisionChange[];
      /** Changes about things that the one who asks may not see. */
      readonly hidden: number;
      readonly compared: number;
      /** When the oldest of the decisions was made first, since the epoch; absent: there are none. */
      readonly sinceMs?: number;
    };

/** More decisions than these would keep the program from its work; those that were made last count. */
const MAX_COMPARED = 20_000;

/** What a dry run is made with. */
export interface DryRunParts {
  readonly policies: PoliciesInForce;
  readonly parser: PolicyParser;
  readonly decisions: readonly RecordedDecision[];
  /** Whether a thing may be told of. */
  readonly isVisible: (resource: Resource) => boolean;
}

/**
 * Tries policies out on the decisions that were made lately.
 *
 * @param files all that there would be.
 * @param keepsOthers whether policies in force of other names would stay beside.
 */
export function dryRunPolicies(files: readonly PolicyFile[], keepsOthers: boolean, parts: DryRunParts): PolicyDryRun {
  const { policies, parser, isVisible } = parts;
  const given = files.flatMap(({ path, text }) => parser.parse(text).map((parsed) => ({ file: path, parsed })));
  // Somebody gave the wrong folder: nothing at all would be allowed.
  if (given.length === 0) return { kind: 'refused', problems: ['there is no policy in what was given'] };
  const tried = policies.tryOut([...given, ...(keepsOthers ? othersInForce(policies, given) : [])]);
  if (tried.kind === 'refused') return tried;
  const decisions = merged(parts.decisions)
    .toSorted((left, right) => right.lastAtMs - left.lastAtMs)
    .slice(0, MAX_COMPARED);
  const changes = decisions.flatMap((decision) => changeOf(decision, policies.compiled, tried.compiled) ?? []);
  const visible = changes.filter(({ decision: { resource } }) => resource === undefined || isVisible(resource));
  return {
    kind: 'compared',
    changes: visible,
    hidden: changes.length - visible.length,
    compared: decisions.length,
    ...(decisions.length === 0 ? {} : { sinceMs: Math.min(...decisions.map(({ firstAtMs }) => firstAtMs)) }),
  };
}

function othersInForce({ policies }: PoliciesInForce, given: readonly PolicyDocument[]): readonly PolicyDocument[] {
  const names = new Set(
    given.map(({ parsed }) => (parsed.kind === 'policy' ? parsed.policy.name : parsed.name)).filter(Boolean),
  );
  return policies
    .filter(({ name }) => !names.has(name))
    .map((policy) => ({ file: `${policy.name} (in force)`, parsed: { kind: 'policy', policy } }));
}

/** One decision for each question, however many processes were asked it; equal principals become one object, for which rules are compiled once. */
function merged(decisions: readonly RecordedDecision[]): readonly RecordedDecision[] {
  const principals = new Map<string, Principal>();
  const found = new Map<string, RecordedDecision>();
  for (const decision of decisions) {
    const who = principalName(decision.principal);
    const principal = principals.get(who) ?? decision.principal;
    principals.set(who, principal);
    const { action, field, resource } = decision;
    const name = JSON.stringify([who, action, field, resource?.kind, ...(resource?.attributes ?? [])]);
    const known = found.get(name);
    found.set(name, known === undefined ? { ...decision, principal } : sum(known, { ...decision, principal }));
  }
  return [...found.values()];
}

function sum(left: RecordedDecision, right: RecordedDecision): RecordedDecision {
  const last = left.lastAtMs > right.lastAtMs ? left : right;
  const firstAtMs = Math.min(left.firstAtMs, right.firstAtMs);
  return { ...last, count: left.count + right.count, firstAtMs };
}

function changeOf(
  decision: RecordedDecision,
  inForce: CompiledPolicies,
  tried: CompiledPolicies,
): DecisionChange | undefined {
  const [before, after] = [inForce, tried].map((policies) => outcomeOf(decision, policies));
  if (before === undefined || after === undefined || before.compared === after.compared) return undefined;
  return { decision, before: before.outcome, after: after.outcome };
}

/** @returns the outcome, and a text that is another one where the outcome is. */
function outcomeOf(decision: RecordedDecision, policies: CompiledPolicies) {
  const { principal, action, resource, field, lastAtMs, address } = decision;
  const ability = policies.abilityOf(principal, { nowMs: lastAtMs, address });
  if (resource === undefined) return listOutcome(ability.filterFor(action));
  const outcome: Outcome = ability.decide(action, resource, field);
  return { outcome, compared: String(outcome.isAllowed) };
}

function listOutcome(filter: ListFilter): { readonly outcome: Outcome; readonly compared: string } {
  return {
    outcome: { isAllowed: filter.kind !== 'none', shown: filter.kind },
    compared: JSON.stringify(inOrder(filter)),
  };
}

/** A filter with everything in it of which the order means nothing in one order: rules that only stand elsewhere change no list. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const texts = new Map(value.map((one) => inOrder(one)).map((one) => [JSON.stringify(one), one]));
    return [...texts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, one]) => one);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inOrder(one)]));
}

/** The actions by which things of a kind are seen. */
export function readActionOf({ kind }: Resource): ActionName | undefined {
  switch (kind) {
    case 'server':
      return undefined;
    case 'namespace':
      return 'namespace.read';
    case 'model':
      return 'model.read';
    case 'version':
      return 'version.read';
    case 'deployment':
      return 'deployment.read';
  }
}
