/** What policies know of a deployment beside its name. */
export interface DeploymentAttributes {
  /** Of its manifest; absent for an ensemble. */
  readonly model?: string | undefined;
  /** Those that its manifest names; none where every variant that is registered may serve. */
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}
