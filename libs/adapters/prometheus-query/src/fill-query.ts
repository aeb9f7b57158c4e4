import type { GateSubject } from '#application/rollout';
import { QUERY_PLACEHOLDERS } from '#domain/rollout';

type Placeholder = (typeof QUERY_PLACEHOLDERS)[number];

/** Braces twice in a row are no PromQL, so that whatever looks like a placeholder is meant as one. */
const PLACEHOLDER = /\{\{\s*([\w.-]*)\s*\}\}/g;

/**
 * Puts what is asked about into a query.
 *
 * @throws Error naming a placeholder that there is nothing for.
 */
export function fillQuery(query: string, about: GateSubject): string {
  const values: Readonly<Record<Placeholder, string | undefined>> = {
    namespace: about.namespace,
    deployment: about.name,
    candidate: String(about.candidate.version),
    stable: about.stable?.version.toString(),
    rolloutId: about.rolloutId,
  };
  return query.replaceAll(PLACEHOLDER, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name as Placeholder] : undefined;
    if (value !== undefined) return escapeForString(value);
    if (name === 'stable') throw new Error(`the query has ${placeholder}, but there is no stable version yet`);
    const known = QUERY_PLACEHOLDERS.map((key) => `{{${key}}}`);
    throw new Error(`the query has ${placeholder}; there are ${known.join(', ')}`);
  });
}

/**
 * Text as it stands within a PromQL string, whichever of the three quotes is around it. Nothing can be escaped between backticks: there
 * such a text matches nothing, but cannot end the string either.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals
 */
function escapeForString(value: string): string {
  return value.replaceAll(/[\\"'`\p{Cc}]/gu, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
