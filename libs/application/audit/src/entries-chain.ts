import { decodeAuditBatch } from '#domain/audit';
import type { AuditChain, BatchStore } from './audit-chain.ts';

/** The chain of the entries that `AuditTrail` writes. */
export function entriesChain(store: BatchStore): AuditChain {
  return {
    store,
    isChainedFromTheFirst: true,
    decode: (bytes, key) => {
      const { sequence, previousSha256, at, program, process, entries } = decodeAuditBatch(bytes);
      const listed = entries.map((entry) => ({ ...entry, key, program, process }));
      return { sequence, previousSha256, at, entries: listed };
    },
  };
}
