/**
 * Lets only so many works go on at once. Whoever waits has the next turn after everybody else who waits, and their own works in the order in
 * which they came: who has thousands of them keeps nobody waiting for more than one.
 */
export class Turns {
  readonly #most: number;
  /** By whom, those who have the next turn first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #underWay = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Does a work in its turn, and gives the next one its turn however it ends. @param whose it is. */
  async take<T>(whose: string, work: () => Promise<T>): Promise<T> {
    if (this.#underWay < this.#most) this.#underWay += 1;
    else await this.#wait(whose);
    try {
      return await work();
    } finally {
      this.#passOn();
    }
  }

  #wait(whose: string): Promise<void> {
    return new Promise((resolve) => {
      const works = this.#waiting.get(whose);
      if (works === undefined) this.#waiting.set(whose, [resolve]);
      else works.push(resolve);
    });
  }

  /** Whoever waits takes over the place. */
  #passOn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#underWay -= 1;
      return;
    }
    const [whose, works] = next;
    this.#waiting.delete(whose);
    const begin = works.shift();
    if (works.length > 0) this.#waiting.set(whose, works);
    begin?.();
  }
}
