import { isDomainError } from '#domain/errors';
import type { AuditTrail, NewEntry } from './audit-trail.ts';

/** Writes down changes before they are made. */
export type Auditor = Pick<AuditTrail, 'note' | 'append'>;

/**
 * Makes a change that must not happen unseen: only when the audit log says that it is about to. When it then fails, the log says that, too.
 *
 * @throws STORE_UNAVAILABLE when the log cannot be written, with nothing changed; whatever the change throws.
 */
export async function audited<T>(auditor: Auditor, entry: NewEntry, change: () => Promise<T>): Promise<T> {
  let isWritten = false;
  try {
    await auditor.append(entry);
    isWritten = true;
    return await change();
  } catch (error) {
    const reason = isDomainError(error) ? `${error.code}: ${error.message}` : 'an internal error';
    const what = isWritten ? 'failed' : 'was not done, because it could not be written here first';
    auditor.note({ ...entry, detail: `${what}: ${reason}` });
    throw error;
  }
}
