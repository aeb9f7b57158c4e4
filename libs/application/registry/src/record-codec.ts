import type { Alias, Model, ModelVersion, VersionDraft } from '#domain/registry';

/** The kinds of record in the bucket, and what each is to the program. */
export interface RecordTypes {
  readonly model: Model;
  readonly draft: VersionDraft;
  readonly version: ModelVersion;
  readonly alias: Alias;
}

export type RecordKind = keyof RecordTypes;

/** Translates records from and to bytes, checking them against their schema both ways. */
export interface RecordCodec {
  /** @throws RECORD_INVALID when the record breaks its schema: a fault of ours, found before anything is written. */
  encode<Kind extends RecordKind>(kind: Kind, record: RecordTypes[Kind]): Uint8Array;
  /** @throws RECORD_INVALID when the bytes are not such a record. */
  decode<Kind extends RecordKind>(kind: Kind, bytes: Uint8Array): RecordTypes[Kind];
}
