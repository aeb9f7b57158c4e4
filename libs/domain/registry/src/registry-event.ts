import type { Alias } from './alias.ts';
import type { Model, NamespaceRecord } from './model.ts';
import type { ModelVersion } from './model-version.ts';
import type { Actor } from './names.ts';
import type { VersionStatus } from './version-status.ts';

/** The records whose changes the event log holds. */
export interface LoggedRecords {
  readonly namespace: NamespaceRecord;
  readonly model: Model;
  readonly version: ModelVersion;
  readonly status: VersionStatus;
  readonly alias: Alias;
}

export type LoggedKind = keyof LoggedRecords;

/** What happened, for people and for those who wait for one kind of thing. */
export const EVENT_ACTIONS = [
  'namespace-created',
  'namespace-updated',
  'model-created',
  'model-updated',
  'version-registered',
  'alias-moved',
  'alias-deleted',
  'stage-requested',
  'stage-changed',
  'stage-rejected',
  'version-deprecated',
  'version-undeprecated',
  'version-tombstoned',
  'version-restored',
  'version-annotated',
  'version-signed',
] as const;
export type EventAction = (typeof EVENT_ACTIONS)[number];

/** One change of one record. */
export type RegistryEvent = {
  [Kind in LoggedKind]: {
    /** The same for the same change, however often and by whomever it is logged. */
    readonly id: string;
    readonly kind: Kind;
    readonly action: EventAction;
    /** ISO 8601, UTC. */
    readonly at: string;
    readonly actor: Actor;
    /** `null` when the record is new. */
    readonly before: LoggedRecords[Kind] | null;
    readonly after: LoggedRecords[Kind];
  };
}[LoggedKind];

/** The event of one kind of record. */
export type EventOf<Kind extends LoggedKind> = Extract<RegistryEvent, { readonly kind: Kind }>;

/** The event that a change of a record is; it follows from the record's two contents alone. */
export function eventOf<Kind extends LoggedKind>(
  kind: Kind,
  before: LoggedRecords[Kind] | null,
  after: LoggedRecords[Kind],
): EventOf<Kind> {
  const change = { kind, before, after } as EventContent;
  const { at, actor } = authorOf(change);
  return {
    id: `${subjectOf(change)}#${revisionOf(change)}`,
    action: actionOf(change),
    at,
    actor,
    ...change,
  } as EventOf<Kind>;
}

type EventContent = {
  [Kind in LoggedKind]: {
    readonly kind: Kind;
    readonly before: LoggedRecords[Kind] | null;
    readonly after: LoggedRecords[Kind];
  };
}[LoggedKind];

/** What changed, as one word: `model default/digits`. */
function subjectOf(change: EventContent): string {
  switch (change.kind) {
    case 'namespace':
      return `namespace/${change.after.namespace}`;
    case 'model':
      return `model/${change.after.namespace}/${change.after.name}`;
    case 'version':
      return `version/${change.after.namespace}/${change.after.model}/${change.after.version}`;
    case 'status':
      return `status/${change.after.namespace}/${change.after.model}/${change.after.version}`;
    case 'alias':
      return `alias/${change.after.namespace}/${change.after.model}/${change.after.alias}`;
  }
}

/** Versions never change: their only revision is the first. */
export function revisionOf(change: EventContent): number {
  return change.kind === 'version' ? 1 : change.after.revision;
}

function authorOf(change: EventContent): { at: string; actor: Actor } {
  if (change.kind === 'version') return { at: change.after.createdAt, actor: change.after.createdBy };
  return { at: change.after.updatedAt, actor: change.after.updatedBy };
}

function actionOf(change: EventContent): EventAction {
  switch (change.kind) {
    case 'namespace':
      return change.after.revision === 1 ? 'namespace-created' : 'namespace-updated';
    case 'model':
      return change.after.revision === 1 ? 'model-created' : 'model-updated';
    case 'version':
      return 'version-registered';
    case 'alias':
      return change.after.version === 0 ? 'alias-deleted' : 'alias-moved';
    case 'status':
      return statusAction(change.before, change.after);
  }
}

function statusAction(before: VersionStatus | null, after: VersionStatus): EventAction {
  if (after.stage !== (before?.stage ?? 'development')) return 'stage-changed';
  if (after.tombstone !== undefined && before?.tombstone === undefined) return 'version-tombstoned';
  if (after.tombstone === undefined && before?.tombstone !== undefined) return 'version-restored';
  if (after.pendingStage !== undefined && after.pendingStage.at !== before?.pendingStage?.at) return 'stage-requested';
  if (after.pendingStage === undefined && before?.pendingStage !== undefined) return 'stage-rejected';
  if (after.deprecation !== undefined && after.deprecation.at !== before?.deprecation?.at) return 'version-deprecated';
  if (after.deprecation === undefined && before?.deprecation !== undefined) return 'version-undeprecated';
  if ((after.signatures?.length ?? 0) > (before?.signatures?.length ?? 0)) return 'version-signed';
  return 'version-annotated';
}
