import type { AuditEntry, AuditPrincipal } from './audit-entry.ts';

/** An entry for people, without its time: `denied: workload shop, model.update of model vision/digits (owner), no policy allows it`. */
export function entryInWords({ kind, principal, action, resource, field, ruleId, detail, count }: AuditEntry): string {
  const what = [
    action,
    resource === undefined ? undefined : `of ${resource}`,
    field === undefined ? undefined : `(${field})`,
  ];
  const parts = [
    principal && principalInWords(principal),
    what.filter((word) => word !== undefined).join(' ') || undefined,
    ruleId,
    detail,
    count === undefined ? undefined : `${count} times`,
  ];
  return `${kind}: ${parts.filter((part) => part !== undefined).join(', ')}`;
}

export function principalInWords({ kind, id }: AuditPrincipal): string {
  return kind === 'anonymous' ? 'nobody known' : kind === 'author' ? id : `${kind} ${id}`;
}
