import { DomainError, isDomainError } from '#domain/errors';
import type { ObjectStore, WriteCondition } from './object-store.ts';

/**
 * Finds out whether a store honours conditional writes, on which every number and alias rests. Run at start, on a key of its own.
 *
 * @param probeId unique to this call.
 * @throws STORE_NOT_CONDITIONAL naming the first case that failed.
 */
export async function probeConditionalWrites(store: ObjectStore, probeId: string): Promise<void> {
  const key = `probes/${probeId}`;
  const content = (text: string) => new TextEncoder().encode(text);
  const isRefused = async (target: string, condition: WriteCondition) => {
    try {
      await store.put(target, content('refused'), condition);
      return false;
    } catch (error) {
      if (isDomainError(error, 'PRECONDITION_FAILED')) return true;
      throw error;
    }
  };
  try {
    const first = await store.put(key, content('first'), { kind: 'absent' });
    if (!(await isRefused(key, { kind: 'absent' }))) throw unfit('If-None-Match: * on a key that exists');
    await store.put(key, content('second'), { kind: 'matches', etag: first });
    if (!(await isRefused(key, { kind: 'matches', etag: first }))) throw unfit('If-Match with a stale tag');
    if (!(await isRefused(`${key}-absent`, { kind: 'matches', etag: first }))) throw unfit('If-Match on an absent key');
    const kept = await store.get(key);
    if (new TextDecoder().decode(kept?.bytes) !== 'second') throw unfit('a refused write changed the object');
  } finally {
    await store.delete(key);
    await store.delete(`${key}-absent`);
  }
}

function unfit(what: string): DomainError {
  const advice = 'use a store with conditional writes: a folder, Amazon S3, or MinIO from 2023 on';
  return new DomainError('STORE_NOT_CONDITIONAL', `the object store does not refuse what it must (${what}): ${advice}`);
}
