import { type Allowance, type Limit, type Principal, spend } from '#domain/access';
import { DomainError } from '#domain/errors';

/** A call that is in work. */
export interface Pass {
  /** Called once, when it is over. */
  end(): void;
}

/** Of a call that nothing limits. */
export const FREE_PASS: Pass = { end: () => {} };

/** A call, as limits see it. */
export interface LimitedCall {
  readonly principal: Principal;
  /** Tells those apart who do not say who they are. */
  readonly address: string | undefined;
  /** Its name, namespace and all. */
  readonly deployment: string;
  /** Of the request as it came. */
  readonly bytes: number;
}

interface Counter {
  requestsFullAtMs: number;
  bytesFullAtMs: number;
  inWork: number;
}

/** Beyond it the least recently used allowances are forgotten, and full again. */
const MAX_COUNTERS = 100_000;

/** Counts what callers use of their limits, in this process. */
export class CallLimits {
  readonly #monotonicMs: () => number;
  /** The least recently used first. */
  readonly #counters = new Map<string, Counter>();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /**
   * Lets a call pass, and counts it under each of its limits, or under none of them.
   *
   * @throws RATE_LIMITED with the limit, and the seconds after which it would pass.
   */
  pass(limits: readonly Limit[], call: LimitedCall): Pass {
    const nowMs = this.#monotonicMs();
    const counters = limits.map((limit) => this.#counterOf(limit, call));
    const spent = limits.map((limit, index) => spendAll(limit, counters[index] as Counter, call, nowMs));
    for (const [index, counter] of counters.entries()) {
      Object.assign(counter, spent[index]);
      counter.inWork += 1;
    }
    return {
      end: () => {
        for (const counter of counters) counter.inWork -= 1;
      },
    };
  }

  #counterOf(limit: Limit, call: LimitedCall): Counter {
    const name = limit.isShared ? limit.id : `${limit.id}\n${whoIs(call)}\n${call.deployment}`;
    const counter = this.#counters.get(name) ?? { requestsFullAtMs: 0, bytesFullAtMs: 0, inWork: 0 };
    this.#counters.delete(name);
    this.#counters.set(name, counter);
    this.#forgetOldest();
    return counter;
  }

  #forgetOldest(): void {
    if (this.#counters.size <= MAX_COUNTERS) return;
    const [oldest] = this.#counters.keys();
    if (oldest !== undefined) this.#counters.delete(oldest);
  }
}

function whoIs({ principal: { kind, id }, address }: LimitedCall): string {
  return kind === 'anonymous' ? `anonymous ${address ?? ''}` : `${kind} ${id}`;
}

/** The counter after a call. @throws RATE_LIMITED */
function spendAll(limit: Limit, counter: Counter, call: LimitedCall, nowMs: number): Omit<Counter, 'inWork'> {
  const { requests, bytes, concurrent } = limit;
  if (concurrent !== undefined && counter.inWork >= concurrent) {
    throw exceeded(limit, call, `${concurrent} requests in work at once`, 1);
  }
  const use = (allowance: Allowance | undefined, fullAtMs: number, cost: number, unit: string) => {
    if (allowance === undefined) return fullAtMs;
    const spending = spend(allowance, fullAtMs, nowMs, cost);
    if (spending.kind === 'spent') return spending.fullAtMs;
    const seconds = Math.ceil(spending.waitMs / 1000);
    throw exceeded(limit, call, `${allowance.count} ${unit} in ${allowance.periodMs / 1000} s`, seconds);
  };
  return {
    requestsFullAtMs: use(requests, counter.requestsFullAtMs, 1, 'requests'),
    bytesFullAtMs: use(bytes, counter.bytesFullAtMs, call.bytes, 'bytes'),
  };
}

function exceeded(limit: Limit, call: LimitedCall, allowed: string, retryAfterSeconds: number): DomainError {
  const who = limit.isShared ? 'all whom it is about' : call.principal.id;
  return new DomainError(
    'RATE_LIMITED',
    `the limit ${limit.id} allows ${who} ${allowed}: try again in ${retryAfterSeconds} s`,
    { limit: limit.id, retryAfterSeconds },
  );
}
