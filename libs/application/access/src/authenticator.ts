import { ANONYMOUS_PRINCIPAL, type Principal } from '#domain/access';
import { DomainError, isDomainError } from '#domain/errors';
import { parseActor } from '#domain/registry';
import { RESERVED_PREFIX } from './administrator.ts';
import { type ApiKeyRecord, apiKeyIdIn, keyPrincipal } from './api-key.ts';

/** A certificate that the server has verified. */
export interface ClientCertificate {
  /** Such as `CN=shop,O=Example`. */
  readonly subject: string;
  /** The URIs among its alternative names. */
  readonly uris: readonly string[];
}

/** What a request shows of who sends it. */
export interface Presented {
  /** The header, whole. */
  readonly authorization: string | undefined;
  readonly certificate: ClientCertificate | undefined;
}

/** A credential that was not taken. */
export interface RefusedCredential {
  /** It says nothing that is secret. */
  readonly reason: string;
  /** The same whenever the same is shown, and for nothing else. It is for comparing, not for being written down. */
  readonly fingerprint: string;
}

/** Checks tokens of identity providers. */
export interface TokenVerifier {
  /** Whom a token names. @throws UNAUTHENTICATED saying why not; TOKEN_ISSUER_UNAVAILABLE when that cannot be told now. */
  verify(token: string): Promise<Principal>;
}

/** What an authenticator works with. */
export interface AuthenticatorParts {
  /** Absent where no identity provider is configured. */
  readonly tokens: TokenVerifier | undefined;
  /** Keys that are there whatever others there are. */
  readonly fixedKeys?: readonly ApiKeyRecord[];
  /** SHA-256 in hexadecimal. */
  readonly sha256: (text: string) => string;
  /** Since the epoch. */
  readonly nowMs: () => number;
  /** Told of each credential that was refused, as often as it is. */
  readonly onRefused?: (refused: RefusedCredential) => void;
  /** Told of a credential that was not seen before, of as many as are remembered. */
  readonly onLogin?: ((principal: Principal) => void) | undefined;
}

/** How long a token is not looked at again: so long does one count after its issuer has withdrawn the key that signed it. */
const TOKEN_MEMORY_MS = 60_000;
/** Credentials that are remembered. A principal's abilities are kept with it. */
const MAX_REMEMBERED = 10_000;
const BEARER = /^bearer +([!-~]+) *$/i;

interface Remembered {
  readonly principal: Principal;
  readonly untilMs: number;
}

/**
 * Tells who sends a request.
 *
 * A token or key says more than the certificate of the connection, which may be a proxy's: where there is one it decides, and one that
 * is not valid is refused whatever the certificate says. A credential that was seen before has the same principal object again.
 */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  #keys: ReadonlyMap<string, ApiKeyRecord> = new Map();
  /** The newest last. */
  readonly #remembered = new Map<string, Remembered>();
  readonly #certified = new Map<string, Principal>();
  /** Those of which a login was told, which new API keys do not change. */
  readonly #seen = new Map<string, true>();

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
    this.setKeys([]);
  }

  /** Takes over the API keys that there are now. */
  setKeys(keys: readonly ApiKeyRecord[]): void {
    this.#keys = new Map([...keys, ...(this.#parts.fixedKeys ?? [])].map((key) => [key.id, key]));
    this.#remembered.clear();
  }

  /**
   * The sender; at once where the credential was seen before.
   *
   * @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE
   */
  authenticate(presented: Presented): Principal | Promise<Principal> {
    try {
      const principal = this.#principalOf(presented);
      return principal instanceof Promise
        ? principal.catch((error: unknown) => this.#refuse(presented, error))
        : principal;
    } catch (error) {
      return this.#refuse(presented, error);
    }
  }

  #principalOf({ authorization, certificate }: Presented): Principal | Promise<Principal> {
    if (authorization === undefined) {
      return certificate === undefined ? ANONYMOUS_PRINCIPAL : this.#certificatePrincipal(certificate);
    }
    const known = this.#remembered.get(authorization);
    if (known !== undefined && known.untilMs > this.#parts.nowMs()) return known.principal;
    const credential = BEARER.exec(authorization)?.[1];
    if (credential === undefined) throw refusal('the header authorization must be: Bearer, and a token or API key');
    const keyId = apiKeyIdIn(credential);
    return keyId === undefined
      ? this.#tokenPrincipal(credential, authorization)
      : this.#keyPrincipal(keyId, credential, authorization);
  }

  #keyPrincipal(id: string, key: string, authorization: string): Principal {
    const { nowMs, sha256 } = this.#parts;
    const record = this.#keys.get(id);
    // Of keys that are not there and of wrong secrets the same is said.
    if (record === undefined || sha256(key) !== record.sha256) throw refusal('there is no such API key');
    if (record.revokedAt !== undefined) throw refusal(`the API key ${id} was revoked`);
    const untilMs = Date.parse(record.expiresAt);
    if (!(untilMs > nowMs())) throw refusal(`the API key ${id} expired at ${record.expiresAt}: make another one`);
    return this.#remember(authorization, { principal: keyPrincipal(record), untilMs });
  }

  async #tokenPrincipal(token: string, authorization: string): Promise<Principal> {
    const { tokens, nowMs } = this.#parts;
    if (tokens === undefined) throw refusal('tokens are not taken here: no issuer is configured');
    const principal = named(await tokens.verify(token));
    const untilMs = Math.min(principal.validUntilMs ?? Number.POSITIVE_INFINITY, nowMs() + TOKEN_MEMORY_MS);
    return this.#remember(authorization, { principal, untilMs });
  }

  #remember(authorization: string, remembered: Remembered): Principal {
    const before = this.#remembered.get(authorization)?.principal;
    // A token that is looked at again keeps its principal object, and what was compiled for that.
    const principal = before !== undefined && isSame(before, remembered.principal) ? before : remembered.principal;
    this.#remembered.delete(authorization);
    this.#remembered.set(authorization, { ...remembered, principal });
    forgetOldest(this.#remembered);
    this.#tellLogin(authorization, principal);
    return principal;
  }

  #certificatePrincipal({ subject, uris }: ClientCertificate): Principal {
    const spiffeIds = uris.filter((uri) => uri.startsWith('spiffe://'));
    if (spiffeIds.length > 1) throw refusal('the certificate has several SPIFFE ids');
    const id = spiffeIds[0] ?? subject;
    if (id === '') throw refusal('the certificate has neither a SPIFFE id nor a subject');
    const known = this.#certified.get(id);
    if (known !== undefined) return known;
    const principal = named({ kind: 'workload', id, groups: [], attributes: {}, credential: 'certificate' });
    this.#certified.set(id, principal);
    forgetOldest(this.#certified);
    this.#parts.onLogin?.(principal);
    return principal;
  }

  #tellLogin(authorization: string, principal: Principal): void {
    if (this.#seen.has(authorization)) return;
    this.#seen.set(authorization, true);
    forgetOldest(this.#seen);
    this.#parts.onLogin?.(principal);
  }

  /** Tells of a credential that is not taken. What only could not be told is not refused. */
  #refuse(presented: Presented, error: unknown): never {
    if (isDomainError(error, 'UNAUTHENTICATED'))
      this.#parts.onRefused?.({ reason: error.message, fingerprint: this.#fingerprintOf(presented) });
    throw error;
  }

  #fingerprintOf({ authorization, certificate }: Presented): string {
    return this.#parts.sha256(authorization ?? JSON.stringify(certificate));
  }
}

/** A principal with a name that can be written down, and is none of ours. @throws UNAUTHENTICATED */
function named(principal: Principal): Principal {
  if (principal.id.startsWith(RESERVED_PREFIX)) throw refusal(`names do not begin with ${RESERVED_PREFIX}`);
  try {
    parseActor(principal.id, 'the name');
  } catch (error) {
    throw refusal((error as Error).message);
  }
  return principal;
}

function refusal(reason: string): DomainError {
  return new DomainError('UNAUTHENTICATED', reason);
}

function isSame(left: Principal, right: Principal): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function forgetOldest(map: Map<string, unknown>): void {
  if (map.size <= MAX_REMEMBERED) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
