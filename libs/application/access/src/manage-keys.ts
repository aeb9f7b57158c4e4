import { ACTION_NAMES, type ActionName, covers, type Principal, type Rule } from '#domain/access';
import { DomainError, isDomainError } from '#domain/errors';
import { isAdministrator, RESERVED_PREFIX } from './administrator.ts';
import { type ApiKeyRecord, type ApiKeyStore, formatApiKey, type KeyOwner } from './api-key.ts';
import { type ChangeAudit, NO_AUDIT } from './change-audit.ts';

/** An API key that somebody wants. */
export interface KeyRequest {
  /** For people, such as where the key is used. */
  readonly description: string;
  /** What it is for; absent: all that its owner may do, now and later. */
  readonly actions?: readonly ActionName[];
  readonly namespaces?: readonly string[];
  /** From 1 to 366. */
  readonly lifetimeDays: number;
  /** The name of a program that the key is for; absent: for the one who asks. */
  readonly workload?: string;
}

/** A key that was made. */
export interface NewApiKey {
  /** Shown now and never again. */
  readonly key: string;
  readonly record: ApiKeyRecord;
}

/** What keys are made with. */
export interface ManageKeysParts {
  readonly store: ApiKeyStore;
  /** The rules in force. */
  readonly rules: () => readonly Rule[];
  readonly nowMs: () => number;
  /** 16 characters of `0-9a-z`. */
  readonly newId: () => string;
  /** 256 random bits as 43 characters of base64url. */
  readonly newSecret: () => string;
  /** SHA-256 in hexadecimal. */
  readonly sha256: (text: string) => string;
  /** A key that cannot be written down is neither made nor revoked. */
  readonly audit?: ChangeAudit;
}

const DAY_MS = 24 * 3_600_000;
const MAX_LIFETIME_DAYS = 366;
const MAX_DESCRIPTION = 200;
const MAX_WORKLOAD = 128;
/** They lie in one object, and every program holds them. */
const MAX_KEYS = 10_000;
const MAX_KEYS_OF_ONE = 100;
/** Expired and revoked keys are told of for so long. */
const KEPT_MS = 30 * DAY_MS;
const MAX_RACES = 20;

/** Makes and revokes API keys. Whether the one who asks may do so at all, the caller has found out. */
export class ManageKeys {
  readonly #parts: ManageKeysParts;
  readonly #audit: ChangeAudit;

  constructor(parts: ManageKeysParts) {
    this.#parts = parts;
    this.#audit = parts.audit ?? NO_AUDIT;
  }

  /**
   * Makes a key. It can do no more than its owner, whatever it is for; one for a program is made only by somebody who may do all
   * that the program may.
   *
   * @throws INPUT_INVALID; ACCESS_DENIED to those who come with a key themselves, or may do less than the program; API_KEYS_FULL;
   *   STORE_UNAVAILABLE
   */
  async create(request: KeyRequest, by: Principal): Promise<NewApiKey> {
    assertValid(request);
    const owner = this.#permittedOwner(request, by);
    const { description, actions = ACTION_NAMES, namespaces, lifetimeDays } = request;
    const { newId, newSecret, nowMs, sha256 } = this.#parts;
    const id = newId();
    const key = formatApiKey(id, newSecret());
    const record: ApiKeyRecord = {
      id,
      sha256: sha256(key),
      description,
      owner,
      actions,
      ...(namespaces === undefined ? {} : { namespaces }),
      createdAt: isoOf(nowMs()),
      createdBy: by.id,
      expiresAt: isoOf(nowMs() + lifetimeDays * DAY_MS),
    };
    const detail = `API key ${id} for ${owner.kind} ${owner.id} until ${record.expiresAt}`;
    await this.#audit.change({ by, action: 'key.create', detail }, () =>
      this.#change((keys) => [...this.#withRoom(keys, owner), record]),
    );
    return { key, record };
  }

  /** Those that somebody may see: their own, or all. The newest first. */
  async list(of: Principal | 'everybody'): Promise<readonly ApiKeyRecord[]> {
    const { keys } = await this.#parts.store.read();
    return keys.filter(({ owner }) => of === 'everybody' || isOwnedBy(owner, of)).toReversed();
  }

  /**
   * Revokes a key; repeating it changes nothing.
   *
   * @param within whose keys may be revoked.
   * @throws API_KEY_NOT_FOUND, also for keys of others; STORE_UNAVAILABLE
   */
  async revoke(id: string, by: Principal, within: Principal | 'everybody'): Promise<ApiKeyRecord> {
    const { keys } = await this.#parts.store.read();
    const found = keyIn(keys, id, within);
    if (found.revokedAt !== undefined) return found;
    const detail = `API key ${id} of ${found.owner.kind} ${found.owner.id}`;
    return this.#audit.change({ by, action: 'key.revoke', detail }, async () => {
      let revoked = found;
      await this.#change((current) => {
        const key = keyIn(current, id, within);
        revoked = key.revokedAt === undefined ? { ...key, revokedAt: this.#now(), revokedBy: by.id } : key;
        return revoked === key ? undefined : current.map((other) => (other === key ? revoked : other));
      });
      return revoked;
    });
  }

  #permittedOwner(request: KeyRequest, by: Principal): KeyOwner {
    try {
      return this.#ownerOf(request, by);
    } catch (error) {
      this.#audit.refused({ by, action: 'key.create', detail: (error as Error).message });
      throw error;
    }
  }

  #ownerOf({ workload }: KeyRequest, by: Principal): KeyOwner {
    // The administrator has nothing else to come with, and may do everything.
    const isExempt = isAdministrator(by) && workload !== undefined;
    if (by.credential === 'apiKey' && !isExempt) {
      throw new DomainError('ACCESS_DENIED', 'an API key makes no API keys: come with a token or a certificate');
    }
    if (by.kind === 'anonymous')
      throw new DomainError('UNAUTHENTICATED', 'an API key needs an owner: show who you are');
    if (workload === undefined) return { kind: by.kind, id: by.id, groups: by.groups, attributes: by.attributes };
    const owner: KeyOwner = { kind: 'workload', id: workload, groups: [], attributes: {} };
    if (isExempt || covers(this.#parts.rules(), by, { ...owner, credential: 'apiKey' })) return owner;
    const message = `${workload} may do what ${by.id} may not: nobody grants what they do not hold`;
    throw new DomainError('ACCESS_DENIED', message, { field: 'input.workload' });
  }

  /** The keys without those that nobody needs any more. @throws API_KEYS_FULL */
  #withRoom(keys: readonly ApiKeyRecord[], owner: KeyOwner): readonly ApiKeyRecord[] {
    const keptFrom = isoOf(this.#parts.nowMs() - KEPT_MS);
    const kept = keys.filter(({ expiresAt, revokedAt }) => expiresAt > keptFrom && (revokedAt ?? expiresAt) > keptFrom);
    const now = this.#now();
    const isInForce = ({ expiresAt, revokedAt }: ApiKeyRecord) => revokedAt === undefined && expiresAt > now;
    const own = kept.filter((key) => isOwnedBy(key.owner, owner) && isInForce(key));
    if (own.length >= MAX_KEYS_OF_ONE) {
      throw new DomainError('API_KEYS_FULL', `${owner.id} has ${own.length} API keys in force: revoke some`);
    }
    if (kept.length >= MAX_KEYS) {
      throw new DomainError('API_KEYS_FULL', `there are ${kept.length} API keys, and no more are kept`);
    }
    return kept;
  }

  /** @param next answers `undefined` when nothing is to be changed. */
  async #change(next: (keys: readonly ApiKeyRecord[]) => readonly ApiKeyRecord[] | undefined): Promise<void> {
    for (let race = 0; ; race += 1) {
      const { keys, etag } = await this.#parts.store.read();
      const changed = next(keys);
      if (changed === undefined) return;
      try {
        await this.#parts.store.write(changed, etag);
        return;
      } catch (error) {
        if (!isDomainError(error, 'PRECONDITION_FAILED') || race === MAX_RACES) throw error;
      }
    }
  }

  #now(): string {
    return isoOf(this.#parts.nowMs());
  }
}

function assertValid({ description, actions, namespaces, lifetimeDays, workload }: KeyRequest): void {
  const invalid = (field: string, message: string) => new DomainError('INPUT_INVALID', message, { field });
  if (description.trim() === '' || description.length > MAX_DESCRIPTION) {
    throw invalid(
      'input.description',
      `description must say what the key is for, in at most ${MAX_DESCRIPTION} characters`,
    );
  }
  if (!Number.isInteger(lifetimeDays) || lifetimeDays < 1 || lifetimeDays > MAX_LIFETIME_DAYS) {
    throw invalid('input.lifetimeDays', `lifetimeDays must be from 1 to ${MAX_LIFETIME_DAYS}, not ${lifetimeDays}`);
  }
  if (workload?.trim() === '' || workload?.startsWith(RESERVED_PREFIX) || (workload?.length ?? 0) > MAX_WORKLOAD) {
    const message = `workload must be a name of at most ${MAX_WORKLOAD} characters that does not begin with ${RESERVED_PREFIX}`;
    throw invalid('input.workload', message);
  }
  if (actions?.length === 0)
    throw invalid('input.actions', 'a key must be for something: leave actions out for everything');
  if (namespaces?.length === 0) {
    throw invalid('input.namespaces', 'a key must be for some namespace: leave namespaces out for all of them');
  }
}

/** @throws API_KEY_NOT_FOUND */
function keyIn(keys: readonly ApiKeyRecord[], id: string, within: Principal | 'everybody'): ApiKeyRecord {
  const found = keys.find((key) => key.id === id && (within === 'everybody' || isOwnedBy(key.owner, within)));
  if (found === undefined) throw new DomainError('API_KEY_NOT_FOUND', `there is no API key ${id}`);
  return found;
}

function isOwnedBy(owner: KeyOwner, { kind, id }: Pick<Principal, 'kind' | 'id'>): boolean {
  return owner.kind === kind && owner.id === id;
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
