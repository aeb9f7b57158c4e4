import { createLocalJWKSet, type JSONWebKeySet, type LocalJWKSet } from 'jose';
import { DomainError } from '#domain/errors';
import { isSafeUrl } from './issuers-file.ts';
import type { TokenIssuer } from './token-issuer.ts';

/** How keys are kept fresh. */
export interface KeyFreshness {
  /** Keys of this age are fetched again, behind the back of those who ask. */
  readonly refreshMs: number;
  /** Keys of this age are not relied on any more, however long the issuer is out of reach. */
  readonly maxAgeMs: number;
  /** Not more often than this are keys fetched because a token names one that is not there, or after a failure. */
  readonly cooldownMs: number;
}

export const DEFAULT_FRESHNESS: KeyFreshness = { refreshMs: 300_000, maxAgeMs: 24 * 3_600_000, cooldownMs: 10_000 };

const TIMEOUT_MS = 5000;
const MAX_BYTES = 512 * 1024;

interface FetchedKeys {
  readonly keys: LocalJWKSet;
  readonly atMs: number;
}

/**
 * The keys of an issuer. What was fetched once serves on while the issuer is out of reach: an outage of the identity provider is none of
 * ours.
 */
export class IssuerKeys {
  readonly #issuer: TokenIssuer;
  readonly #nowMs: () => number;
  readonly #freshness: KeyFreshness;
  readonly #onFailure: (error: unknown) => void;
  #fetched: FetchedKeys | undefined;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #fetching: Promise<FetchedKeys> | undefined;

  constructor(issuer: TokenIssuer, nowMs: () => number, freshness: KeyFreshness, onFailure: (error: unknown) => void) {
    this.#issuer = issuer;
    this.#nowMs = nowMs;
    this.#freshness = freshness;
    this.#onFailure = onFailure;
  }

  /** The keys as they are known. @throws TOKEN_ISSUER_UNAVAILABLE when there are none that can be relied on. */
  async current(): Promise<LocalJWKSet> {
    const { refreshMs, maxAgeMs, cooldownMs } = this.#freshness;
    const ageMs = this.#nowMs() - (this.#fetched?.atMs ?? Number.NEGATIVE_INFINITY);
    if (this.#fetched !== undefined && ageMs < maxAgeMs) {
      // A failure was told, and what is known is good enough.
      if (ageMs >= refreshMs && this.#restedMs() >= cooldownMs) void this.#fetch().catch(() => {});
      return this.#fetched.keys;
    }
    if (this.#fetching === undefined && this.#restedMs() < cooldownMs) throw this.#unavailable();
    return (await this.#fetch()).keys;
  }

  /** Newer keys than those known, for a token whose key is not among them; `undefined` when they were fetched just now. */
  async newer(): Promise<LocalJWKSet | undefined> {
    if (this.#fetching === undefined && this.#restedMs() < this.#freshness.cooldownMs) return undefined;
    return (await this.#fetch()).keys;
  }

  #restedMs(): number {
    return this.#nowMs() - this.#triedAtMs;
  }

  #fetch(): Promise<FetchedKeys> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #load(): Promise<FetchedKeys> {
    this.#triedAtMs = this.#nowMs();
    try {
      const keys = createLocalJWKSet((await fetchJson(await this.#jwksUri())) as JSONWebKeySet);
      this.#fetched = { keys, atMs: this.#nowMs() };
      return this.#fetched;
    } catch (error) {
      this.#onFailure(error);
      throw this.#unavailable(error);
    }
  }

  /** @see OpenID Connect Discovery 1.0, section 4.3: the document must name the issuer that was asked for. */
  async #jwksUri(): Promise<string> {
    const { issuer, jwksUri } = this.#issuer;
    if (jwksUri !== undefined) return jwksUri;
    const where = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const document = (await fetchJson(where)) as { readonly issuer?: unknown; readonly jwks_uri?: unknown } | null;
    if (document?.issuer !== issuer) throw new Error(`${where} is the configuration of ${String(document?.issuer)}`);
    if (typeof document.jwks_uri === 'string' && isSafeUrl(document.jwks_uri)) return document.jwks_uri;
    throw new Error(`${where} names no https URL as jwks_uri`);
  }

  #unavailable(cause?: unknown): DomainError {
    const { issuer } = this.#issuer;
    return new DomainError('TOKEN_ISSUER_UNAVAILABLE', `the keys of ${issuer} cannot be fetched now`, {}, { cause });
  }
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { accept: 'application/json' },
  });
  if (!response.ok || response.body === null) throw new Error(`${url} answers with status ${response.status}`);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.byteLength;
    if (size > MAX_BYTES) throw new Error(`${url} answers with more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}
