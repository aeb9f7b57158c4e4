import { DomainError, isDomainError } from '#domain/errors';
import type { Lease, LeaseStore, TaggedLease } from './lease.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * What a controller may do at this moment.
 *
 * - `full`: it leads. It decides, publishes and writes.
 * - `protective`: it led and could not renew its lease in time, and knows of no other leader. It may take traffic away from
 *   candidates on the gateways that are attached to it, and do nothing else.
 * - `none`: another leads, or nobody yet.
 */
export type Authority = 'full' | 'protective' | 'none';

/** Who a controller is, for its lease. */
export type Contender = Pick<Lease, 'holder' | 'process' | 'address' | 'url'>;

/** Told of what happens to a controller's leadership, each in the same turn. */
export interface LeadershipEvents {
  /** A term begins. Renewals go on meanwhile; when it rejects, the term ends and the lease is let go of. */
  elected(epoch: number): Promise<void>;
  /** The lease was not renewed in time. */
  lapsed(): void;
  /** It was renewed after all, before anybody took it. */
  regained(): void;
  /** The term is over. */
  resigned(reason: string): void;
}

/** What leadership takes from outside. */
export interface LeadershipParts {
  readonly store: LeaseStore;
  /** Of a clock that never goes back and goes on while the process is stopped. */
  readonly clock: Scheduler;
  /** ISO 8601, for the record. */
  readonly now: () => string;
  /** Milliseconds since the epoch; only the very first epoch of a bucket comes from it. */
  readonly wallMs: () => number;
  readonly events: LeadershipEvents;
  /** Told of failures that are retried. */
  readonly onFailure: (what: string, error: unknown) => void;
}

interface Watched {
  readonly found: TaggedLease;
  /** When the record was first seen as it is. */
  readonly sinceMs: number;
}

interface Term {
  readonly epoch: number;
  etag: string;
  validUntilMs: number;
  isLapseTold: boolean;
}

/** The holder trusts its lease for this much less than others wait: clocks may differ in pace by as much. */
const MARGIN_SHARE = 0.1;
const RENEWALS_PER_TTL = 3;
const LOOKS_PER_TTL = 10;
const MAX_LOOK_MS = 1000;

/**
 * Has one of several controllers lead, by a lease in the object store.
 *
 * The holder writes the record anew every third of its time to live. The others take it over, by compare-and-swap and with the next
 * epoch, when they have seen it unchanged for that time on their own monotonic clocks; wall clocks are never compared. The
 * holder counts from before it sent its last renewal, so that it stops before anybody can have waited long enough.
 *
 * @see Gray and Cheriton, "Leases: an efficient fault-tolerant mechanism for distributed file cache consistency", SOSP 1989
 */
export class Leadership {
  readonly #self: Contender;
  readonly #ttlMs: number;
  readonly #parts: LeadershipParts;
  #term: Term | undefined;
  #watched: Watched | undefined;
  #highestEpoch = 0;
  #isFirstLook = true;
  #hasLooked = false;
  #isStopped = false;
  #turn: Promise<void> = Promise.resolve();
  #beginning: Promise<void> = Promise.resolve();
  #cancelNext: () => void = () => {};

  /** @param ttlMs how long after a leader's end another takes over. */
  constructor(self: Contender, ttlMs: number, parts: LeadershipParts) {
    this.#self = self;
    this.#ttlMs = ttlMs;
    this.#parts = parts;
  }

  /** By the clock, not by a timer: a process that was stopped knows at once when it goes on. */
  get authority(): Authority {
    if (this.#term === undefined) return 'none';
    return this.#parts.clock.nowMs() < this.#term.validUntilMs ? 'full' : 'protective';
  }

  /** Of the present term; `undefined` outside of one. */
  get epoch(): number | undefined {
    return this.#term?.epoch;
  }

  /** Whether the lease was looked for once, so that it is known whether this controller leads. */
  get hasLooked(): boolean {
    return this.#hasLooked;
  }

  /** The lease of the controller that leads, as far as is known: its own, or the one seen last. */
  get leader(): Pick<Lease, 'address' | 'url'> | undefined {
    if (this.#term !== undefined) return this.#self;
    const lease = this.#watched?.found.lease;
    return lease === undefined || lease.ttlMs === 0 || lease.process === this.#self.process ? undefined : lease;
  }

  /**
   * Looks at the lease, and leads at once when it is free or was this controller's own before it restarted. Goes on by itself from
   * then on.
   *
   * @throws what the first term's beginning threw.
   */
  async start(): Promise<void> {
    await this.#takeTurn();
    await this.#beginning;
  }

  /** Gives the term up because of what was met; others, or this controller anew, may lead. */
  stepDown(reason: string): void {
    if (this.#term === undefined) return;
    this.#resign(reason);
    this.#plan(this.#lookMs);
  }

  /** Ends the term, and lets go of the lease so that another may take it at once. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelNext();
    await this.#turn;
    const term = this.#term;
    if (term === undefined) return;
    this.#resign('this controller was told to stop');
    await this.#release(term);
  }

  get #lookMs(): number {
    return Math.min(MAX_LOOK_MS, this.#ttlMs / LOOKS_PER_TTL);
  }

  #plan(delayMs: number): void {
    this.#cancelNext();
    if (this.#isStopped) return;
    this.#cancelNext = this.#parts.clock.after(Math.max(1, delayMs), () => void this.#takeTurn());
  }

  /** One look, or one renewal; turns never overlap. */
  #takeTurn(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (this.#isStopped) return;
      this.#plan(this.#term === undefined ? await this.#look() : await this.#renew(this.#term));
      this.#hasLooked = true;
    });
    return this.#turn;
  }

  /** Answers when to look again. */
  async #look(): Promise<number> {
    try {
      const found = await this.#inTime(this.#parts.store.read());
      const nowMs = this.#parts.clock.nowMs();
      this.#watch(found, nowMs);
      const remainingMs = this.#remainingMs(nowMs);
      if (remainingMs <= 0) return await this.#take(found);
      this.#isFirstLook = false;
      return Math.min(this.#lookMs, remainingMs);
    } catch (error) {
      if (!isDomainError(error, 'PRECONDITION_FAILED')) this.#parts.onFailure('looking at the lease', error);
      return this.#lookMs;
    }
  }

  #watch(found: TaggedLease | undefined, nowMs: number): void {
    this.#highestEpoch = Math.max(this.#highestEpoch, found?.lease.epoch ?? 0);
    if (found === undefined) this.#watched = undefined;
    else if (found.etag !== this.#watched?.found.etag) this.#watched = { found, sinceMs: nowMs };
  }

  /** How long the lease must still stay as it is to be free; 0 or less: it is. */
  #remainingMs(nowMs: number): number {
    if (this.#watched === undefined) return 0;
    const { found, sinceMs } = this.#watched;
    const { holder, process, ttlMs } = found.lease;
    if (process === this.#self.process) return 0;
    // Of the process before this one. Later such a lease is that of somebody who was started on a copy of our state folder.
    if (holder === this.#self.holder && this.#isFirstLook) return 0;
    return sinceMs + ttlMs - nowMs;
  }

  async #take(found: TaggedLease | undefined): Promise<number> {
    // The first epoch of a bucket is above those of buckets before it, which gateways may remember.
    const epoch = Math.max(this.#highestEpoch + 1, found === undefined ? Math.floor(this.#parts.wallMs() / 1000) : 0);
    const sentAtMs = this.#parts.clock.nowMs();
    const etag = await this.#inTime(this.#parts.store.write(this.#leaseOf(epoch), found?.etag));
    const term = { epoch, etag, validUntilMs: this.#validUntilMs(sentAtMs), isLapseTold: false };
    this.#highestEpoch = epoch;
    this.#isFirstLook = false;
    // The answer came so late that another may lead already.
    if (this.#parts.clock.nowMs() >= term.validUntilMs) return 0;
    this.#term = term;
    this.#beginning = this.#parts.events.elected(epoch);
    this.#beginning.catch((error: unknown) => {
      this.#parts.onFailure('taking over', error);
      if (this.#term === term) this.stepDown('it could not take over');
    });
    return this.#renewMs(sentAtMs);
  }

  /** Answers when to renew again, or to look when the lease is lost. */
  async #renew(term: Term): Promise<number> {
    const sentAtMs = this.#parts.clock.nowMs();
    try {
      const etag = await this.#inTime(this.#parts.store.write(this.#leaseOf(term.epoch), term.etag));
      if (this.#term !== term) return this.#lookMs;
      this.#prolong(term, etag, sentAtMs);
      return this.#renewMs(sentAtMs);
    } catch (error) {
      if (this.#term !== term) return this.#lookMs;
      if (isDomainError(error, 'PRECONDITION_FAILED')) return this.#readAgain(term);
      this.#parts.onFailure('renewing the lease', error);
      this.#tellLapsed(term);
      return this.#lookMs;
    }
  }

  /** A renewal whose answer was lost looks like somebody else's. */
  async #readAgain(term: Term): Promise<number> {
    try {
      const found = await this.#inTime(this.#parts.store.read());
      if (this.#term !== term) return this.#lookMs;
      if (found?.lease.process === this.#self.process && found.lease.epoch === term.epoch) {
        term.etag = found.etag;
        return 0;
      }
      this.#watch(found, this.#parts.clock.nowMs());
      this.#resign(`${found?.lease.url ?? 'somebody who removed the lease'} took over`);
    } catch (error) {
      this.#parts.onFailure('looking at the lease', error);
      this.#tellLapsed(term);
    }
    return this.#lookMs;
  }

  async #release(term: Term): Promise<void> {
    try {
      await this.#inTime(this.#parts.store.write({ ...this.#leaseOf(term.epoch), ttlMs: 0 }, term.etag));
    } catch (error) {
      this.#parts.onFailure('letting go of the lease', error);
    }
  }

  #prolong(term: Term, etag: string, sentAtMs: number): void {
    const nowMs = this.#parts.clock.nowMs();
    const hadLapsed = nowMs >= term.validUntilMs;
    term.etag = etag;
    term.validUntilMs = this.#validUntilMs(sentAtMs);
    if (!hadLapsed || nowMs >= term.validUntilMs) return;
    term.isLapseTold = false;
    this.#parts.events.regained();
  }

  #tellLapsed(term: Term): void {
    if (term.isLapseTold || this.authority !== 'protective') return;
    term.isLapseTold = true;
    this.#parts.events.lapsed();
  }

  #resign(reason: string): void {
    this.#term = undefined;
    this.#parts.events.resigned(reason);
  }

  #validUntilMs(sentAtMs: number): number {
    return sentAtMs + this.#ttlMs * (1 - MARGIN_SHARE);
  }

  #renewMs(sentAtMs: number): number {
    return sentAtMs + this.#ttlMs / RENEWALS_PER_TTL - this.#parts.clock.nowMs();
  }

  #leaseOf(epoch: number): Lease {
    return { ...this.#self, epoch, renewedAt: this.#parts.now(), ttlMs: this.#ttlMs };
  }

  /** A store that says nothing must not hold up the next try. What comes of the one that was given up is found in the record. */
  #inTime<T>(call: Promise<T>): Promise<T> {
    const limitMs = this.#ttlMs / RENEWALS_PER_TTL;
    return new Promise((resolve, reject) => {
      const cancel = this.#parts.clock.after(limitMs, () =>
        reject(
          new DomainError('STORE_UNAVAILABLE', `the object store did not answer within ${Math.round(limitMs)} ms`),
        ),
      );
      call.then(resolve, reject).finally(cancel);
    });
  }
}
