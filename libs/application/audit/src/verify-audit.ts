import { type BatchBefore, type ChainHead, EMPTY_CHAIN, linkProblems, type Sha256 } from '#domain/audit';
import { isDomainError } from '#domain/errors';
import type { AuditChain, ReadBatch } from './audit-chain.ts';

/** Something in a chain that is not as it was written. */
export interface AuditProblem {
  readonly key: string;
  readonly message: string;
}

/** A chain as it was found. */
export interface ChainReport {
  /** Such as `audit/`. */
  readonly prefix: string;
  readonly batches: number;
  readonly entries: number;
  /** From which batch on it is a chain; `undefined` when none is in one. */
  readonly chainedFrom: number | undefined;
  readonly head: ChainHead;
}

/** What was found in all chains. */
export interface AuditReport {
  readonly chains: readonly ChainReport[];
  readonly problems: readonly AuditProblem[];
}

/** A head that somebody has remembered. */
export interface ExpectedHead extends ChainHead {
  readonly prefix: string;
}

/** What a verification works with. */
export interface VerifyAuditParts {
  readonly sha256: Sha256;
  /** Heads that must still be there. */
  readonly expected: readonly ExpectedHead[];
  readonly onProgress: (prefix: string, batches: number) => void;
}

const READ_AHEAD = 32;

/**
 * Reads chains from their first batch to their last and checks every sequence, seal and link.
 *
 * @throws STORE_UNAVAILABLE
 */
export async function verifyAudit(chains: readonly AuditChain[], parts: VerifyAuditParts): Promise<AuditReport> {
  const reports: ChainReport[] = [];
  const problems: AuditProblem[] = [];
  for (const chain of chains) {
    const verification = new ChainVerification(chain, parts);
    reports.push(await verification.run());
    problems.push(
      ...verification.problems.toSorted((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0)),
    );
  }
  return { chains: reports, problems };
}

class ChainVerification {
  readonly problems: AuditProblem[] = [];
  readonly #chain: AuditChain;
  readonly #parts: VerifyAuditParts;
  readonly #expected: ReadonlyMap<number, string>;
  #before: BatchBefore;
  #head: ChainHead = EMPTY_CHAIN;
  #batches = 0;
  #entries = 0;
  #chainedFrom: number | undefined;

  constructor(chain: AuditChain, parts: VerifyAuditParts) {
    this.#chain = chain;
    this.#parts = parts;
    const { prefix } = chain.store;
    const heads = parts.expected.filter((head) => head.prefix === prefix);
    this.#expected = new Map(heads.map(({ sequence, sha256 }) => [sequence, sha256]));
    this.#before = { sha256: EMPTY_CHAIN.sha256, isChained: chain.isChainedFromTheFirst };
  }

  async run(): Promise<ChainReport> {
    const { store } = this.#chain;
    for await (const sequences of this.#inGroups()) {
      const reads = await Promise.all(sequences.map((sequence) => store.read(sequence)));
      for (const [at, bytes] of reads.entries()) this.#check(sequences[at] ?? 0, bytes);
      this.#parts.onProgress(store.prefix, this.#batches);
    }
    for (const sequence of this.#expected.keys()) {
      if (sequence <= this.#head.sequence) continue;
      this.#report(sequence, `was remembered and is gone: the log ends at ${this.#head.sequence}, its end was cut off`);
    }
    const [batches, entries, chainedFrom, head] = [this.#batches, this.#entries, this.#chainedFrom, this.#head];
    return { prefix: store.prefix, batches, entries, chainedFrom, head };
  }

  /** The sequences that there are, so many at a time. */
  async *#inGroups(): AsyncGenerator<readonly number[]> {
    let group: number[] = [];
    for await (const { key, sequence } of this.#chain.store.list()) {
      if (sequence === undefined) this.problems.push({ key, message: 'does not belong here' });
      else group.push(sequence);
      if (group.length < READ_AHEAD) continue;
      yield group;
      group = [];
    }
    if (group.length > 0) yield group;
  }

  #check(sequence: number, bytes: Uint8Array | undefined): void {
    this.#checkGap(sequence);
    if (bytes === undefined) {
      this.#miss(sequence, 'was removed while it was to be read');
      return;
    }
    const { sha256 } = this.#parts;
    const batch = this.#decode(bytes, sequence);
    for (const problem of linkProblems({ sequence, bytes, link: batch }, this.#before, sha256)) {
      this.#report(sequence, problem);
    }
    const digest = sha256(bytes);
    const expected = this.#expected.get(sequence);
    if (expected !== undefined && expected !== digest) this.#report(sequence, 'is not the one that was remembered');
    if (batch?.previousSha256 !== undefined) this.#chainedFrom ??= sequence;
    this.#before = { sha256: digest, isChained: this.#before.isChained || this.#chainedFrom !== undefined };
    this.#head = { sequence, sha256: digest };
    this.#batches += 1;
    this.#entries += batch?.entries.length ?? 0;
  }

  #checkGap(sequence: number): void {
    const wanted = this.#head.sequence + 1;
    if (sequence === wanted) return;
    const others = sequence - wanted === 1 ? '' : `, and so are those up to ${sequence - 1}`;
    this.#miss(wanted, `is missing${others}`);
  }

  #miss(sequence: number, message: string): void {
    this.#report(sequence, message);
    this.#before = { ...this.#before, sha256: undefined };
  }

  #decode(bytes: Uint8Array, sequence: number): ReadBatch | undefined {
    try {
      return this.#chain.decode(bytes, this.#chain.store.keyOf(sequence));
    } catch (error) {
      if (!isDomainError(error, 'RECORD_INVALID')) throw error;
      return undefined;
    }
  }

  #report(sequence: number, message: string): void {
    this.problems.push({ key: this.#chain.store.keyOf(sequence), message });
  }
}
