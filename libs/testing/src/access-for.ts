import { compilePolicies } from '#adapters/casl';
import {
  type Access,
  AccessControl,
  ADMINISTRATOR_RULE,
  ASKS_NOBODY,
  Authenticator,
  type Denial,
  OPEN_ACCESS,
  PoliciesInForce,
} from '#application/access';
import type { Policy, Principal, TrustedProxies } from '#domain/access';
import { DomainError } from '#domain/errors';

/** Access of a test: policies in force, and principals by the tokens that name them. */
export interface TestedAccess extends Pick<Access, 'control' | 'isOpen'> {
  readonly policies: PoliciesInForce;
  /** Those that are taken out are let in no more. */
  readonly principals: Map<string, Principal>;
  readonly denials: Denial[];
}

/** Access by policies; without any, everybody may do everything. @param principals by token */
export function accessFor(
  documents: readonly Policy[] | undefined,
  principals: Readonly<Record<string, Principal>> = {},
  proxies?: TrustedProxies,
): TestedAccess {
  const denials: Denial[] = [];
  const known = new Map(Object.entries(principals));
  const policies = new PoliciesInForce(compilePolicies, documents === undefined ? [OPEN_ACCESS] : []);
  if (documents !== undefined) {
    const parsed = documents.map((policy) => ({
      file: `${policy.name}.yaml`,
      parsed: { kind: 'policy', policy } as const,
    }));
    policies.take({ name: 'tested', documents: parsed });
  }
  const verify = async (token: string) => {
    const principal = known.get(token);
    if (principal === undefined) throw new DomainError('UNAUTHENTICATED', 'there is no such token');
    return principal;
  };
  const authenticator = new Authenticator({ tokens: { verify }, sha256: (text) => text, nowMs: () => Date.now() });
  const control = new AccessControl({
    authenticator: documents === undefined ? ASKS_NOBODY : authenticator,
    policies,
    lastResort: compilePolicies([ADMINISTRATOR_RULE]),
    nowMs: () => Date.now(),
    proxies,
    onDenied: (denial) => denials.push(denial),
  });
  return { control, isOpen: documents === undefined, policies, principals: known, denials };
}
