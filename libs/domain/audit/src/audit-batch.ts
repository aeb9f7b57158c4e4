import { DomainError } from '#domain/errors';
import type { AuditEntry } from './audit-entry.ts';
import type { ChainLink } from './link.ts';
import { type Sha256, sealed } from './seal.ts';

const BATCH_SCHEMA = 'slipway.dev/v1/AuditBatch';

/** Who wrote a batch of entries, when and in which place. */
export interface AuditBatchHead extends ChainLink {
  readonly previousSha256: string;
  /** When it was written. ISO 8601, UTC. */
  readonly at: string;
  /** Such as `registry`. */
  readonly program: string;
  /** Unique to the process. */
  readonly process: string;
  /** Of the batches of the process: 1, 2, 3 … */
  readonly number: number;
}

/** Entries that one process wrote at once. */
export interface AuditBatch extends AuditBatchHead {
  readonly entries: readonly AuditEntry[];
}

/** A batch as lines of JSON: its head, one line for each entry, and the seal. */
export function encodeAuditBatch(batch: AuditBatch, sha256: Sha256): Uint8Array {
  const { sequence, previousSha256, at, program, process, number, entries } = batch;
  const head = { schema: BATCH_SCHEMA, sequence, previousSha256, at, program, process, number };
  const lines = [head, ...entries].map((line) => JSON.stringify(line));
  return sealed(`${lines.join('\n')}\n{`, sha256);
}

/** @throws RECORD_INVALID when the bytes are no batch; whether its seal is intact is another question. */
export function decodeAuditBatch(bytes: Uint8Array): AuditBatch {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const [head, ...rest] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { schema, sequence, previousSha256, at, program, process, number } = head;
    if (schema === BATCH_SCHEMA && Number.isSafeInteger(sequence)) {
      return { sequence, previousSha256, at, program, process, number, entries: rest.slice(0, -1) };
    }
  } catch (error) {
    throw invalid({ cause: error });
  }
  throw invalid();
}

function invalid(options?: ErrorOptions): DomainError {
  return new DomainError('RECORD_INVALID', 'what is stored is no batch of the audit log', {}, options);
}
