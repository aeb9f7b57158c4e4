import { DomainError } from '#domain/errors';
import { settled } from './manual-clock.ts';

/** Something that is wrong with one process, or with everybody's way to the store, for a time. */
export type Trouble =
  /** The process stands still; its clock does not. */
  | 'pause'
  /** Nothing of it reaches the store. */
  | 'cut'
  /** What it writes is written, and it never hears of that. */
  | 'deaf';

interface Planned {
  atMs: number;
  order: number;
  readonly process: SimulatedProcess | undefined;
  readonly run: () => void;
  isOff: boolean;
}

/** A key of a store, moved by compare-and-swap. */
export class SimulatedRegister<Value> {
  /** Every content that it had, the oldest first. */
  readonly history: Value[] = [];

  read(): { readonly value: Value; readonly etag: string } | undefined {
    const value = this.history.at(-1);
    return value && { value, etag: String(this.history.length) };
  }

  /** @throws PRECONDITION_FAILED */
  write(value: Value, etag: string | undefined): string {
    if (this.read()?.etag !== etag) throw new DomainError('PRECONDITION_FAILED', 'somebody else was first');
    this.history.push(value);
    return String(this.history.length);
  }
}

/** One process with a clock of its own, which may go a little too fast or too slow. */
export class SimulatedProcess {
  readonly #world: ContendedWorld;
  readonly #pace: number;
  readonly #offsetMs: number;
  readonly troubles = new Map<Trouble, number>();
  isKilled = false;

  constructor(world: ContendedWorld, pace: number, offsetMs: number) {
    this.#world = world;
    this.#pace = pace;
    this.#offsetMs = offsetMs;
  }

  readonly nowMs = (): number => this.#offsetMs + this.#world.nowMs * this.#pace;

  readonly after = (delayMs: number, task: () => void): (() => void) =>
    this.#world.plan(delayMs / this.#pace, this, task);

  /** When it is over with a trouble; 0: it has none. */
  until(trouble: Trouble): number {
    return this.troubles.get(trouble) ?? 0;
  }

  has(trouble: Trouble): boolean {
    return this.until(trouble) > this.#world.nowMs;
  }

  /** Calls the store: the request takes its time, and so does the answer, if there is one. */
  call<T>(act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#world.plan(this.#world.latencyMs(), undefined, () => {
        const isCut = this.has('cut');
        const outcome = isCut ? lost() : attempt(act);
        const answer = this.has('deaf') ? lost() : outcome;
        this.#world.plan(this.#world.latencyMs(), this, () => {
          if ('error' in answer) reject(answer.error);
          else resolve(answer.value);
        });
      });
    });
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

function attempt<T>(act: () => T): Outcome<T> {
  try {
    return { value: act() };
  } catch (error) {
    return { error };
  }
}

function lost(): { readonly error: DomainError } {
  return { error: new DomainError('STORE_UNAVAILABLE', 'the network lost it') };
}

/** Processes that contend for something in a store, in a time of their own: events happen one by one, in an order that a seed decides. */
export class ContendedWorld {
  readonly #random01: () => number;
  readonly #calmFromMs: number;
  readonly #planned: Planned[] = [];
  #count = 0;
  #nowMs = 0;

  /** @param calmFromMs no answer takes long from then on. */
  constructor(random01: () => number, calmFromMs: number) {
    this.#random01 = random01;
    this.#calmFromMs = calmFromMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Mostly short, at times long. */
  latencyMs(): number {
    const share = this.#random01();
    return share < 0.95 || this.#nowMs >= this.#calmFromMs ? share * 20 : share * 1500;
  }

  /**
   * @param process whose event it is: it happens when that runs, and never when it was killed.
   * @returns how to call it off.
   */
  plan(delayMs: number, process: SimulatedProcess | undefined, run: () => void): () => void {
    this.#count += 1;
    const planned = { atMs: this.#nowMs + delayMs, order: this.#count, process, run, isOff: false };
    this.#insert(planned);
    return () => {
      planned.isOff = true;
    };
  }

  /** Lets time pass, and looks at the world after every event. */
  async run(untilMs: number, look: () => void): Promise<void> {
    for (let next = this.#planned[0]; next !== undefined && next.atMs <= untilMs; next = this.#planned[0]) {
      this.#planned.shift();
      this.#nowMs = next.atMs;
      const { process } = next;
      if (next.isOff || process?.isKilled === true) continue;
      if (process?.has('pause') === true) {
        // What came first stays first.
        this.#count += 1;
        next.atMs = process.until('pause');
        next.order = this.#count;
        this.#insert(next);
        continue;
      }
      next.run();
      await settled();
      look();
    }
  }

  #insert(planned: Planned): void {
    const isLater = ({ atMs, order }: Planned) =>
      atMs > planned.atMs || (atMs === planned.atMs && order > planned.order);
    const at = this.#planned.findIndex(isLater);
    this.#planned.splice(at === -1 ? this.#planned.length : at, 0, planned);
  }
}
