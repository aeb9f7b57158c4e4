import { type Limit, type Policy, type Rule, resolvePolicies } from '#domain/access';
import type { CompiledPolicies, CompilePolicies } from './ability.ts';
import { type PolicyDocument, resolveDocuments } from './resolve-documents.ts';

/** The files of policies as they stand at one moment. */
export interface PolicyRevision {
  /** Such as a commit; for people. */
  readonly name: string;
  readonly documents: readonly PolicyDocument[];
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
  #limits: readonly Limit[] = [];
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

  /** A change of them comes with other compiled policies. */
  get limits(): readonly Limit[] {
    return this.#limits;
  }

  get policies(): readonly Policy[] {
    return this.#policies;
  }

  get status(): PolicyStatus {
    return this.#status;
  }

  /** What documents would be in force as; nothing changes. */
  tryOut(
    documents: readonly PolicyDocument[],
  ):
    | { readonly kind: 'tried'; readonly compiled: CompiledPolicies }
    | { readonly kind: 'refused'; readonly problems: readonly string[] } {
    const resolved = resolveDocuments(documents);
    if (resolved.kind === 'refused') return resolved;
    return { kind: 'tried', compiled: this.#compile([...this.#fixed, ...resolved.rules]) };
  }

  /** Takes a revision, if it can be taken. @returns the status after it. */
  take({ name, documents }: PolicyRevision): PolicyStatus {
    const resolved = resolveDocuments(documents);
    if (resolved.kind === 'refused') {
      this.#status = { ...this.#status, refused: { revision: name, problems: resolved.problems } };
      return this.#status;
    }
    this.#policies = resolved.policies;
    this.#limits = resolved.limits;
    this.#rules = [...this.#fixed, ...resolved.rules];
    this.#compiled = this.#compile(this.#rules);
    this.#status = { inForce: name, refused: undefined };
    return this.#status;
  }
}
