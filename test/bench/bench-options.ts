/** What to measure, and how long. */
export interface BenchOptions {
  /** Beginnings of row ids; other rows are left out. Empty: all rows. */
  readonly only: readonly string[];
  /** `quick` shows within minutes that everything runs, its figures mean nothing; `full` measures every combination. */
  readonly effort: Effort;
  /** Which cores servers may use, as `taskset` takes them. */
  readonly serverCores: string;
  /** Which cores the load may use. */
  readonly loadCores: string;
  /** How long the overload lasts. */
  readonly overloadSeconds: number;
  /** How often a version is swapped for another one. */
  readonly swaps: number;
  /** How often each kind of bad candidate is rolled out. */
  readonly runs: number;
}

export type Effort = 'quick' | 'normal' | 'full';

/** Whether a row is asked for. */
export function isWanted({ only }: BenchOptions, id: string): boolean {
  return only.length === 0 || only.some((prefix) => id.startsWith(prefix));
}

/** Whether any row whose id begins so may be asked for. */
export function isTouched({ only }: BenchOptions, beginning: string): boolean {
  return only.length === 0 || only.some((prefix) => prefix.startsWith(beginning) || beginning.startsWith(prefix));
}

/** The value for the effort. */
export function byEffort<T>({ effort }: BenchOptions, quick: T, normal: T, full: T = normal): T {
  if (effort === 'quick') return quick;
  return effort === 'normal' ? normal : full;
}
