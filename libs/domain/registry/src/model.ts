import type { Actor, ModelName, Namespace } from './names.ts';
import type { Stage } from './stage.ts';

/** What every record that can change carries. */
export interface Revisioned {
  /** 1 for the first content, one more with every change; never repeats, never skips. */
  readonly revision: number;
  /** ISO 8601, UTC. */
  readonly updatedAt: string;
  readonly updatedBy: Actor;
}

/** A tenant: whose models these are, and by which rules they go to production. */
export interface NamespaceRecord extends Revisioned {
  readonly namespace: Namespace;
  readonly description?: string;
  readonly owner?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Stages that a version enters only when somebody else than the requester has approved it. */
  readonly approvalStages: readonly Stage[];
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly createdBy: Actor;
}

/** A named line of versions. */
export interface Model extends Revisioned {
  readonly namespace: Namespace;
  readonly name: ModelName;
  readonly description?: string;
  /** A person or team, as people write it. */
  readonly owner?: string;
  /** The model card: Markdown. */
  readonly card?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly createdBy: Actor;
}
