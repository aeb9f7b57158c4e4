import type { LogEvent } from '#adapters/telemetry';
import { type AuditEntry, entryInWords } from '#domain/audit';

/** An entry of the audit log as OpenTelemetry has events. */
export function logEventOf(entry: AuditEntry, program: string): LogEvent {
  const { at, kind, id, principal, action, resource, field, ruleId, detail, count, lastAt } = entry;
  const attributes = {
    'slipway.audit.kind': kind,
    'slipway.audit.id': id,
    'slipway.program': program,
    'slipway.principal.kind': principal?.kind,
    'slipway.principal.name': principal?.id,
    'slipway.principal.credential': principal?.credential,
    'slipway.principal.key': principal?.keyId,
    'slipway.action': action,
    'slipway.resource': resource,
    'slipway.field': field,
    'slipway.rule': ruleId,
    'slipway.detail': detail,
    'slipway.count': count,
    'slipway.last_at': lastAt,
  };
  const given = Object.entries(attributes).filter((pair): pair is [string, string | number] => pair[1] !== undefined);
  return {
    name: `slipway.audit.${kind}`,
    atMs: Date.parse(at),
    severity: kind === 'denied' || kind === 'refused' ? 'warn' : 'info',
    body: entryInWords(entry),
    attributes: Object.fromEntries(given),
  };
}
