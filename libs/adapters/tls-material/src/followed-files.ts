import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { faultIn, type NamedFile, type PemFile } from './pem-file.ts';

/** What is told of files that are followed. */
export interface FollowEvents {
  /** They were changed, and what they hold now is in force. */
  onReplaced(): void;
  /** They were changed, and cannot be used: what was in force stays. */
  onRefused(error: Error): void;
}

/**
 * What some files hold. They are read again and again, because the file systems of secrets swap links where nobody is told: what can be used
 * comes into force, and what cannot, half of a new pair for instance, changes nothing.
 */
export class FollowedFiles<Name extends string, Material> {
  readonly #files: Readonly<Record<Name, NamedFile | undefined>>;
  readonly #read: (contents: Readonly<Record<Name, PemFile | undefined>>) => Material;
  readonly #listeners = new Set<(material: Material) => void>();
  #current: Material;
  #inForce: string;
  /** Texts that were refused: they are not told of twice. */
  #refused: string | undefined;

  /** @throws TlsMaterialError */
  constructor(
    files: Readonly<Record<Name, NamedFile | undefined>>,
    read: (contents: Readonly<Record<Name, PemFile | undefined>>) => Material,
  ) {
    this.#files = files;
    this.#read = read;
    const contents = this.#contents((file) => textOf(file, () => readFileSync(file.path, 'utf8')));
    this.#current = read(contents);
    this.#inForce = JSON.stringify(contents);
  }

  get current(): Material {
    return this.#current;
  }

  /** Tells of each change from now on. @returns ends that. */
  onChange(listener: (material: Material) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Looks whether they have changed. */
  async look(events: FollowEvents): Promise<void> {
    let seen = '';
    try {
      const contents = await this.#contentsNow();
      seen = JSON.stringify(contents);
      if (seen === this.#inForce) {
        this.#refused = undefined;
        return;
      }
      const material = this.#read(contents);
      this.#inForce = seen;
      this.#current = material;
    } catch (error) {
      const what = `${seen}${(error as Error).message}`;
      if (what !== this.#refused) events.onRefused(error as Error);
      this.#refused = what;
      return;
    }
    this.#refused = undefined;
    for (const listener of this.#listeners) listener(this.#current);
    events.onReplaced();
  }

  /** Looks every so often, and whenever the process gets SIGHUP. @returns ends that. */
  keepUp(pauseMs: number, events: FollowEvents): () => void {
    const look = () => void this.look(events);
    const timer = setInterval(look, pauseMs).unref();
    process.on('SIGHUP', look);
    return () => {
      clearInterval(timer);
      process.off('SIGHUP', look);
    };
  }

  #contents(read: (file: NamedFile) => string): Record<Name, PemFile | undefined> {
    const entries = Object.entries(this.#files) as [Name, NamedFile | undefined][];
    return Object.fromEntries(entries.map(([name, file]) => [name, file && { ...file, text: read(file) }])) as Record<
      Name,
      PemFile | undefined
    >;
  }

  async #contentsNow(): Promise<Record<Name, PemFile | undefined>> {
    const files = (Object.values(this.#files) as (NamedFile | undefined)[]).filter((file) => file !== undefined);
    const texts = new Map(
      await Promise.all(
        files.map(async (file) => {
          const text = await readFile(file.path, 'utf8').catch((error: Error) => error);
          return [file, text] as const;
        }),
      ),
    );
    return this.#contents((file) =>
      textOf(file, () => {
        const text = texts.get(file);
        if (typeof text === 'string') return text;
        throw text;
      }),
    );
  }
}

function textOf(file: NamedFile, read: () => string): string {
  try {
    return read();
  } catch (error) {
    throw faultIn(file, `cannot be read: ${(error as Error).message}`);
  }
}
