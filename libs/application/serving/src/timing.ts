/** Time, from outside. */
export interface Timing {
  /** Monotonic milliseconds. */
  readonly monotonicMs: () => number;
  /** Runs a task once, later; answers how to call it off. */
  readonly after: (delayMs: number, task: () => void) => () => void;
}
