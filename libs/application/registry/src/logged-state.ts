import { type Digest, type LoggedKind, type LoggedRecords, type RegistryEvent, revisionOf } from '#domain/registry';
import { objectKeys } from './object-keys.ts';
import type { EventBatch } from './record-codec.ts';
import { filesOf } from './register-version.ts';
import type { RegistryRecords } from './registry-records.ts';

const READ_AHEAD = 32;

/** A record as the log leaves it. */
export type LoggedRecord = {
  [Kind in LoggedKind]: {
    readonly kind: Kind;
    readonly key: string;
    readonly revision: number;
    readonly record: LoggedRecords[Kind];
  };
}[LoggedKind];

/** A file that versions refer to. */
export interface ReferencedBlob {
  readonly sizeBytes: number;
  /** One of the versions that refer to it. */
  readonly version: string;
  /** Whether all of those versions are withdrawn, so that the bytes may be gone. */
  readonly isWithdrawn: boolean;
}

/** The registry's records as the log leaves them at one of its places: a state that the bucket went through, without any tearing. */
export interface LoggedState {
  /** Sequence of the last batch; 0 for an empty log. */
  readonly position: number;
  readonly records: ReadonlyMap<string, LoggedRecord>;
}

/** Reads the log from its beginning to its present end. @throws RECORD_INVALID */
export async function readLoggedState(records: RegistryRecords): Promise<LoggedState> {
  const latest = new Map<string, LoggedRecord>();
  let position = 0;
  for await (const batch of readLog(records)) {
    position = batch.sequence;
    for (const event of batch.events) {
      const logged = recordOf(event);
      const known = latest.get(logged.key);
      if (known === undefined || known.revision < logged.revision) latest.set(logged.key, logged);
    }
  }
  return { position, records: latest };
}

/** The log's batches in their order. */
async function* readLog(records: RegistryRecords): AsyncGenerator<EventBatch> {
  for (let first = 1; ; first += READ_AHEAD) {
    const sequences = Array.from({ length: READ_AHEAD }, (_, offset) => first + offset);
    const reads = sequences.map((sequence) => records.read('batch', objectKeys.batch(sequence)));
    for (const found of await Promise.all(reads)) {
      if (found === undefined) return;
      yield found.record;
    }
  }
}

/** The blobs that the versions of a state refer to. */
export function referencedBlobs({ records }: LoggedState): Map<Digest, ReferencedBlob> {
  const blobs = new Map<Digest, ReferencedBlob>();
  for (const logged of records.values()) {
    if (logged.kind !== 'version') continue;
    const { namespace, model, version } = logged.record;
    const status = records.get(objectKeys.status(namespace, model, version));
    const isWithdrawn = status?.kind === 'status' && status.record.tombstone !== undefined;
    for (const { digest, sizeBytes } of filesOf(logged.record)) {
      const known = blobs.get(digest);
      if (known !== undefined && (isWithdrawn || !known.isWithdrawn)) continue;
      blobs.set(digest, { sizeBytes, version: `${namespace}/${model}@${version}`, isWithdrawn });
    }
  }
  return blobs;
}

function recordOf(event: RegistryEvent): LoggedRecord {
  const { kind, after } = event;
  return { kind, key: keyOf(event), revision: revisionOf(event), record: after } as LoggedRecord;
}

function keyOf(event: RegistryEvent): string {
  switch (event.kind) {
    case 'namespace':
      return objectKeys.namespace(event.after.namespace);
    case 'model':
      return objectKeys.model(event.after.namespace, event.after.name);
    case 'version':
      return objectKeys.version(event.after.namespace, event.after.model, event.after.version);
    case 'status':
      return objectKeys.status(event.after.namespace, event.after.model, event.after.version);
    case 'alias':
      return objectKeys.alias(event.after.namespace, event.after.model, event.after.alias);
  }
}
