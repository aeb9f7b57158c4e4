import { type Sha256, sealOf } from './seal.ts';

/** The `previousSha256` of the first batch of a chain. */
export const NOTHING_BEFORE = '0'.repeat(64);

/** A place in a chain, and what it holds: whoever remembers one knows whether anything up to it was changed or cut off. */
export interface ChainHead {
  /** 0 before the first batch. */
  readonly sequence: number;
  /** Of the bytes of the batch. */
  readonly sha256: string;
}

/** Before the first batch. */
export const EMPTY_CHAIN: ChainHead = { sequence: 0, sha256: NOTHING_BEFORE };

/** What a batch says of its place. */
export interface ChainLink {
  readonly sequence: number;
  /** Of the bytes of the batch before; absent in batches from before there was a chain. */
  readonly previousSha256?: string;
}

/** A batch as it lies there. */
export interface StoredBatch {
  /** By its name. */
  readonly sequence: number;
  readonly bytes: Uint8Array;
  /** `undefined` when it cannot be read. */
  readonly link: ChainLink | undefined;
}

/** What is known of the batch before. */
export interface BatchBefore {
  /** `undefined` when it is missing. */
  readonly sha256: string | undefined;
  /** Whether it, or any before, was in a chain: from then on all must be. */
  readonly isChained: boolean;
}

/** What is wrong with a batch, in words that follow its name; empty when nothing is. */
export function linkProblems(
  { sequence, bytes, link }: StoredBatch,
  before: BatchBefore,
  sha256: Sha256,
): readonly string[] {
  if (link === undefined) return ['cannot be read: it was damaged or changed'];
  const problems: string[] = [];
  const seal = sealOf(bytes, sha256);
  const isOld = link.previousSha256 === undefined && seal === 'absent' && !before.isChained;
  if (seal === 'broken') problems.push('was changed after it was written: its seal is another');
  if (seal === 'absent' && !isOld) problems.push('has no seal: its end was cut off or changed');
  if (link.sequence !== sequence) problems.push(`says that it is batch ${link.sequence}: it was moved`);
  if (!isOld && link.previousSha256 === undefined) problems.push('does not say what was before it');
  const { previousSha256 } = link;
  if (previousSha256 !== undefined && before.sha256 !== undefined && previousSha256 !== before.sha256) {
    problems.push('does not follow the batch before it: one of the two was changed, put in or exchanged');
  }
  return problems;
}
