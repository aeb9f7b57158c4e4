import type { Resolution } from '#domain/rollout';

/** Finds versions in the registry. */
export interface VersionCatalogue {
  /** Never throws: an unreachable registry is `unknown`. */
  resolve(namespace: string, model: string, version: number): Promise<Resolution>;
}
