import type { Principal, TrustedProxies } from '#domain/access';
import type { CompilePolicies } from './ability.ts';
import { AccessControl, ASKS_NOBODY, OPEN_ACCESS } from './access-control.ts';
import type { AccessMemory, AccessSource } from './access-documents.ts';
import { ADMINISTRATOR_RULE, administratorKey } from './administrator.ts';
import { Authenticator, type RefusedCredential, type TokenVerifier } from './authenticator.ts';
import type { Denial } from './caller.ts';
import type { Decision } from './decision.ts';
import { ExplainAccess, type IsInNetwork } from './explain-access.ts';
import { FollowAccess } from './follow-access.ts';
import { PoliciesInForce, type PolicyStatus } from './policies-in-force.ts';
import type { PolicyParser } from './policy-parser.ts';

/** What is told of access to those who look after it. */
export interface AccessEvents {
  onDenied(denial: Denial): void;
  /** A credential was refused, or was so again. */
  onRefused(refused: RefusedCredential): void;
  /** Somebody came with a credential that this process had not seen before. */
  onLogin?(principal: Principal): void;
  /** A revision of policies was taken or refused. */
  onPolicies(status: PolicyStatus): void;
  /** The documents could not be kept on this machine. */
  onUnkept(error: unknown): void;
}

/** What access is made of. */
export interface AccessParts {
  /** Whether everybody may do everything. */
  readonly isOpen: boolean;
  /** A key that may do everything. */
  readonly adminKey: string | undefined;
  readonly compile: CompilePolicies;
  readonly parser: PolicyParser;
  readonly source: AccessSource;
  readonly memory: AccessMemory;
  readonly tokens: TokenVerifier | undefined;
  /** SHA-256 in hexadecimal. */
  readonly sha256: (text: string) => string;
  /** Since the epoch. */
  readonly nowMs: () => number;
  readonly events: AccessEvents;
  readonly isInNetwork: IsInNetwork;
  /** Who is believed about where a request comes from; absent: nobody is. */
  readonly proxies?: TrustedProxies | undefined;
  /** Told of what policies are asked; absent: nobody is. */
  readonly onDecision?: ((decision: Decision) => void) | undefined;
}

/** Access as one program controls it. */
export interface Access {
  readonly isOpen: boolean;
  readonly control: AccessControl;
  readonly policies: PoliciesInForce;
  readonly follow: FollowAccess;
  readonly explain: ExplainAccess;
}

/** Puts access together; the same for every program. @throws INPUT_INVALID when the administrator's key is none. */
export function composeAccess(parts: AccessParts): Access {
  const { isOpen, adminKey, compile, parser, source, memory, tokens, sha256, nowMs, events } = parts;
  const policies = new PoliciesInForce(compile, isOpen ? [OPEN_ACCESS] : []);
  const fixedKeys = adminKey === undefined ? [] : [administratorKey(adminKey, sha256)];
  const { onRefused, onLogin } = events;
  const authenticator = new Authenticator({ tokens, fixedKeys, sha256, nowMs, onRefused, onLogin });
  const lastResort = compile([ADMINISTRATOR_RULE]);
  const control = new AccessControl({
    authenticator: isOpen ? ASKS_NOBODY : authenticator,
    policies,
    lastResort,
    nowMs,
    proxies: parts.proxies,
    onDenied: events.onDenied,
    onDecision: parts.onDecision,
  });
  const { onPolicies, onUnkept } = events;
  const follow = new FollowAccess({ source, memory, parser, policies, authenticator, onPolicies, onUnkept });
  const explain = new ExplainAccess(policies, parts.isInNetwork);
  return { isOpen, control, policies, follow, explain };
}
