import type { RecordedDecision } from '#application/access';
import { ACTION_NAMES, type AttributeValue, type Principal, type ResourceKind, resourceKindOf } from '#domain/access';
import { decodeDocument, encodeDocument, invalidDocument } from './json-document.ts';

const SCHEMA = 'slipway.dev/v1/AccessDecisions';
/** Names and labels may be long: what was decided last is kept. */
const MAX_BYTES = 1024 * 1024;

/** A decision as it is stored, its principal by its place among the principals. */
interface StoredDecision extends Omit<RecordedDecision, 'principal' | 'resource'> {
  readonly principal: number;
  readonly resource?: { readonly kind: ResourceKind; readonly attributes: Readonly<Record<string, AttributeValue>> };
}

interface StoredDecisions {
  readonly principals: readonly Principal[];
  readonly decisions: readonly StoredDecision[];
}

/** @param decisions what was decided last first: it goes in first, as far as there is room. */
export function encodeDecisions(decisions: readonly RecordedDecision[]): Uint8Array {
  const places = new Map<string, number>();
  const principals: Principal[] = [];
  const stored: StoredDecision[] = [];
  let sizeBytes = 0;
  for (const { principal, resource, ...decision } of decisions) {
    const name = JSON.stringify(principal);
    const place = places.get(name) ?? principals.length;
    const one: StoredDecision = {
      principal: place,
      ...(resource === undefined
        ? {}
        : { resource: { kind: resource.kind, attributes: Object.fromEntries(resource.attributes) } }),
      ...decision,
    };
    sizeBytes += Buffer.byteLength(JSON.stringify(one)) + (places.has(name) ? 0 : Buffer.byteLength(name));
    if (sizeBytes > MAX_BYTES) break;
    if (!places.has(name)) principals.push(principal);
    places.set(name, place);
    stored.push(one);
  }
  return encodeDocument({ schema: SCHEMA, principals, decisions: stored }, 'compact');
}

/** @throws RECORD_INVALID */
export function decodeDecisions(bytes: Uint8Array): readonly RecordedDecision[] {
  const { principals, decisions } = decodeDocument(bytes, SCHEMA) as Partial<StoredDecisions>;
  if (!Array.isArray(principals) || !Array.isArray(decisions)) throw invalidDocument(SCHEMA);
  const known: readonly Principal[] = principals.filter(isPrincipal);
  if (known.length < principals.length) throw invalidDocument(SCHEMA);
  return decisions.map(({ principal, resource, ...decision }: StoredDecision) => {
    const who = known[principal];
    const isWhole =
      who !== undefined &&
      ACTION_NAMES.includes(decision.action) &&
      (resource === undefined || resource.kind === resourceKindOf(decision.action)) &&
      [decision.count, decision.firstAtMs, decision.lastAtMs].every(Number.isFinite);
    if (!isWhole) throw invalidDocument(SCHEMA);
    if (resource === undefined) return { principal: who, ...decision };
    const { kind, attributes } = resource;
    return { principal: who, resource: { kind, attributes: new Map(Object.entries(attributes)) }, ...decision };
  });
}

function isPrincipal(one: Partial<Principal> | null): boolean {
  return (
    typeof one?.kind === 'string' &&
    typeof one.id === 'string' &&
    Array.isArray(one.groups) &&
    typeof one.attributes === 'object' &&
    typeof one.credential === 'string'
  );
}
