import type { AccessDocuments, AccessMemory, AccessSource } from './access-documents.ts';
import type { Authenticator } from './authenticator.ts';
import type { PoliciesInForce, PolicyStatus } from './policies-in-force.ts';
import type { PolicyParser } from './policy-parser.ts';

/** The revision that is in force while none was published: nobody but the administrator may do anything. */
export const NO_POLICIES = 'none';

/** What access is followed with. */
export interface FollowAccessParts {
  readonly source: AccessSource;
  readonly memory: AccessMemory;
  readonly parser: PolicyParser;
  readonly policies: PoliciesInForce;
  readonly authenticator: Authenticator;
  /** Told of every revision of policies that was taken or refused. */
  readonly onPolicies?: (status: PolicyStatus) => void;
  /** Told when the documents could not be kept. */
  readonly onUnkept?: (error: unknown) => void;
}

/** Keeps the policies in force and the API keys as everybody has them. */
export class FollowAccess {
  readonly #parts: FollowAccessParts;
  #tag: string | undefined;
  #revision: string | undefined;

  constructor(parts: FollowAccessParts) {
    this.#parts = parts;
  }

  /** Takes what was kept from an earlier run, so that the source need not be there. */
  async recall(): Promise<void> {
    const kept = await this.#parts.memory.load();
    if (kept !== undefined) this.#take(kept);
  }

  /**
   * Looks once whether anything is new.
   *
   * @throws STORE_UNAVAILABLE, RECORD_INVALID; what was read before then stays in force.
   */
  async look(): Promise<void> {
    const { source, memory, onUnkept } = this.#parts;
    const read = await source.read(this.#tag);
    if (read === undefined) return;
    this.#take(read.documents);
    this.#tag = read.tag;
    await memory.save(read.documents).catch((error: unknown) => onUnkept?.(error));
  }

  #take({ policies, keys }: AccessDocuments): void {
    const { parser, policies: inForce, authenticator, onPolicies } = this.#parts;
    authenticator.setKeys(keys);
    const revision = policies?.revision ?? NO_POLICIES;
    if (revision === this.#revision) return;
    this.#revision = revision;
    const documents = (policies?.files ?? []).flatMap(({ path, text }) =>
      parser.parse(text).map((parsed) => ({ file: path, parsed })),
    );
    onPolicies?.(inForce.take({ name: revision, documents }));
  }
}
