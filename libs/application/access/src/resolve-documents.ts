import { type Limit, type Policy, type Rule, resolvePolicies } from '#domain/access';
import type { ParsedPolicy } from './policy-parser.ts';

/** A policy, or what is wrong with it, and the file that it stands in. */
export interface PolicyDocument {
  readonly file: string;
  readonly parsed: ParsedPolicy;
}

/** Policies that can be in force together, or all that is wrong with them, each with its file. */
export type ResolvedDocuments =
  | {
      readonly kind: 'resolved';
      readonly policies: readonly Policy[];
      readonly rules: readonly Rule[];
      readonly limits: readonly Limit[];
    }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** Puts documents together, all or none of them. */
export function resolveDocuments(documents: readonly PolicyDocument[]): ResolvedDocuments {
  const broken = documents.flatMap(({ file, parsed }) =>
    parsed.kind === 'invalid' ? [`${file}: ${parsed.message}`] : [],
  );
  const policies = documents.flatMap(({ parsed }) => (parsed.kind === 'policy' ? [parsed.policy] : []));
  const resolved = resolvePolicies(policies);
  if (resolved.kind === 'resolved' && broken.length === 0) {
    const { rules, limits } = resolved;
    return { kind: 'resolved', policies, rules, limits };
  }
  const fileOf = (name: string) =>
    documents.findLast(({ parsed }) => parsed.kind === 'policy' && parsed.policy.name === name)?.file ?? name;
  const misfits =
    resolved.kind === 'refused'
      ? resolved.problems.map(({ policy, path, message }) => `${fileOf(policy)}: ${path} ${message}`)
      : [];
  return { kind: 'refused', problems: [...broken, ...misfits] };
}
