import type { Digest, LoggedRecords, RegistryEvent, VersionDraft } from '#domain/registry';

/** What tells one bucket from another, and which layout it has. */
export interface BucketIdentity {
  readonly id: string;
  readonly layout: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** Changes that one registry process appended to the event log at once. */
export interface EventBatch {
  /** 1, 2, 3 …: its place in the log. */
  readonly sequence: number;
  /** The process that appended it. */
  readonly writer: string;
  /** SHA-256 of the bytes of the batch before, in hexadecimal; absent in batches from before the log was a chain. */
  readonly previousSha256?: string;
  readonly events: readonly RegistryEvent[];
}

/** Whose a semantic version is. */
export interface SemanticVersionClaim {
  readonly draftId: string;
  /** ISO 8601, UTC. */
  readonly claimedAt: string;
  readonly contentDigest: Digest;
}

/** A blob that nothing refers to, and that will be removed unless something comes to refer to it. */
export interface Condemnation {
  readonly digest: Digest;
  /** ISO 8601, UTC. */
  readonly condemnedAt: string;
}

/** The kinds of record in the bucket, and what each is to the program. */
export interface RecordTypes extends LoggedRecords {
  readonly identity: BucketIdentity;
  readonly draft: VersionDraft;
  readonly claim: SemanticVersionClaim;
  readonly condemnation: Condemnation;
  readonly batch: EventBatch;
}

export type RecordKind = keyof RecordTypes;

/** Translates records from and to bytes, checking them against their schema both ways. */
export interface RecordCodec {
  /** @throws RECORD_INVALID when the record breaks its schema: a fault of ours, found before anything is written. */
  encode<Kind extends RecordKind>(kind: Kind, record: RecordTypes[Kind]): Uint8Array;
  /** @throws RECORD_INVALID when the bytes are not such a record. */
  decode<Kind extends RecordKind>(kind: Kind, bytes: Uint8Array): RecordTypes[Kind];
}
