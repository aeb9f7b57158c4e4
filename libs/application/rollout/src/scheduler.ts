/** Time, as an argument. */
export interface Scheduler {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Runs a task once, later. Answers how to call it off. */
  after(delayMs: number, task: () => void): () => void;
}
