import { isDomainError } from '#domain/errors';
import { beforeDeadline } from './before-deadline.ts';
import type { InferenceCall, InferenceRun } from './inference-call.ts';
import type { Timing } from './timing.ts';

/** Lets equal calls that are in flight at one time share a run: the first one leads, the others wait for its answer. */
export class SharedRuns {
  readonly #timing: Timing;
  readonly #flights = new Map<string, Promise<InferenceRun>>();

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  /**
   * Answers a call by the run of an equal one, or by one of its own.
   *
   * A follower waits no longer than its own deadline, and the run goes on for the others. When the run fails, its followers fail
   * with it, except when what failed was the leader's time: then those with more time run anew, together.
   *
   * @param key equal for calls that must be answered alike.
   * @param begin starts the call's own run, whose outputs nobody changes: they are given to every follower.
   * @returns the run; with a `batchSize` of 0 when it was another call's.
   * @throws whatever the run throws; DEADLINE_EXCEEDED
   */
  async join(key: string, call: InferenceCall, begin: () => Promise<InferenceRun>): Promise<InferenceRun> {
    const { monotonicMs } = this.#timing;
    // What would be treated differently on its way is not in flight together: nobody waits behind a lower priority.
    const flightKey = `${call.priority} ${call.isRetriedOnLoss} ${key}`;
    const joinedMs = monotonicMs();
    for (;;) {
      const flight = this.#flights.get(flightKey);
      if (flight === undefined) return this.#lead(flightKey, begin);
      try {
        const { outputs } = await beforeDeadline(flight, call.deadlineAtMs, 'the inference', this.#timing);
        return { outputs, rows: 0, batchSize: 0, queueMs: monotonicMs() - joinedMs, runMs: 0 };
      } catch (error) {
        if (!isDomainError(error, 'DEADLINE_EXCEEDED') || monotonicMs() >= call.deadlineAtMs) throw error;
      }
    }
  }

  #lead(flightKey: string, begin: () => Promise<InferenceRun>): Promise<InferenceRun> {
    // It is taken off before anybody hears of its end: a follower that runs anew must not join it again.
    const flight = begin().finally(() => this.#flights.delete(flightKey));
    this.#flights.set(flightKey, flight);
    return flight;
  }
}
