import { readFileSync } from 'node:fs';
import { type DocumentNode, parse, print, stripIgnoredCharacters } from 'graphql';
import { DomainError } from '#domain/errors';
import { registryOperations } from '#generated/registry-operations';

/** A file by which Apollo's and Relay's tools list the operations of a client. */
interface OperationManifest {
  readonly format: 'apollo-persisted-query-manifest';
  readonly operations: readonly { readonly id: string; readonly body: string }[];
}

/**
 * The only operations that may be executed: those of a manifest, and those of Slipway's own client. It also answers requests that
 * name an operation by its id instead of its text.
 *
 * @see https://www.apollographql.com/docs/kotlin/advanced/persisted-queries (the manifest's format)
 */
export class OperationSafelist {
  readonly #textById: ReadonlyMap<string, string>;
  readonly #texts: ReadonlySet<string>;

  private constructor(operations: OperationManifest['operations']) {
    this.#textById = new Map(operations.map(({ id, body }) => [id, body]));
    const texts = [...this.#textById.values(), ...Object.values(registryOperations)];
    this.#texts = new Set(texts.map((text) => normalised(parse(text))));
  }

  /** @throws INPUT_INVALID naming the file and what is wrong with it. */
  static read(path: string): OperationSafelist {
    try {
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as OperationManifest;
      if (manifest.format !== 'apollo-persisted-query-manifest') throw new Error('its format is not known');
      return new OperationSafelist(manifest.operations);
    } catch (error) {
      throw new DomainError(
        'INPUT_INVALID',
        `SLIPWAY_GRAPHQL_SAFELIST=${path} is no manifest of persisted queries: ${(error as Error).message}`,
      );
    }
  }

  /** @throws QUERY_NOT_SAFELISTED */
  assertListed(document: DocumentNode): void {
    if (this.#texts.has(normalised(document))) return;
    throw new DomainError('QUERY_NOT_SAFELISTED', 'this registry executes only the operations of its safelist');
  }

  // The three methods of the cache in which Apollo looks for persisted queries.

  /** @param key Apollo puts a prefix before ids. */
  async get(key: string): Promise<string | undefined> {
    return this.#textById.get(key.slice(key.indexOf(':') + 1));
  }

  async set(): Promise<void> {}

  async delete(): Promise<boolean> {
    return false;
  }
}

/** White space and comments do not matter. */
function normalised(document: DocumentNode): string {
  return stripIgnoredCharacters(print(document));
}
