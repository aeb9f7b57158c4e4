export { type AuditBatch, type AuditBatchHead, decodeAuditBatch, encodeAuditBatch } from './audit-batch.ts';
export {
  AUDIT_KINDS,
  type AuditEntry,
  type AuditKind,
  type AuditPrincipal,
  boundedEntry,
  sameness,
} from './audit-entry.ts';
export { entryInWords, principalInWords } from './entry-in-words.ts';
export {
  type BatchBefore,
  type ChainHead,
  type ChainLink,
  EMPTY_CHAIN,
  linkProblems,
  NOTHING_BEFORE,
  type StoredBatch,
} from './link.ts';
export { type SealState, type Sha256, sealed, sealOf } from './seal.ts';
