import type { Resolution, ServableVersion, VersionPolicy } from '#domain/rollout';

/** The versions that a policy chooses. */
export type Selection =
  | {
      readonly kind: 'found';
      /** Newest first. */
      readonly servables: readonly ServableVersion[];
      /** How many there are by the policy, those beyond the limit included. */
      readonly totalCount: number;
      /** Versions that the policy names and that cannot be served, each with its reason. */
      readonly missing: readonly { readonly version: number; readonly reason: string }[];
    }
  /** The registry could not answer. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Finds versions in the registry. No method throws: an unreachable registry is `unknown`. */
export interface VersionCatalogue {
  resolve(namespace: string, model: string, version: number): Promise<Resolution>;

  /** The version that an alias points at now. */
  resolveAlias(namespace: string, model: string, alias: string): Promise<Resolution>;

  /** The versions that a policy chooses now, withdrawn ones left out, and no more than the limit. */
  select(namespace: string, model: string, policy: VersionPolicy, limit: number): Promise<Selection>;
}
