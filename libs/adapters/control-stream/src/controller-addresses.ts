/** The controllers that a gateway knows of, one after the other: one of them leads, and only that one takes gateways. */
export class ControllerAddresses {
  readonly #addresses: readonly string[];
  #at = 0;
  #failed = 0;

  /** @param addresses as `host:port`; one at least. */
  constructor(addresses: readonly string[]) {
    if (addresses.length === 0) throw new Error('a gateway needs the address of a controller');
    this.#addresses = addresses;
  }

  /** The one to try now. */
  get current(): string {
    return this.#addresses[this.#at] ?? '';
  }

  get areSeveral(): boolean {
    return this.#addresses.length > 1;
  }

  /** The present one answers. */
  answered(): void {
    this.#failed = 0;
  }

  /** The present one is left for the next. Answers whether all of them failed in turn, so that it is time to pause. */
  moveOn(): boolean {
    this.#at = (this.#at + 1) % this.#addresses.length;
    this.#failed += 1;
    return this.#failed % this.#addresses.length === 0;
  }
}
