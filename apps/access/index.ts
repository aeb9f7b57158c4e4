export { type AccessPlace, openAccess, type ProgramAccess } from './access.module.ts';
export { type AuditConfig, type AuditPlace, openAudit, type ProgramAudit } from './audit.module.ts';
export { auditPrincipalOf, changeAudit } from './audit-entries.ts';
