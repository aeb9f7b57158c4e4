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
}

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

/** Keeps the state of deployments across restarts. */
export interface RolloutJournal {
  loadAll(): Promise<readonly TaggedEntry[]>;
  /**
   * Writes an entry in the place of the one with the tag, or a new one without.
   *
   * @returns the new tag.
   * @throws PRECONDITION_FAILED when somebody else wrote it in the meantime.
   */
  save(entry: JournalEntry, etag: string | undefined): Promise<string>;
  remove(namespace: string, name: string): Promise<void>;
}
