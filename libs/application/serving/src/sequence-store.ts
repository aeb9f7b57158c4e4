import { DomainError } from '#domain/errors';
import type { SequenceOptions, Tensor } from '#domain/inference';
import type { SequencePlace } from './inference-call.ts';
import type { Timing } from './timing.ts';

/** What a sequence hands on from one run to the next. */
export interface SequenceState {
  /** By the names of the inputs that take them. */
  readonly tensors: readonly Tensor[];
  readonly rows: number;
}

/** One sequence, from its start to its end. */
export interface Sequence {
  readonly id: string;
  /** `undefined` before the first run has ended, and when the sequence is over. */
  state: SequenceState | undefined;
  /** Why it is over, when it did not come to its own end. */
  endedBecause: string | undefined;
  /** Settles when the requests so far have had their turn. */
  tail: Promise<void>;
  /** Requests that have entered and not left. */
  pending: number;
  lastUsedMs: number;
}

/** The sequences that a version keeps the state of: how many, and for how long. */
export class SequenceStore {
  readonly #modelName: string;
  readonly #options: SequenceOptions;
  readonly #timing: Timing;
  /** Those without a pending request in the order of their last use, the most recent one last. */
  readonly #sequences = new Map<string, Sequence>();
  /** Why sequences are over that did not come to their own end; the most recent ones. */
  readonly #epitaphs = new Map<string, string>();
  #cancelSweep: (() => void) | undefined;

  /** @param modelName for messages. */
  constructor(modelName: string, options: SequenceOptions, timing: Timing) {
    this.#modelName = modelName;
    this.#options = options;
    this.#timing = timing;
  }

  get size(): number {
    return this.#sequences.size;
  }

  has(id: string): boolean {
    this.#forgetIdle();
    return this.#sequences.has(id);
  }

  /**
   * The sequence of a request, which is pending in it from now on: {@link leave} must be called.
   *
   * @throws SEQUENCE_INVALID when it was never started
   * @throws SEQUENCE_ENDED when it is over, and why
   * @throws SEQUENCES_FULL when it would be one too many
   */
  enter({ id, isStart }: SequencePlace): Sequence {
    this.#forgetIdle();
    const sequence = this.#sequences.get(id) ?? (isStart ? this.#begin(id) : undefined);
    if (sequence === undefined) throw this.overError(id, this.#epitaphs.get(id));
    sequence.pending += 1;
    return sequence;
  }

  /** Ends what {@link enter} began. */
  leave(sequence: Sequence): void {
    const { id } = sequence;
    sequence.pending -= 1;
    sequence.lastUsedMs = this.#timing.monotonicMs();
    this.#sequences.delete(id);
    if (sequence.pending > 0 || sequence.state !== undefined) this.#sequences.set(id, sequence);
    else if (sequence.endedBecause !== undefined) this.#remember(id, sequence.endedBecause);
  }

  /** What a request is told that does not start a sequence and finds none. */
  overError(id: string, endedBecause: string | undefined): DomainError {
    if (endedBecause === undefined) {
      return new DomainError(
        'SEQUENCE_INVALID',
        `inference request for sequence ${id} to model '${this.#modelName}' must specify the START flag on the first request of the sequence`,
      );
    }
    return new DomainError(
      'SEQUENCE_ENDED',
      `sequence ${id} of model '${this.#modelName}' is over, ${endedBecause}: start it again`,
    );
  }

  /** Forgets everything. */
  close(): void {
    this.#cancelSweep?.();
    this.#sequences.clear();
    this.#epitaphs.clear();
  }

  #begin(id: string): Sequence {
    const { maxSequences, maxIdleMs } = this.#options;
    if (this.#sequences.size >= maxSequences) {
      throw new DomainError(
        'SEQUENCES_FULL',
        `model '${this.#modelName}' keeps the state of ${maxSequences} sequences, which is its limit: end some, or try again later`,
      );
    }
    const sequence: Sequence = {
      id,
      state: undefined,
      endedBecause: undefined,
      tail: Promise.resolve(),
      pending: 0,
      lastUsedMs: this.#timing.monotonicMs(),
    };
    this.#sequences.set(id, sequence);
    this.#epitaphs.delete(id);
    this.#cancelSweep ??= this.#timing.after(maxIdleMs, () => this.#sweep());
    return sequence;
  }

  #sweep(): void {
    this.#forgetIdle();
    this.#cancelSweep =
      this.#sequences.size === 0 ? undefined : this.#timing.after(this.#options.maxIdleMs, () => this.#sweep());
  }

  #forgetIdle(): void {
    const { maxIdleMs } = this.#options;
    const nowMs = this.#timing.monotonicMs();
    for (const [id, { pending, lastUsedMs }] of this.#sequences) {
      if (pending > 0) continue;
      if (nowMs - lastUsedMs < maxIdleMs) return;
      this.#sequences.delete(id);
      this.#remember(id, `as it rested for longer than ${maxIdleMs} ms`);
    }
  }

  #remember(id: string, endedBecause: string): void {
    this.#epitaphs.delete(id);
    this.#epitaphs.set(id, endedBecause);
    const [oldest] = this.#epitaphs.keys();
    if (this.#epitaphs.size > this.#options.maxSequences && oldest !== undefined) this.#epitaphs.delete(oldest);
  }
}
