import type { AuditChain, ListedEntry } from '#application/audit';
import type { EventBatch, ObjectStore, RecordCodec } from '#application/registry';
import type { RegistryEvent } from '#domain/registry';
import { ObjectStoreBatches } from './object-store-batches.ts';

/** Clocks of several writers may differ by so much: an event may be this much newer than its batch says. */
const CLOCK_MARGIN_MS = 600_000;

/** The registry's own log, in which every change of its records is, as a chain of the audit. */
export function registryLogChain(open: () => Promise<ObjectStore>, codec: RecordCodec): AuditChain {
  return {
    store: new ObjectStoreBatches(open, 'log/', '.json'),
    isChainedFromTheFirst: false,
    decode: (bytes, key) => {
      const batch = codec.decode('batch', bytes);
      const { sequence, previousSha256 } = batch;
      const entries = batch.events.map((event) => listedEvent(event, batch, key));
      const chained = previousSha256 === undefined ? {} : { previousSha256 };
      return { sequence, ...chained, at: newestPossible(batch), entries };
    },
  };
}

function newestPossible({ events }: EventBatch): string {
  const newestMs = Math.max(...events.map(({ at }) => Date.parse(at)));
  return new Date(newestMs + CLOCK_MARGIN_MS).toISOString();
}

function listedEvent(event: RegistryEvent, { writer }: EventBatch, key: string): ListedEntry {
  return { ...entryOfEvent(event), key, program: 'registry', process: writer };
}

/** A change of the registry's records as an entry of the audit. The log knows who made it by their name alone. */
export function entryOfEvent({ at, id, actor, action }: RegistryEvent) {
  const principal = { kind: 'author', id: actor, credential: 'registry' };
  return { at, kind: 'change' as const, id, principal, action, resource: subjectInWords(id) };
}

/** `version/vision/digits/3#1` is about `version vision/digits@3`. */
function subjectInWords(eventId: string): string {
  const [subject = ''] = eventId.split('#');
  const [kind = '', ...names] = subject.split('/');
  if (kind !== 'version' && kind !== 'status') return `${kind} ${names.join('/')}`;
  return `version ${names.slice(0, -1).join('/')}@${names.at(-1)}`;
}
