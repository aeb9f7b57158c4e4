import type { Principal } from './principal.ts';

/** How messages name somebody: `user ada`, `workload vision-ci`. */
export function principalInWords({ kind, id }: Pick<Principal, 'kind' | 'id'>): string {
  return kind === 'anonymous' ? 'whoever does not say who they are' : `${kind} ${id}`;
}
