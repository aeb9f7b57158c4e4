/** Tells whoever listens that something changed, and not what: listeners look for themselves. */
export class ChangeSignal {
  readonly #listeners = new Set<() => void>();

  /** Answers how to stop listening. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
