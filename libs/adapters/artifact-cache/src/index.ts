export { ArtifactCache, type ArtifactCacheParts } from './artifact-cache.ts';
export type { CacheEvent } from './cache-event.ts';
