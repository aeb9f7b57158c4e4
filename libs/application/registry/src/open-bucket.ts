import { DomainError } from '#domain/errors';
import { objectKeys } from './object-keys.ts';
import type { BucketIdentity } from './record-codec.ts';
import type { RegistryRecords } from './registry-records.ts';

/** The layout of docs/reference/bucket-layout.md. A change that older programs would misread makes it 2. */
export const BUCKET_LAYOUT = 1;

/**
 * The bucket's identity, given to it by whoever opens it first.
 *
 * @throws RECORD_INVALID when a later program wrote the bucket in a layout that this one does not know.
 */
export async function openBucket(
  records: RegistryRecords,
  newId: () => string,
  now: () => string,
): Promise<BucketIdentity> {
  await records.create('identity', objectKeys.identity, { id: newId(), layout: BUCKET_LAYOUT, createdAt: now() });
  const found = await records.read('identity', objectKeys.identity);
  if (found?.record.layout === BUCKET_LAYOUT) return found.record;
  throw new DomainError(
    'RECORD_INVALID',
    `the bucket has layout ${found?.record.layout}, this program knows layout ${BUCKET_LAYOUT}: use a newer Slipway`,
  );
}
