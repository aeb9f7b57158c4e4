import type { Tensor } from '#domain/inference';
import type { InferenceCall, InferenceRun } from './inference-call.ts';

/** A call that was not answered yet. */
export interface PendingCall {
  readonly call: InferenceCall;
  /** In the order of the signature. */
  readonly inputs: readonly Tensor[];
  /** What can share a run with it; `undefined`: nothing. */
  key: string | undefined;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly queuedAtMs: number;
  /** Grows with every call. */
  readonly order: number;
  /** How often its runner was lost. */
  losses: number;
  isSettled: boolean;
  /** Where {@link PendingCalls} has it. */
  place: number;
  readonly resolve: (run: InferenceRun) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds of one run. */
export interface BatchBounds {
  readonly maxRows: number;
  /** Of all inputs together; a single call may exceed it. */
  readonly maxBytes: number;
}

/** Stands between those that are to be served first and those that may wait. */
const MIDDLE_PRIORITY = 2 ** 16;

/** The calls that wait for a version: by priority, then by arrival. */
export class CallQueue {
  #calls: PendingCall[] = [];

  get length(): number {
    return this.#calls.length;
  }

  push(pending: PendingCall): void {
    let at = this.#calls.length;
    while (at > 0 && isBefore(pending, this.#calls[at - 1] as PendingCall)) at -= 1;
    if (at === this.#calls.length) this.#calls.push(pending);
    else this.#calls.splice(at, 0, pending);
  }

  /** Puts calls that had begun back to where they were. */
  putBack(calls: readonly PendingCall[]): void {
    for (const pending of calls) {
      const at = this.#calls.findIndex((other) => isBefore(pending, other));
      this.#calls.splice(at === -1 ? this.#calls.length : at, 0, pending);
    }
  }

  /** The next call that still waits for an answer. */
  peek(): PendingCall | undefined {
    let settled = 0;
    while (this.#calls[settled]?.isSettled === true) settled += 1;
    if (settled > 0) this.#calls.splice(0, settled);
    return this.#calls[0];
  }

  /** Rows that could run together with the next call, itself included, up to the bound. */
  joinableRows(bounds: BatchBounds): number {
    return this.#joinable(bounds).reduce((rows, pending) => rows + pending.rows, 0);
  }

  /** Takes the next call and what can run together with it. */
  take(bounds: BatchBounds): PendingCall[] {
    const taken = this.#joinable(bounds);
    if (taken.length === this.#calls.length) this.#calls = [];
    else if (taken.length === 1) this.#calls.shift();
    else {
      const gone = new Set(taken);
      this.#calls = this.#calls.filter((pending) => !gone.has(pending));
    }
    return taken;
  }

  /** Takes all calls. */
  clear(): PendingCall[] {
    return this.#calls.splice(0);
  }

  #joinable({ maxRows, maxBytes }: BatchBounds): PendingCall[] {
    const first = this.peek();
    if (first === undefined) return [];
    const joined = [first];
    if (first.key === undefined) return joined;
    let rows = first.rows;
    let bytes = first.sizeBytes;
    for (let index = 1; index < this.#calls.length && rows < maxRows; index += 1) {
      const next = this.#calls[index] as PendingCall;
      if (next.isSettled || next.key !== first.key) continue;
      if (rows + next.rows > maxRows || bytes + next.sizeBytes > maxBytes) continue;
      joined.push(next);
      rows += next.rows;
      bytes += next.sizeBytes;
    }
    return joined;
  }
}

function isBefore(pending: PendingCall, other: PendingCall): boolean {
  const byRank = rankOf(pending) - rankOf(other);
  return byRank < 0 || (byRank === 0 && pending.order < other.order);
}

function rankOf({ call }: PendingCall): number {
  return call.priority === 0 ? MIDDLE_PRIORITY : call.priority;
}
