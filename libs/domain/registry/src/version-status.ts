import { DomainError } from '#domain/errors';
import type { Revisioned } from './model.ts';
import type { Actor, ModelName, Namespace } from './names.ts';
import { type Stage, stagesAfter } from './stage.ts';

/** Who did something, when, and what they said of it. */
export interface Remark {
  readonly by: Actor;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly reason: string;
}

/** A wish to change a version's stage that waits for somebody's approval. */
export interface StageRequest extends Remark {
  readonly to: Stage;
}

/** A signature that somebody attached to a version. Who made it, its bundle tells those who know their key. */
export interface VersionSignature {
  /** A Sigstore bundle. */
  readonly bundle: string;
  readonly by: Actor;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** How many signatures a version may have: its status, which holds them, stands whole in each of its events. */
export const MAX_SIGNATURES = 8;

/** What can change about a version, which is itself immutable. A version without a record of its own is in {@link initialStatus}. */
export interface VersionStatus extends Revisioned {
  readonly namespace: Namespace;
  readonly model: ModelName;
  readonly version: number;
  readonly stage: Stage;
  readonly pendingStage?: StageRequest;
  /** Set while people are told not to use the version; it can still be served. */
  readonly deprecation?: Remark;
  /** Set when the version is withdrawn: it can no longer be deployed, and its bytes go after a grace period. */
  readonly tombstone?: Remark;
  readonly annotations: Readonly<Record<string, string>>;
  /** In the order in which they came; absent: none. */
  readonly signatures?: readonly VersionSignature[];
}

/** The status of a version that nobody has touched since it was registered. */
export function initialStatus(
  version: { readonly namespace: Namespace; readonly model: ModelName; readonly version: number },
  created: { readonly createdAt: string; readonly createdBy: Actor },
): VersionStatus {
  return {
    namespace: version.namespace,
    model: version.model,
    version: version.version,
    revision: 0,
    updatedAt: created.createdAt,
    updatedBy: created.createdBy,
    stage: 'development',
    annotations: {},
  };
}

/**
 * Asks for another stage: the version enters it at once, or waits for approval where the namespace demands one.
 *
 * @throws STAGE_TRANSITION_REFUSED when the stage cannot be reached from the present one, or the version is withdrawn.
 */
export function requestStage(
  status: VersionStatus,
  to: Stage,
  remark: Remark,
  approvalStages: readonly Stage[],
): VersionStatus | undefined {
  if (status.stage === to) return undefined;
  assertLive(status);
  if (!stagesAfter(status.stage).includes(to)) {
    const allowed = stagesAfter(status.stage).join(', ');
    throw refused(status, `cannot go from ${status.stage} to ${to}: from there it may go to ${allowed}`);
  }
  if (approvalStages.includes(to)) return changed(status, remark, { pendingStage: { ...remark, to } });
  return withoutPending(changed(status, remark, { stage: to }));
}

/**
 * Approves or rejects the stage that waits.
 *
 * @throws STAGE_TRANSITION_REFUSED when nothing waits, or the requester approves their own request.
 */
export function decideStage(status: VersionStatus, isApproved: boolean, remark: Remark): VersionStatus {
  const { pendingStage } = status;
  if (pendingStage === undefined) throw refused(status, 'has no stage that waits for approval');
  if (isApproved && pendingStage.by === remark.by) {
    throw refused(status, `was asked into ${pendingStage.to} by ${remark.by}: somebody else must approve it`);
  }
  if (isApproved) assertLive(status);
  return withoutPending(changed(status, remark, isApproved ? { stage: pendingStage.to } : {}));
}

/** Sets or lifts the deprecation; `undefined` when it is so already. */
export function deprecate(status: VersionStatus, isDeprecated: boolean, remark: Remark): VersionStatus | undefined {
  if (isDeprecated && status.deprecation?.reason === remark.reason) return undefined;
  if (isDeprecated) return changed(status, remark, { deprecation: remark });
  if (status.deprecation === undefined) return undefined;
  const { deprecation: _, ...rest } = changed(status, remark, {});
  return rest;
}

/**
 * Withdraws a version; `undefined` when it is withdrawn already.
 *
 * @param users what still refers to the version, such as `alias champion` or `deployment digits`.
 * @throws VERSION_IN_USE when anything does.
 */
export function tombstone(status: VersionStatus, remark: Remark, users: readonly string[]): VersionStatus | undefined {
  if (status.tombstone !== undefined) return undefined;
  if (users.length > 0) {
    const name = `${status.model}@${status.version}`;
    throw new DomainError('VERSION_IN_USE', `${name} is in use by ${users.join(', ')}: change that first`, { users });
  }
  return withoutPending(changed(status, remark, { tombstone: remark }));
}

/** Takes a withdrawal back; `undefined` when there is none. */
export function restore(status: VersionStatus, remark: Remark): VersionStatus | undefined {
  if (status.tombstone === undefined) return undefined;
  const { tombstone: _, ...rest } = changed(status, remark, {});
  return rest;
}

/** Sets annotations and removes those whose value is `null`; `undefined` when nothing changes. */
export function annotate(
  status: VersionStatus,
  edits: Readonly<Record<string, string | null>>,
  remark: Remark,
): VersionStatus | undefined {
  const merged: Record<string, string> = { ...status.annotations };
  for (const [name, value] of Object.entries(edits)) {
    if (value === null) delete merged[name];
    else merged[name] = value;
  }
  const isSame =
    Object.keys(merged).length === Object.keys(status.annotations).length &&
    Object.entries(merged).every(([name, value]) => status.annotations[name] === value);
  return isSame ? undefined : changed(status, remark, { annotations: merged });
}

/**
 * Attaches a signature; `undefined` when the version has this very one.
 *
 * @throws VERSION_SIGNATURES_FULL, and VERSION_TOMBSTONED when the version is withdrawn.
 */
export function addSignature(status: VersionStatus, bundle: string, remark: Remark): VersionStatus | undefined {
  const { model, version, signatures = [] } = status;
  if (signatures.some((signature) => signature.bundle === bundle)) return undefined;
  if (status.tombstone !== undefined) {
    throw new DomainError('VERSION_TOMBSTONED', `${model}@${version} is withdrawn: restore it first`);
  }
  if (signatures.length >= MAX_SIGNATURES) {
    throw new DomainError('VERSION_SIGNATURES_FULL', `${model}@${version} has ${MAX_SIGNATURES} signatures already`);
  }
  const { by, at } = remark;
  return changed(status, remark, { signatures: [...signatures, { bundle, by, at }] });
}

function changed(status: VersionStatus, { by, at }: Remark, change: Partial<VersionStatus>): VersionStatus {
  return { ...status, ...change, revision: status.revision + 1, updatedAt: at, updatedBy: by };
}

function withoutPending({ pendingStage: _, ...status }: VersionStatus): VersionStatus {
  return status;
}

function assertLive(status: VersionStatus): void {
  if (status.tombstone !== undefined) throw refused(status, 'is withdrawn: restore it first');
}

function refused({ model, version }: VersionStatus, problem: string): DomainError {
  return new DomainError('STAGE_TRANSITION_REFUSED', `${model}@${version} ${problem}`);
}
