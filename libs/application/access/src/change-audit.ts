import type { Principal } from '#domain/access';

/** A change of access, as it is written down. */
export interface AuditedChange {
  readonly by: Principal;
  /** Such as `key.create`. */
  readonly action: string;
  /** For people. */
  readonly detail: string;
}

/** Writes changes of access down before they are made. */
export interface ChangeAudit {
  /** Makes a change, once it is written down. @throws STORE_UNAVAILABLE when that fails, with nothing changed; what the change throws. */
  change<T>(what: AuditedChange, make: () => Promise<T>): Promise<T>;
  /** Writes down, some time, that somebody was refused. */
  refused(what: AuditedChange): void;
}

/** For those who write nothing down. */
export const NO_AUDIT: ChangeAudit = { change: (_, make) => make(), refused: () => {} };
