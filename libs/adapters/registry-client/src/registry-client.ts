import { Readable } from 'node:stream';
import { DomainError, ERROR_CATALOGUE, type ErrorCode, type ErrorContext } from '#domain/errors';
import type * as wire from '#generated/graphql';
import { documents } from './documents.ts';

/** A model as the client reads it. */
export type ListedModel = Omit<wire.Model, 'versions'> & { readonly versions: { readonly totalCount: number } };
export type DraftFile = wire.DraftFile;
export type DeclaredDraft = {
  readonly id: string;
  readonly files: readonly DraftFile[];
  readonly version: { readonly version: number } | null;
};

/** A version to declare; what is left out takes the schema's default. */
export type VersionToDeclare = Partial<wire.CreateVersionInput> &
  Pick<wire.CreateVersionInput, 'namespace' | 'model' | 'variants'>;

/** A page of models. */
export interface ModelPage {
  readonly nodes: readonly ListedModel[];
  readonly pageInfo: wire.PageInfo;
}

/** The answer to one request may take this long; uploads are not limited. */
const TIMEOUT_MS = 30_000;

/**
 * A client of the registry's GraphQL and REST interfaces. Every method throws a DomainError with the server's code, or
 * REGISTRY_UNAVAILABLE when the registry cannot be reached.
 */
export class RegistryClient {
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl.replace(/\/$/, '');
  }

  /** One model with its newest versions; `null` when it does not exist. */
  async model(namespace: string, name: string, firstVersions = 20): Promise<wire.Model | null> {
    return this.#query('model', { namespace, name, first: firstVersions });
  }

  async models(namespace: string, first: number, after?: string): Promise<ModelPage> {
    return this.#query('models', { namespace, first, after });
  }

  /** One version by number or alias; `null` when it does not exist. */
  async version(
    namespace: string,
    model: string,
    which: { version: number } | { alias: string },
  ): Promise<wire.ModelVersion | null> {
    return this.#query('version', { namespace, model, ...which });
  }

  async createModel(input: Partial<wire.CreateModelInput> & Pick<wire.CreateModelInput, 'name'>): Promise<void> {
    await this.#query('createModel', { input });
  }

  async createVersion(input: VersionToDeclare): Promise<DeclaredDraft> {
    return this.#query('createVersion', { input });
  }

  async finalizeVersion(namespace: string, model: string, draftId: string): Promise<wire.ModelVersion> {
    return this.#query('finalizeVersion', { namespace, model, draftId });
  }

  async setAlias(input: wire.SetAliasInput): Promise<wire.Alias> {
    return this.#query('setAlias', { input });
  }

  async deleteAlias(namespace: string, model: string, alias: string): Promise<boolean> {
    return this.#query('deleteAlias', { namespace, model, alias });
  }

  /**
   * Sends a file's bytes to where its draft says.
   *
   * @param onProgress told the number of bytes sent so far.
   */
  async uploadBlob(
    file: DraftFile,
    bytes: AsyncIterable<Uint8Array>,
    onProgress: (sentBytes: number) => void = () => {},
  ): Promise<void> {
    let sentBytes = 0;
    const counted = async function* () {
      for await (const chunk of bytes) {
        yield chunk;
        sentBytes += chunk.byteLength;
        onProgress(sentBytes);
      }
    };
    const response = await this.#fetch(file.uploadPath, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(file.sizeBytes) },
      body: Readable.toWeb(Readable.from(counted(), { objectMode: false })) as unknown as ReadableStream<Uint8Array>,
      duplex: 'half',
    });
    if (!response.ok) throw await restError(response);
    await response.arrayBuffer();
  }

  async #query<T>(operation: keyof typeof documents, variables: object): Promise<T> {
    const response = await this.#fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: documents[operation], variables }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const reply = (await response.json().catch(() => ({}))) as { data?: Record<string, T>; errors?: GraphqlFailure[] };
    const [failure] = reply.errors ?? [];
    if (failure !== undefined)
      throw serverError(failure.extensions?.['code'], failure.message, failure.extensions ?? {});
    if (reply.data === undefined) throw unavailable(this.#baseUrl, `it answered with status ${response.status}`);
    return reply.data[operation] as T;
  }

  async #fetch(path: string, init: RequestInit & { duplex?: 'half' }): Promise<Response> {
    try {
      return await fetch(`${this.#baseUrl}${path}`, init);
    } catch (error) {
      // What the body's source threw (a file that cannot be read, say) is not the registry's fault.
      if (error instanceof DomainError) throw error;
      throw unavailable(this.#baseUrl, reasonOf(error), error);
    }
  }
}

interface GraphqlFailure {
  readonly message: string;
  readonly extensions?: Record<string, unknown>;
}

async function restError(response: Response): Promise<DomainError> {
  const body = (await response.json().catch(() => ({}))) as { error?: string; code?: string };
  return serverError(body.code, body.error ?? `the registry answered with status ${response.status}`, {});
}

function serverError(code: unknown, message: string, context: Record<string, unknown>): DomainError {
  const known = typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code) ? (code as ErrorCode) : 'INTERNAL';
  return new DomainError(known, message, context as ErrorContext);
}

function unavailable(baseUrl: string, reason: string, cause?: unknown): DomainError {
  return new DomainError(
    'REGISTRY_UNAVAILABLE',
    `the registry at ${baseUrl} cannot be reached: ${reason}`,
    {},
    { cause },
  );
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string }; message: string };
  return cause?.code ?? message;
}
