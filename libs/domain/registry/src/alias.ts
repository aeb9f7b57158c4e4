import { DomainError } from '#domain/errors';
import type { Revisioned } from './model.ts';
import type { Actor, AliasName, ModelName, Namespace } from './names.ts';

/** Moves that an alias's own record remembers; the event log has them all. */
const MAX_HISTORY = 100;

/** One move of an alias. */
export interface AliasMove {
  /** Where it pointed from then on; 0 for nowhere. */
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: Actor;
}

/** A movable pointer to a version. A removed alias points at version 0 and keeps its history. */
export interface Alias extends Revisioned {
  readonly namespace: Namespace;
  readonly model: ModelName;
  readonly alias: AliasName;
  readonly version: number;
  /** Newest first, the present place included. */
  readonly history: readonly AliasMove[];
}

/** A wish to point an alias elsewhere. */
export interface AliasChange {
  readonly namespace: Namespace;
  readonly model: ModelName;
  readonly alias: AliasName;
  /** 0 removes the alias. */
  readonly version: number;
  /** Where it must point now, 0 for nowhere; `undefined` moves it from wherever it is. */
  readonly expected: number | undefined;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: Actor;
}

/**
 * The alias after a change; `undefined` when it points there already.
 *
 * @throws ALIAS_CONFLICT when it points elsewhere than expected.
 */
export function moveAlias(current: Alias | undefined, change: AliasChange): Alias | undefined {
  const { namespace, model, alias, version, expected, at, by } = change;
  const present = current?.version ?? 0;
  if (expected !== undefined && expected !== present) throw conflict(alias, present, expected);
  if (present === version) return undefined;
  return {
    namespace,
    model,
    alias,
    version,
    revision: (current?.revision ?? 0) + 1,
    updatedAt: at,
    updatedBy: by,
    history: [{ version, at, by }, ...(current?.history ?? [])].slice(0, MAX_HISTORY),
  };
}

function conflict(alias: AliasName, present: number, expected: number): DomainError {
  const is = present === 0 ? 'does not exist' : `points at version ${present}`;
  const wanted = expected === 0 ? 'absent' : `at version ${expected}`;
  return new DomainError('ALIAS_CONFLICT', `alias ${alias} ${is}, but was expected to be ${wanted}`, {
    field: 'input.expectedVersion',
  });
}
