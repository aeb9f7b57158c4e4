import { isDomainError } from '#domain/errors';
import type { AuditChain, ListedEntry } from './audit-chain.ts';
import { findEnd } from './find-end.ts';

/** Which entries are wanted. */
export interface AuditQuery {
  /** ISO 8601, UTC; not before. */
  readonly since?: string | undefined;
  /** ISO 8601, UTC; before. */
  readonly until?: string | undefined;
  /** A name. */
  readonly principal?: string | undefined;
  /** Such as `model.update`, or `model.*` for all that begin so. */
  readonly action?: string | undefined;
  /** Only what somebody was not allowed to do, and credentials that were refused. */
  readonly isDenied?: boolean | undefined;
  readonly limit: number;
}

const READ_AHEAD = 16;

/**
 * The newest entries of several chains that are asked for, the newest first. What was written again after a crash is told once.
 *
 * @throws STORE_UNAVAILABLE
 */
export async function listAudit(chains: readonly AuditChain[], query: AuditQuery): Promise<readonly ListedEntry[]> {
  const found: ListedEntry[] = [];
  for (const chain of chains) found.push(...(await newestOf(chain, query)));
  return found.toSorted((left, right) => (left.at < right.at ? 1 : left.at > right.at ? -1 : 0)).slice(0, query.limit);
}

/** The newest entries of one chain: batches are read from its end, until there are enough or older ones cannot be wanted. */
async function newestOf(chain: AuditChain, query: AuditQuery): Promise<readonly ListedEntry[]> {
  const found: ListedEntry[] = [];
  const ids = new Set<string>();
  for (let end = await findEnd(chain.store); end > 0 && found.length < query.limit; end -= READ_AHEAD) {
    const sequences = Array.from({ length: Math.min(READ_AHEAD, end) }, (_, offset) => end - offset);
    const batches = await Promise.all(sequences.map((sequence) => readBatch(chain, sequence)));
    for (const batch of batches) {
      if (batch === undefined) continue;
      if (query.since !== undefined && batch.at < query.since) return found;
      for (const entry of batch.entries.toReversed()) {
        if (!isWanted(entry, query) || ids.has(entry.id ?? '')) continue;
        if (entry.id !== undefined) ids.add(entry.id);
        found.push(entry);
      }
    }
  }
  return found;
}

/** A batch that is missing or damaged is left out: the verification tells of it. */
async function readBatch({ store, decode }: AuditChain, sequence: number) {
  const bytes = await store.read(sequence);
  try {
    return bytes && decode(bytes, store.keyOf(sequence));
  } catch (error) {
    if (isDomainError(error, 'RECORD_INVALID')) return undefined;
    throw error;
  }
}

function isWanted(
  { at, kind, principal, action = '' }: ListedEntry,
  { since, until, principal: name, action: pattern, isDenied }: AuditQuery,
): boolean {
  if (since !== undefined && at < since) return false;
  if (until !== undefined && at >= until) return false;
  if (name !== undefined && principal?.id !== name) return false;
  if (isDenied === true && kind !== 'denied' && kind !== 'refused') return false;
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
}
