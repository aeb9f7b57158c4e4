import type { Logger } from '#adapters/telemetry';

/** Who may keep an answer: where not everybody may have it, only the one who asked. */
export type CacheScope = 'public' | 'private';

/** What routes for bytes need beside the registry. */
export interface RouteSurroundings {
  readonly logger: Logger;
  readonly scope: CacheScope;
}

/** Headers of what never changes. @param tag tells it from everything else. */
export function immutableHeaders(tag: string, scope: CacheScope): Readonly<Record<string, string>> {
  return { etag: `"${tag}"`, 'cache-control': `${scope}, max-age=31536000, immutable` };
}
