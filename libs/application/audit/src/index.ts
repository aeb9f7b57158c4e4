export type { AuditChain, BatchStore, ListedEntry, ReadBatch } from './audit-chain.ts';
export { type AuditEvents, AuditTrail, type AuditTrailParts, type NewEntry } from './audit-trail.ts';
export { type Auditor, audited } from './audited.ts';
export { entriesChain } from './entries-chain.ts';
export { type AuditQuery, listAudit } from './list-audit.ts';
export {
  type AuditProblem,
  type AuditReport,
  type ChainReport,
  type ExpectedHead,
  type VerifyAuditParts,
  verifyAudit,
} from './verify-audit.ts';
