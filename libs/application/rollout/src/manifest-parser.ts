import type { AliasedSpec, DeploymentSpec } from '#domain/rollout';

/** One document of a file: a deployment, a policy, which is somebody else's to read, or what is wrong with it. */
export type ParsedManifest =
  | {
      readonly kind: 'deployment';
      readonly spec: DeploymentSpec | AliasedSpec;
      readonly specHash: string;
      /** Of its metadata; they are no part of what is released. */
      readonly labels?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'policy' }
  | {
      readonly kind: 'invalid';
      /** Which deployment was meant, where the document says so. */
      readonly namespace: string | undefined;
      readonly name: string | undefined;
      /** Every problem, with its field path and line. */
      readonly message: string;
    };

/** Reads manifests. */
export interface ManifestParser {
  /** Every document of a file, in order. Never throws: whatever is wrong comes back as `invalid`. */
  parse(text: string): readonly ParsedManifest[];
}
