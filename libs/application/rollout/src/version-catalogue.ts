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

/**
 * Finds versions in the registry. No method throws: an unreachable registry is `unknown`.
 *
 * Where `signedBy` is given, a version that none of those signers has signed is missing, and `isUnsigned`; it may be signed later.
 */
export interface VersionCatalogue {
  resolve(namespace: string, model: string, version: number, signedBy?: readonly string[]): Promise<Resolution>;

  /** The version that an alias points at now. */
  resolveAlias(namespace: string, model: string, alias: string): Promise<Resolution>;

  /** The versions that a policy chooses now, withdrawn ones left out, and no more than the limit. */
  select(
    namespace: string,
    model: string,
    policy: VersionPolicy,
    limit: number,
    signedBy?: readonly string[],
  ): Promise<Selection>;
}
