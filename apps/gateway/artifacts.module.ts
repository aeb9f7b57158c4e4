import { ArtifactCache } from '#adapters/artifact-cache';
import { FsObjectStore } from '#adapters/object-store-fs';
import { S3ObjectStore } from '#adapters/object-store-s3';
import type { Logger } from '#adapters/telemetry';
import type { ObjectStore } from '#application/registry';
import { DomainError } from '#domain/errors';
import type { Digest } from '#domain/registry';
import type { ArtifactMetrics } from './artifact-metrics.ts';
import type { GatewayConfig } from './config.ts';

const MIB = 1024 * 1024;
const TRIM_INTERVAL_MS = 60_000;

/** What the cache is made of. */
export interface ArtifactParts {
  readonly config: GatewayConfig;
  readonly openStore: () => Promise<ObjectStore>;
  readonly directory: string;
  readonly isInUse: (digest: Digest) => boolean;
  readonly metrics: ArtifactMetrics;
}

/** Opens the cache of artifacts over the object store, which may be down: then what is cached is served. */
export function createArtifacts({ config, openStore, directory, isInUse, metrics }: ArtifactParts): ArtifactCache {
  const budgetBytes = config.cacheMib * MIB;
  // Said at the start, not at the first pull: a wrong key must not wait for a release to be found.
  void openStore().catch(() => {});
  const cache = new ArtifactCache({
    openStore,
    directory,
    budgetBytes,
    isInUse,
    onEvent: (event) => metrics.take(event),
  });
  metrics.watch(cache, budgetBytes);
  setInterval(() => void cache.trim(), TRIM_INTERVAL_MS).unref();
  return cache;
}

/** The object store, opened when it is first needed, and again when that failed. */
export function lazyStore(config: GatewayConfig, logger: Logger): () => Promise<ObjectStore> {
  let opening: Promise<ObjectStore> | undefined;
  const open = async () => (config.store === 'fs' ? FsObjectStore.open(config.storeDir) : S3ObjectStore.open(config));
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      logger.warn({ err: error }, 'the object store cannot be opened; what is cached is served');
      throw new DomainError('STORE_UNAVAILABLE', 'the object store cannot be opened', {}, { cause: error });
    });
    return opening;
  };
}
