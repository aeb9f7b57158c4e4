import { createHash, randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { auditBatches, registryLogChain } from '#adapters/audit-store';
import { type Environment, loadConfig, objectStoreSettings } from '#adapters/config';
import { JsonRecordCodec } from '#adapters/json-schema';
import { FsObjectStore } from '#adapters/object-store-fs';
import { S3ObjectStore } from '#adapters/object-store-s3';
import { type AuditChain, entriesChain, listAudit, verifyAudit } from '#application/audit';
import { backupBucket, type CopyParts, type ObjectStore, restoreBucket, verifyBucket } from '#application/registry';
import { DomainError } from '#domain/errors';
import type { Digest } from '#domain/registry';
import type { Buckets } from './context.ts';

/** The bucket that the environment names, by the registry's own settings, and backups of it in folders. */
export function bucketsIn(environment: Environment): Buckets {
  const openBucket = (): Promise<ObjectStore> => {
    const config = loadConfig(objectStoreSettings, environment);
    return config.store === 'fs' ? openFolder(config.storeDir) : S3ObjectStore.open(config);
  };
  const chainsIn = async (folder: string | undefined) => {
    const store = folder === undefined ? await openBucket() : await openFolder(folder);
    return chainsOf(store);
  };
  return {
    verifyAudit: async (folder, expected, onProgress) =>
      verifyAudit(await chainsIn(folder), { sha256, expected, onProgress }),
    listAudit: async (folder, query) => listAudit(await chainsIn(folder), query),
    backup: async (folder, progress) =>
      backupBucket(await openBucket(), await FsObjectStore.open(folder), parts, progress),
    restore: async (folder, progress) => {
      const source = await openFolder(folder);
      const config = loadConfig(objectStoreSettings, environment);
      const target =
        config.store === 'fs' ? await FsObjectStore.open(config.storeDir) : await S3ObjectStore.open(config);
      return restoreBucket(source, target, parts, progress);
    },
    verify: async (folder, isQuick, onProgress) =>
      verifyBucket(folder === undefined ? await openBucket() : await openFolder(folder), {
        ...parts,
        isQuick,
        onProgress,
      }),
  };
}

const parts: CopyParts = {
  codec: new JsonRecordCodec(),
  newDigest: () => {
    const hash = createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), digest: () => `sha256:${hash.digest('hex')}` as Digest };
  },
  now: () => new Date().toISOString(),
  randomId: randomUUID,
};

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Everything that is audited: what programs wrote down, and the registry's changes. */
function chainsOf(store: ObjectStore): readonly AuditChain[] {
  const open = async () => store;
  return [entriesChain(auditBatches(open)), registryLogChain(open, parts.codec)];
}

/** A folder that must be there: reading from one that is made by looking at it would find nothing wrong. */
async function openFolder(folder: string): Promise<ObjectStore> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory() === true) return FsObjectStore.open(folder);
  throw new DomainError('INPUT_INVALID', `${folder} is no folder with a bucket`);
}
