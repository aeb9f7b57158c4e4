import type { ChangeAudit, Denial, Repeats } from '#application/access';
import { type Auditor, audited, type NewEntry } from '#application/audit';
import { type Principal, resourceInWords } from '#domain/access';
import type { AuditPrincipal } from '#domain/audit';

/** Who somebody is, as the audit log has them. */
export function auditPrincipalOf({ kind, id, credential, scope }: Principal): AuditPrincipal {
  return { kind, id, credential, ...(scope === undefined ? {} : { keyId: scope.keyId }) };
}

/** What somebody was not allowed to do. */
export function deniedEntry({ principal, action, resource, field, ruleId, repeats }: Denial): NewEntry {
  return {
    ...(repeats && timesOf(repeats)),
    kind: 'denied',
    principal: auditPrincipalOf(principal),
    action,
    resource: resourceInWords(resource),
    attributes: Object.fromEntries(resource.attributes),
    ...(field === undefined ? {} : { field }),
    ...(ruleId === undefined ? { detail: 'no policy allows it' } : { ruleId }),
  };
}

/** That a credential was not taken. */
export function refusedEntry(reason: string, repeats: Repeats | undefined): NewEntry {
  return { ...(repeats && timesOf(repeats)), kind: 'refused', detail: reason };
}

function timesOf({ count, firstAtMs, lastAtMs }: Repeats): Pick<NewEntry, 'at' | 'count' | 'lastAt'> {
  const at = new Date(firstAtMs).toISOString();
  return count === 1 ? { at } : { at, count, lastAt: new Date(lastAtMs).toISOString() };
}

/** Changes of access itself, which are made only when the audit log has them. */
export function changeAudit(auditor: Auditor): ChangeAudit {
  return {
    change: ({ by, action, detail }, change) =>
      audited(auditor, { kind: 'change', principal: auditPrincipalOf(by), action, detail }, change),
    refused: ({ by, action, detail }) =>
      auditor.note({ kind: 'denied', principal: auditPrincipalOf(by), action, detail }),
  };
}
