/** What one version takes of the gateway's memory: an estimate, until it is in memory and can be measured. */
export class MemoryShare {
  #isReserved = false;
  #sizeBytes = 0;
  #isMeasured = false;

  /** Whether it is in memory, or let in. */
  get isReserved(): boolean {
    return this.#isReserved;
  }

  /** What it takes, or will take when it is let in. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** What was measured once is a better estimate for the next time than any other. */
  estimate(sizeBytes: number): void {
    if (!this.#isMeasured) this.#sizeBytes = sizeBytes;
  }

  /** @param sizeBytes `undefined` where it cannot be told. */
  measured(sizeBytes: number | undefined): void {
    if (sizeBytes === undefined || !this.#isReserved) return;
    this.#sizeBytes = sizeBytes;
    this.#isMeasured = true;
  }

  reserve(): void {
    this.#isReserved = true;
  }

  release(): void {
    this.#isReserved = false;
  }
}
