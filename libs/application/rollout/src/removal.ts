import type { SourceOrigin, SourceRevision } from './manifest-source.ts';

/** Fewer deployments than this may go at once, whatever share of all they are. */
const MIN_GUARDED = 4;
/** The default of `SLIPWAY_GIT_MAX_REMOVED_PERCENT`. */
export const DEFAULT_MAX_REMOVED_PERCENT = 50;

/** A deployment that was there before the revision. */
export interface KnownDeployment {
  readonly key: string;
  /** Where it came from; `undefined` while nothing was taken from Git. */
  readonly file: string | undefined;
  /** Whether the revision still has it. */
  readonly isPresent: boolean;
}

/** Deployments that are missing from a revision and stay all the same, because they are too many at once. */
export interface HeldRemoval {
  readonly keys: readonly string[];
  readonly commit: string;
  readonly message: string;
}

/** What becomes of the deployments that a revision does not have any more. */
export interface RemovalPlan {
  readonly remove: readonly string[];
  readonly held: readonly HeldRemoval[];
}

/**
 * Which of the known deployments a revision takes away. A repository that could not be read, or whose branch has no commit, takes
 * nothing away: it was lost or just made. One that would take away more than `maxRemovedPercent` of at least four deployments has to
 * say so in its newest commit.
 */
export function planRemoval(
  revision: SourceRevision,
  known: readonly KnownDeployment[],
  maxRemovedPercent: number,
): RemovalPlan {
  const remove: string[] = [];
  const held: HeldRemoval[] = [];
  const origins = originsOf(revision);
  for (const origin of origins) {
    const members = known.filter(({ file }) => isFrom(origin, file));
    const absent = members.filter(({ isPresent }) => !isPresent).map(({ key }) => key);
    if (origin.commit === undefined || !origin.isRead || absent.length === 0) continue;
    const isTooMany = members.length >= MIN_GUARDED && absent.length * 100 > maxRemovedPercent * members.length;
    if (isTooMany && !origin.confirmsRemoval) {
      const message = `commit ${origin.commit.slice(0, 10)} has no manifest for ${absent.length} of ${members.length} deployments, so that none of them is removed: bring the manifests back, or commit with the trailer "Slipway-Confirm-Removal: yes"`;
      held.push({ keys: absent, commit: origin.commit, message });
    } else remove.push(...absent);
  }
  // Repositories that are not listed any more: as long as one of the others is not read, it may be where their deployments went.
  if (origins.every(({ isRead }) => isRead)) {
    const orphans = known.filter(
      ({ file, isPresent }) => !isPresent && !origins.some((origin) => isFrom(origin, file)),
    );
    remove.push(...orphans.map(({ key }) => key));
  }
  return { remove, held };
}

/** Whether a deployment's file is in a repository that could not be read. */
export function isUnread(revision: SourceRevision, file: string | undefined): boolean {
  return file !== undefined && originsOf(revision).some((origin) => !origin.isRead && isFrom(origin, file));
}

function originsOf({ commit, confirmsRemoval = false, origins }: SourceRevision): readonly SourceOrigin[] {
  return origins ?? [{ prefix: '', commit, isRead: true, confirmsRemoval }];
}

function isFrom({ prefix }: SourceOrigin, file: string | undefined): boolean {
  return (file ?? '').startsWith(prefix);
}
