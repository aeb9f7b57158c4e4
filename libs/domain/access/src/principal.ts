/**
 * What somebody is. The kinds have their names apart: a user and a workload of one name are two.
 *
 * - `user`: a person, or whatever else an identity provider vouches for with a token.
 * - `workload`: a program, known by its certificate or by an API key that belongs to no user.
 * - `anonymous`: whoever has not said who they are.
 */
export type PrincipalKind = 'user' | 'workload' | 'anonymous';

/** How somebody has shown who they are. */
export const CREDENTIALS = ['token', 'apiKey', 'certificate', 'none'] as const;
export type Credential = (typeof CREDENTIALS)[number];

/** What an API key may be used for, of all that its owner may do. */
export interface KeyScope {
  /** Of the key, for the audit log. */
  readonly keyId: string;
  readonly actions: readonly string[];
  /** Absent: every namespace. */
  readonly namespaces?: readonly string[];
}

/** Who asks, as every interface sees them. */
export interface Principal {
  readonly kind: PrincipalKind;
  /** Unique among those of its kind; of a user what the configured claim says, of a workload its SPIFFE id, subject or name. */
  readonly id: string;
  readonly groups: readonly string[];
  /** Claims that policies may compare with, such as a team. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly credential: Credential;
  /** Since the epoch: when the credential ends, and with it whatever goes on in its name. Absent: never by itself. */
  readonly validUntilMs?: number;
  /** Set for those who come with an API key. */
  readonly scope?: KeyScope;
}

/** Whoever has not said who they are. */
export const ANONYMOUS_PRINCIPAL: Principal = {
  kind: 'anonymous',
  id: 'anonymous',
  groups: [],
  attributes: {},
  credential: 'none',
};

/** The values of what a policy may compare with: `id`, `groups`, or `attributes.<name>`. None when the principal has no such thing. */
export function principalValues({ id, groups, attributes }: Principal, path: string): readonly string[] {
  if (path === 'id') return [id];
  if (path === 'groups') return groups;
  const name = path.slice('attributes.'.length);
  return path.startsWith('attributes.') && Object.hasOwn(attributes, name) ? (attributes[name] ?? []) : [];
}
