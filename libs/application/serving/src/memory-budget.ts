import { DomainError } from '#domain/errors';
import { chooseSleepers, type Resident } from './choose-sleepers.ts';
import { totalBytes } from './least-recently-used.ts';

const MIB = 1024 * 1024;

/** The memory that versions may take. */
export interface MemoryLimits {
  /** For all versions together; 0: there is no limit. */
  readonly budgetBytes: number;
  /** How long a deployment must have had no request before its stable version may make room. */
  readonly idleAfterMs: number;
}

/** No limit. */
export const NO_MEMORY_LIMIT: MemoryLimits = { budgetBytes: 0, idleAfterMs: 0 };

/** A resident that can be measured and put to sleep. */
export interface Sleeper extends Resident {
  /** Finds out what it takes now. */
  measure(): Promise<void>;
  /** Takes it out of memory; the memory is free when that returns. */
  sleep(): Promise<void>;
}

/** A version that is to be loaded. */
export interface Newcomer {
  readonly label: string;
  readonly sizeBytes: number;
  /** Whether others may be put to sleep for it. */
  readonly mayDisplace: boolean;
  /** Called when there is room, before anybody else is let in: from then on it counts as a resident. */
  reserve(): void;
}

/** Lets versions into memory, one after the other, and puts others to sleep for them. */
export class MemoryBudget {
  readonly #limits: MemoryLimits;
  readonly #residents: () => readonly Sleeper[];
  readonly #nowMs: () => number;
  #queue: Promise<unknown> = Promise.resolve();

  /** @param residents everything in memory or on its way there. */
  constructor(limits: MemoryLimits, residents: () => readonly Sleeper[], nowMs: () => number) {
    this.#limits = limits;
    this.#residents = residents;
    this.#nowMs = nowMs;
  }

  /**
   * Makes room for a version and reserves it.
   *
   * @throws MEMORY_BUDGET_EXCEEDED when there is none to be made; then nobody was put to sleep.
   */
  admit(newcomer: Newcomer): Promise<void> {
    const admitted = this.#queue.then(() => this.#admit(newcomer));
    this.#queue = admitted.catch(() => {});
    return admitted;
  }

  async #admit(newcomer: Newcomer): Promise<void> {
    const { budgetBytes, idleAfterMs } = this.#limits;
    if (budgetBytes > 0) {
      const residents = this.#residents();
      await Promise.all(residents.map((resident) => resident.measure()));
      // What they are doing may have changed meanwhile, what they take is known now: hence a second look.
      const measured = this.#residents();
      const { sizeBytes: neededBytes, mayDisplace } = newcomer;
      const sleepers = chooseSleepers(measured, { neededBytes, budgetBytes, nowMs: this.#nowMs(), idleAfterMs });
      if (sleepers === undefined || (sleepers.length > 0 && !mayDisplace)) throw this.#full(newcomer, measured);
      await Promise.all(sleepers.map((sleeper) => sleeper.sleep()));
    }
    newcomer.reserve();
  }

  #full({ label, sizeBytes }: Newcomer, residents: readonly Sleeper[]): DomainError {
    const { budgetBytes } = this.#limits;
    const freeBytes = Math.max(0, budgetBytes - totalBytes(residents));
    const mib = (bytes: number) => Math.ceil(bytes / MIB);
    return new DomainError(
      'MEMORY_BUDGET_EXCEEDED',
      `${label} needs about ${mib(sizeBytes)} MiB; ${mib(freeBytes)} of ${mib(budgetBytes)} MiB are free and the rest is in use`,
    );
  }
}
