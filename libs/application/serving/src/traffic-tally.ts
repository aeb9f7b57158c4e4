import { MAX_LABELS, OTHER_LABEL, OUTPUT_ACCURACY, QuantileSketch, type TrafficCounts } from '#domain/traffic';

/** Where a count belongs. */
export interface TrafficKey {
  readonly namespace: string;
  readonly deployment: string;
  readonly rolloutId: string;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Copies of requests that a version was asked; see MirroredCounts. */
export class MirrorTally {
  requests = 0;
  serverErrors = 0;
  compared = 0;
  readonly disagreements = new Map<string, number>();
  shed = 0;
}

/** What the answers of a version hold in one output; see OutputCounts. */
export class OutputTally {
  readonly labels = new Map<string, number>();
  values: QuantileSketch | undefined;

  countLabel(label: string): void {
    const known = this.labels.get(label);
    const name = known !== undefined || this.labels.size < MAX_LABELS ? label : OTHER_LABEL;
    this.labels.set(name, (this.labels.get(name) ?? 0) + 1);
  }

  countValue(value: number): void {
    this.values ??= new QuantileSketch(OUTPUT_ACCURACY);
    this.values.add(value);
  }
}

/** What one build did in one rollout, since this process started. */
export class TrafficTally implements Mutable<TrafficCounts>, TrafficKey {
  readonly namespace: string;
  readonly deployment: string;
  readonly rolloutId: string;
  readonly build: string;
  requests = 0;
  serverErrors = 0;
  /** Failed ones that stable answered instead. */
  fallbacks = 0;
  firstErrorAtMs: number | undefined;
  lastError: string | undefined;
  latency: QuantileSketch | undefined;
  nonFinite: number | undefined;
  constant: number | undefined;
  outputs: Map<string, OutputTally> | undefined;
  mirrored: MirrorTally | undefined;
  /** The ledger's count of changes when this was changed last. */
  change = 0;
  /** Of the answer before: fingerprints of its request and of its first output. */
  previous: { readonly inputs: number; readonly output: number } | undefined;

  constructor({ namespace, deployment, rolloutId }: TrafficKey, build: string) {
    this.namespace = namespace;
    this.deployment = deployment;
    this.rolloutId = rolloutId;
    this.build = build;
  }
}
