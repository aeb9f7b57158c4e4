import type { AuditPrincipal } from '#domain/audit';
import type { DesiredDeployment, RolloutState, ServableVersion } from '#domain/rollout';

/** Something worth telling a person about a deployment. */
export interface DeploymentEvent {
  /** Grows by one per deployment. */
  readonly id: number;
  readonly atMs: number;
  readonly severity: 'info' | 'warning' | 'error';
  /** A word for machines. */
  readonly code: string;
  readonly message: string;
  readonly commit?: string;
  readonly version?: number;
  /** Who asked for it, where somebody did who is known. */
  readonly actor?: string;
  /** The same with how they showed who they are, for the audit log; journals have it since the log tells of it. */
  readonly principal?: AuditPrincipal;
}

/** What an event says, before it gets its number and time. */
export type NewEvent = Omit<DeploymentEvent, 'id' | 'atMs'>;

/** The write-back of the last rollback. */
export interface WriteBackStatus {
  readonly state: 'pending' | 'committed' | 'abandoned' | 'off';
  readonly commit?: string;
  readonly message?: string;
}

/** The versions that a policy chose, as the registry had them when its commit was taken. */
export interface PinnedVersions {
  readonly specHash: string;
  readonly commit: string;
  readonly servables: readonly ServableVersion[];
}

/** All that is kept of one deployment. */
export interface JournalEntry {
  readonly namespace: string;
  readonly name: string;
  readonly state: RolloutState;
  readonly desired?: DesiredDeployment;
  /** Of the manifest, for policies; absent: none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Served to requests that name them, those that are stable or the candidate aside. */
  readonly pinned?: PinnedVersions;
  readonly writeBack?: WriteBackStatus;
  /** The newest, oldest first. */
  readonly events: readonly DeploymentEvent[];
  readonly nextEventId: number;
}

/** An entry with the tag that the next write of it must name. */
export interface TaggedEntry {
  readonly entry: JournalEntry;
  readonly etag: string;
}

/**
 * Keeps the state of deployments across restarts and changes of the leader.
 *
 * Every write names the tag of the content that it replaces, and carries the epoch of the term that it is made in. A new leader writes each
 * entry anew before it acts, so that no tag that an earlier leader knows is good any more.
 */
export interface RolloutJournal {
  /** Every entry as it is. */
  loadAll(): Promise<readonly TaggedEntry[]>;

  /**
   * Begins a term: every entry, written anew with the epoch.
   *
   * @throws PRECONDITION_FAILED when a later term has begun already; STORE_UNAVAILABLE, RECORD_INVALID
   */
  takeOver(epoch: number): Promise<readonly TaggedEntry[]>;

  /** One entry as it is now, if it was written in this term; `undefined` without one. */
  load(namespace: string, name: string): Promise<TaggedEntry | undefined>;

  /**
   * Writes an entry in the place of the one with the tag, or a new one without.
   *
   * @returns the new tag.
   * @throws PRECONDITION_FAILED when somebody else wrote it in the meantime.
   */
  save(entry: JournalEntry, etag: string | undefined): Promise<string>;

  /**
   * Takes an entry away. Repeating it in the same term does no harm.
   *
   * @throws PRECONDITION_FAILED when somebody else wrote it in the meantime.
   */
  remove(namespace: string, name: string, etag: string): Promise<void>;
}
