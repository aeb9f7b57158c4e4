import { decodeJwt, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify, type LocalJWKSet } from 'jose';
import type { TokenVerifier } from '#application/access';
import type { Principal } from '#domain/access';
import { DomainError, shown } from '#domain/errors';
import { DEFAULT_FRESHNESS, IssuerKeys, type KeyFreshness } from './issuer-keys.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** Signatures by a key pair. With a shared secret whoever checks a token could make one. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Clocks may differ by so much. */
const CLOCK_TOLERANCE_SECONDS = 30;
const MAX_TOKEN_LENGTH = 16 * 1024;
const MAX_NAME_LENGTH = 256;
const MAX_VALUES = 1000;

/** What tokens are checked with, beside their issuers. */
export interface TokenVerifierOptions {
  readonly nowMs: () => number;
  readonly freshness?: KeyFreshness;
  /** Told of each fetch of keys that failed. */
  readonly onFailure?: (issuer: string, error: unknown) => void;
}

interface KnownIssuer {
  readonly issuer: TokenIssuer;
  readonly keys: IssuerKeys;
}

/**
 * Checks JSON Web Tokens of a list of issuers: signature, issuer, audience and times, with 30 s between the clocks.
 *
 * @see RFC 7519, RFC 8725 (best current practices), OpenID Connect Core 1.0 section 3.1.3.7
 */
export class JoseTokenVerifier implements TokenVerifier {
  readonly #issuers: ReadonlyMap<string, KnownIssuer>;
  readonly #nowMs: () => number;

  constructor(
    issuers: readonly TokenIssuer[],
    { nowMs, freshness = DEFAULT_FRESHNESS, onFailure = () => {} }: TokenVerifierOptions,
  ) {
    this.#nowMs = nowMs;
    this.#issuers = new Map(
      issuers.map((issuer) => {
        const failed = (error: unknown) => onFailure(issuer.issuer, error);
        return [issuer.issuer, { issuer, keys: new IssuerKeys(issuer, nowMs, freshness, failed) }];
      }),
    );
  }

  async verify(token: string): Promise<Principal> {
    const { issuer, keys } = this.#issuerOf(token);
    const options: JWTVerifyOptions = {
      issuer: issuer.issuer,
      audience: issuer.audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(this.#nowMs()),
      requiredClaims: ['exp'],
    };
    const payload = await verified(token, await keys.current(), options).catch(async (error: unknown) => {
      const newer = error instanceof errors.JWKSNoMatchingKey ? await keys.newer() : undefined;
      if (newer === undefined) throw refusal(error);
      return verified(token, newer, options).catch((again: unknown) => {
        throw refusal(again);
      });
    });
    return principalOf(payload, issuer);
  }

  #issuerOf(token: string): KnownIssuer {
    if (token.length > MAX_TOKEN_LENGTH) throw unauthenticated(`a token of ${token.length} characters is too long`);
    let name: unknown;
    try {
      name = decodeJwt(token).iss;
    } catch {
      throw unauthenticated('the credential is neither an API key nor a JSON Web Token');
    }
    const known = typeof name === 'string' ? this.#issuers.get(name) : undefined;
    if (known === undefined) throw unauthenticated(`tokens of the issuer ${shown(name)} are not taken here`);
    return known;
  }
}

async function verified(token: string, keys: LocalJWKSet, options: JWTVerifyOptions): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, keys, options);
  return payload;
}

/** @throws UNAUTHENTICATED when the token names nobody. */
function principalOf(payload: JWTPayload, issuer: TokenIssuer): Principal {
  const { kind, prefix, nameClaim, groupsClaim, attributeClaims } = issuer;
  const name = claimAt(payload, nameClaim);
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH) {
    throw unauthenticated(`the token has no name in its claim ${nameClaim}`);
  }
  const attributes = Object.entries(attributeClaims)
    .map(([attribute, claim]) => [attribute, textsIn(claimAt(payload, claim))] as const)
    .filter(([, values]) => values.length > 0);
  return {
    kind,
    id: `${prefix}${name}`,
    groups: textsIn(claimAt(payload, groupsClaim)),
    attributes: Object.fromEntries(attributes),
    credential: 'token',
    validUntilMs: ((payload.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1000,
  };
}

/** A claim by its own name, which may have dots in it, or else by its path. */
function claimAt(payload: JWTPayload, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  let value: unknown = payload;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function textsIn(value: unknown): readonly string[] {
  const values = Array.isArray(value) ? value : [value];
  return values
    .slice(0, MAX_VALUES)
    .filter((one) => ['string', 'number', 'boolean'].includes(typeof one))
    .map(String);
}

function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return unauthenticated('the token has expired: get another one');
  if (error instanceof errors.JWTClaimValidationFailed)
    return unauthenticated(`the token is not for this: ${error.message}`);
  if (error instanceof errors.JWKSNoMatchingKey)
    return unauthenticated('the issuer has no such key as the token was signed with');
  return error instanceof errors.JOSEError ? unauthenticated(`the token is not good: ${error.message}`) : error;
}

function unauthenticated(message: string): DomainError {
  return new DomainError('UNAUTHENTICATED', message);
}
