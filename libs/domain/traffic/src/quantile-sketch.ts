/** Counts of a sketch by the index of their bucket, as messages and records carry them. */
export interface SketchBuckets {
  readonly zeros: number;
  readonly positive: readonly (readonly [index: number, count: number])[];
  readonly negative: readonly (readonly [index: number, count: number])[];
  readonly sum: number;
}

/**
 * A distribution of numbers of which every quantile is known to a relative accuracy. Sketches of the same accuracy merge exactly: the
 * merged one is what a single sketch of all numbers would be.
 *
 * A number x > 0 falls into bucket i = ⌈log_γ x⌉ with γ = (1 + a) / (1 - a), which holds γ^(i-1) < x ≤ γ^i.
 *
 * @see Masson, Rim, Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 2019
 */
export class QuantileSketch {
  /** a, between 0 and 1. */
  readonly relativeAccuracy: number;
  readonly #logGamma: number;
  readonly #positive = new Map<number, number>();
  readonly #negative = new Map<number, number>();
  #zeros = 0;
  #count = 0;
  #sum = 0;

  constructor(relativeAccuracy: number) {
    this.relativeAccuracy = relativeAccuracy;
    this.#logGamma = Math.log((1 + relativeAccuracy) / (1 - relativeAccuracy));
  }

  static fromBuckets(relativeAccuracy: number, { zeros, positive, negative, sum }: SketchBuckets): QuantileSketch {
    const sketch = new QuantileSketch(relativeAccuracy);
    sketch.#take(zeros, positive, negative, sum);
    return sketch;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** NaN without numbers. */
  get mean(): number {
    return this.#sum / this.#count;
  }

  /** Takes a finite number in; others are left out, because they have no place in an order. */
  add(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#count += 1;
    this.#sum += value;
    if (value === 0) this.#zeros += 1;
    else if (value > 0) increment(this.#positive, this.#indexOf(value), 1);
    else increment(this.#negative, this.#indexOf(-value), 1);
  }

  /** Takes in what another sketch of the same accuracy holds. */
  merge(other: QuantileSketch): void {
    if (other.relativeAccuracy !== this.relativeAccuracy)
      throw new Error('sketches of different accuracies do not merge');
    this.#take(other.#zeros, other.#positive, other.#negative, other.#sum);
  }

  /**
   * The number that a share of all numbers do not exceed, to the relative accuracy; NaN without numbers.
   *
   * @param share 0 to 1
   */
  quantile(share: number): number {
    const rank = share * (this.#count - 1);
    let below = 0;
    for (const [value, count] of this.#ascending()) {
      below += count;
      if (below > rank) return value;
    }
    return Number.NaN;
  }

  /** How many numbers are above a positive limit; those in the limit's own bucket are not. */
  countAbove(limit: number): number {
    const bucket = this.#indexOf(limit);
    let above = 0;
    for (const [index, count] of this.#positive) if (index > bucket) above += count;
    return above;
  }

  toBuckets(): SketchBuckets {
    return { zeros: this.#zeros, positive: [...this.#positive], negative: [...this.#negative], sum: this.#sum };
  }

  /** The middle of each bucket with its count, rising. */
  *#ascending(): Iterable<readonly [number, number]> {
    for (const [index, count] of sorted(this.#negative).reverse()) yield [-this.#middleOf(index), count];
    if (this.#zeros > 0) yield [0, this.#zeros];
    for (const [index, count] of sorted(this.#positive)) yield [this.#middleOf(index), count];
  }

  #indexOf(positive: number): number {
    return Math.ceil(Math.log(positive) / this.#logGamma);
  }

  #middleOf(index: number): number {
    return (2 * Math.exp(index * this.#logGamma)) / (1 + Math.exp(this.#logGamma));
  }

  #take(
    zeros: number,
    positive: Iterable<readonly [number, number]>,
    negative: Iterable<readonly [number, number]>,
    sum: number,
  ): void {
    this.#zeros += zeros;
    this.#count += zeros;
    this.#sum += sum;
    for (const [index, count] of positive) {
      increment(this.#positive, index, count);
      this.#count += count;
    }
    for (const [index, count] of negative) {
      increment(this.#negative, index, count);
      this.#count += count;
    }
  }
}

function increment(counts: Map<number, number>, index: number, by: number): void {
  counts.set(index, (counts.get(index) ?? 0) + by);
}

function sorted(counts: ReadonlyMap<number, number>): [number, number][] {
  return [...counts].sort(([left], [right]) => left - right);
}
