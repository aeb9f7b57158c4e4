import { type Policy, type PolicyProblem, type Rule, resolvePolicies } from '#domain/access';
import type { CompiledPolicies, CompilePolicies } from './ability.ts';
import type { ParsedPolicy } from './policy-parser.ts';

/** The files of policies as they stand at one moment. */
export interface PolicyRevision {
  /** Such as a commit; for people. */
  readonly name: string;
  readonly documents: readonly { readonly file: string; readonly parsed: ParsedPolicy }[];
}

/** What became of the newest revision. */
export interface PolicyStatus {
  /** The revision in force; `undefined` while there was none that could be taken. */
  readonly inForce: string | undefined;
  /** Why a newer one is not in force; empty when it is. */
  readonly refused: { readonly revision: string; readonly problems: readonly string[] } | undefined;
}

/**
 * The policies that decide now.
 *
 * A revision is taken whole or not at all, and one that cannot be taken leaves the last good one in force. Without any, only what is built
 * in holds: nobody but the administrator may do anything.
 */
export class PoliciesInForce {
  readonly #compile: CompilePolicies;
  /** Rules that no policy can take away, such as those of the administrator's key. */
  readonly #fixed: readonly Rule[];
  #rules: readonly Rule[];
  #compiled: CompiledPolicies;
  #policies: readonly Policy[] = [];
  #status: PolicyStatus = { inForce: undefined, refused: undefined };

  constructor(compile: CompilePolicies, fixed: readonly Rule[] = []) {
    this.#compile = compile;
    this.#fixed = fixed;
    const resolved = resolvePolicies([]);
    this.#rules = [...fixed, ...(resolved.kind === 'resolved' ? resolved.rules : [])];
    this.#compiled = compile(this.#rules);
  }

  get compiled(): CompiledPolicies {
    return this.#compiled;
  }

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  get policies(): readonly Policy[] {
    return this.#policies;
  }

  get status(): PolicyStatus {
    return this.#status;
  }

  /** Takes a revision, if it can be taken. @returns the status after it. */
  take({ name, documents }: PolicyRevision): PolicyStatus {
    const broken = documents.flatMap(({ file, parsed }) =>
      parsed.kind === 'invalid' ? [`${file}: ${parsed.message}`] : [],
    );
    const policies = documents.flatMap(({ parsed }) => (parsed.kind === 'policy' ? [parsed.policy] : []));
    const resolved = resolvePolicies(policies);
    const fileOf = (policy: string) =>
      documents.findLast(({ parsed }) => parsed.kind === 'policy' && parsed.policy.name === policy)?.file ?? policy;
    const misfits = resolved.kind === 'refused' ? resolved.problems.map((problem) => inWords(problem, fileOf)) : [];
    if (resolved.kind === 'refused' || broken.length > 0) {
      this.#status = { ...this.#status, refused: { revision: name, problems: [...broken, ...misfits] } };
      return this.#status;
    }
    this.#policies = policies;
    this.#rules = [...this.#fixed, ...resolved.rules];
    this.#compiled = this.#compile(this.#rules);
    this.#status = { inForce: name, refused: undefined };
    return this.#status;
  }
}

function inWords({ policy, path, message }: PolicyProblem, fileOf: (policy: string) => string): string {
  return `${fileOf(policy)}: ${path} ${message}`;
}
