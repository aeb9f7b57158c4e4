import { createHash } from 'node:crypto';
import type { RecordCodec, RecordKind, RecordTypes } from '#application/registry';
import { sealed } from '#domain/audit';
import { DomainError } from '#domain/errors';
import schema from '../../../../registry-schema/json/registry-records.schema.json' with { type: 'json' };
import { compileSchema, type Validation } from './compile-schema.ts';

/** The `schema` field of each kind of record: what a reader of the bucket sees first. */
const SCHEMA_NAMES: Record<RecordKind, string> = {
  identity: 'slipway.dev/v1/Bucket',
  namespace: 'slipway.dev/v1/Namespace',
  model: 'slipway.dev/v1/Model',
  draft: 'slipway.dev/v1/VersionDraft',
  claim: 'slipway.dev/v1/SemanticVersionClaim',
  condemnation: 'slipway.dev/v1/Condemnation',
  version: 'slipway.dev/v1/ModelVersion',
  status: 'slipway.dev/v1/VersionStatus',
  alias: 'slipway.dev/v1/Alias',
  batch: 'slipway.dev/v1/EventBatch',
};

/** Records as indented JSON: the bucket is the database, and people look into it. Batches of events are for programs, compact and sealed. */
export class JsonRecordCodec implements RecordCodec {
  readonly #validate = compileSchema<Record<string, unknown>>(schema);

  encode<Kind extends RecordKind>(kind: Kind, record: RecordTypes[Kind]): Uint8Array {
    const text = JSON.stringify({ schema: SCHEMA_NAMES[kind], ...record }, undefined, kind === 'batch' ? 0 : 2);
    this.#check(kind, JSON.parse(text));
    return kind === 'batch' ? sealed(`${text.slice(0, -1)},`, sha256) : new TextEncoder().encode(`${text}\n`);
  }

  decode<Kind extends RecordKind>(kind: Kind, bytes: Uint8Array): RecordTypes[Kind] {
    let document: unknown;
    try {
      document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch (error) {
      throw new DomainError('RECORD_INVALID', `a stored ${kind} record is not JSON`, {}, { cause: error });
    }
    this.#check(kind, document);
    const { schema: _, ...record } = document as { schema: string } & RecordTypes[Kind];
    return (kind === 'batch' ? withoutSeal(record) : record) as unknown as RecordTypes[Kind];
  }

  #check(kind: RecordKind, document: unknown): void {
    const result: Validation<unknown> = this.#validate({ [kind]: document });
    if (result.ok) return;
    const problems = result.problems.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new DomainError('RECORD_INVALID', `a stored ${kind} record breaks its schema: ${problems}`);
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Whether the seal is intact the verification tells; the registry goes on with what it can read. */
function withoutSeal({ sha256: _, ...batch }: { readonly sha256?: string }): object {
  return batch;
}
