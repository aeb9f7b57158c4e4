import { DomainError, isDomainError } from '#domain/errors';
import {
  constantTensor,
  ownedTensor,
  planSequence,
  rowsOf,
  type SequenceOptions,
  type SequencePlan,
  type Tensor,
} from '#domain/inference';

import { beforeDeadline } from './before-deadline.ts';
import type { InferenceCall, InferenceRun, InferenceRunner, SequencePlace } from './inference-call.ts';
import { type Sequence, type SequenceState, SequenceStore } from './sequence-store.ts';
import type { ServedVersion } from './serving-snapshot.ts';
import type { Timing } from './timing.ts';

/**
 * Gives a model without memory its state: what a run gave out, the next run of the same sequence gets. Requests of one sequence run
 * one after the other in the order in which they came, those of different sequences at once, so that they can share runs.
 *
 * A request that fails ends its sequence, because what follows it would build on a state that lacks it. Only one that was refused
 * before it ran, with none behind it, leaves the sequence as it was: it may be sent again.
 *
 * @see Triton's sequence batcher with implicit state.
 */
export class SequenceRunner implements InferenceRunner {
  readonly #inner: InferenceRunner;
  readonly #model: string;
  readonly #plan: SequencePlan;
  readonly #timing: Timing;
  readonly #store: SequenceStore;

  /** @throws SERVING_OPTIONS_INVALID when the version has not the inputs and outputs that the options name. */
  constructor(inner: InferenceRunner, served: ServedVersion, options: SequenceOptions, timing: Timing) {
    this.#inner = inner;
    this.#model = served.model;
    this.#plan = planSequence(served.signature, options);
    this.#timing = timing;
    this.#store = new SequenceStore(served.model, options, timing);
  }

  /** Sequences whose state is kept. */
  get sequenceCount(): number {
    return this.#store.size;
  }

  /** Whether the sequence of that id goes on here. */
  holds(id: string): boolean {
    return this.#store.has(id);
  }

  /**
   * Runs a call in its sequence.
   *
   * @param call without the inputs of states and controls.
   * @throws SEQUENCE_INVALID, SEQUENCE_ENDED, SEQUENCES_FULL; TENSOR_INVALID; DEADLINE_EXCEEDED; whatever the inner runner throws
   */
  async run(call: InferenceCall): Promise<InferenceRun> {
    const place = call.sequence;
    if (place === undefined) {
      throw new DomainError(
        'SEQUENCE_INVALID',
        `inference request to model '${this.#model}' must specify a sequence_id: the model keeps state between requests`,
      );
    }
    const enteredMs = this.#timing.monotonicMs();
    const sequence = this.#store.enter(place);
    const began = Promise.withResolvers<void>();
    const turn = sequence.tail.then(() => {
      began.resolve();
      return this.#takeTurn(sequence, call, place);
    });
    sequence.tail = turn.then(
      () => {},
      () => {},
    );
    // Alone in its sequence it begins at once.
    if (sequence.pending > 1) {
      await beforeDeadline(began.promise, call.deadlineAtMs, 'its turn in the sequence', this.#timing);
    }
    const waitedMs = this.#timing.monotonicMs() - enteredMs;
    const run = await turn;
    return { ...run, queueMs: run.queueMs + waitedMs };
  }

  /** Forgets every sequence. */
  close(): void {
    this.#store.close();
  }

  async #takeTurn(sequence: Sequence, call: InferenceCall, place: SequencePlace): Promise<InferenceRun> {
    try {
      if (place.isStart) {
        sequence.state = undefined;
        sequence.endedBecause = undefined;
      } else if (sequence.state === undefined) {
        throw this.#store.overError(place.id, sequence.endedBecause);
      }
      return await this.#runIn(sequence, call, place);
    } finally {
      this.#store.leave(sequence);
    }
  }

  async #runIn(sequence: Sequence, call: InferenceCall, place: SequencePlace): Promise<InferenceRun> {
    try {
      if (this.#timing.monotonicMs() >= call.deadlineAtMs) {
        throw new DomainError('DEADLINE_EXCEEDED', 'its turn in the sequence did not come within the deadline');
      }
      const rows = rowsOf(this.#plan.clientInputs, call.inputs);
      const state = sequence.state ?? this.#initialState(rows);
      this.#checkRows(place, state, rows);
      const run = await this.#inner.run(this.#callWithState(call, place, state));
      sequence.state = place.isEnd ? undefined : this.#stateAfter(run, call, rows);
      return { ...run, outputs: run.outputs.slice(0, call.outputNames.length) };
    } catch (error) {
      this.#takeFailure(sequence, error);
      throw error;
    }
  }

  #takeFailure(sequence: Sequence, error: unknown): void {
    const wasRefused = isDomainError(error) && (error.kind === 'overloaded' || error.kind === 'invalid');
    if (wasRefused && sequence.pending === 1) return;
    sequence.state = undefined;
    const reason = isDomainError(error) ? error.code : 'INTERNAL';
    sequence.endedBecause ??= `as a request of it failed (${reason})`;
  }

  #initialState(rows: number): SequenceState {
    return { rows, tensors: this.#plan.states.map(({ input }) => constantTensor(input, rows, 0)) };
  }

  #checkRows({ id }: SequencePlace, state: SequenceState, rows: number): void {
    if (!this.#plan.hasStatePerRow || state.rows === rows) return;
    throw new DomainError(
      'TENSOR_INVALID',
      `sequence ${id} began with ${state.rows} rows: a request with ${rows} does not fit`,
    );
  }

  #callWithState(
    call: InferenceCall,
    { isStart, isEnd }: SequencePlace,
    { tensors, rows }: SequenceState,
  ): InferenceCall {
    const { startInput, endInput } = this.#plan;
    const controls = [
      ...(startInput === undefined ? [] : [constantTensor(startInput, rows, isStart ? 1 : 0)]),
      ...(endInput === undefined ? [] : [constantTensor(endInput, rows, isEnd ? 1 : 0)]),
    ];
    return {
      ...call,
      inputs: [...call.inputs, ...tensors, ...controls],
      outputNames: [...call.outputNames, ...this.#stateOutputsBeside(call)],
      // The inner runner sees a call that holds all that it depends on.
      sequence: undefined,
    };
  }

  /** State outputs that the client did not ask for, each once. */
  #stateOutputsBeside({ outputNames }: InferenceCall): string[] {
    const names = this.#plan.states.map(({ output }) => output.name);
    return [...new Set(names)].filter((name) => !outputNames.includes(name));
  }

  #stateAfter(run: InferenceRun, call: InferenceCall, rows: number): SequenceState {
    const names = [...call.outputNames, ...this.#stateOutputsBeside(call)];
    const tensors = this.#plan.states.map(({ output, input }): Tensor => {
      const found = run.outputs[names.indexOf(output.name)];
      if (found === undefined) throw new Error(`the run of ${this.#model} has no output ${output.name}`);
      return { ...ownedTensor(found), name: input.name };
    });
    return { tensors, rows };
  }
}
