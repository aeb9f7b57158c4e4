import type { Agent } from 'node:https';
import { type RegistryOperations, registryOperations } from '#generated/registry-operations';
import { ask, type Question, type Reply } from './ask.ts';
import { type DownloadableFile, downloadFile } from './download-file.ts';
import type { RegistryServer } from './registry-server.ts';
import { serverError, unavailable } from './server-errors.ts';
import { type OnProgress, type OpenBytes, type UploadableFile, uploadBlob } from './upload-blob.ts';

type OperationName = keyof RegistryOperations;
/** The one field that an operation asks for. Operations are named after it. */
type Answer<Name extends OperationName> = Name extends keyof RegistryOperations[Name]['data']
  ? RegistryOperations[Name]['data'][Name]
  : never;

export type FoundModel = NonNullable<Answer<'model'>>;
export type FoundVersion = NonNullable<Answer<'version'>>;
export type FoundVersions = NonNullable<Answer<'versions'>>;
export type AccessAnswer = Answer<'access'>;
export type VersionToDeclare = RegistryOperations['createVersion']['variables']['input'];

/** Who uses a client. */
export interface ClientOptions {
  /** Told to the registry as the author of changes, where access to it is open. */
  readonly actor?: string | undefined;
  /** An API key or token. */
  readonly credential?: string | undefined;
  /** For HTTPS, where whom to trust is not what Node.js knows, or a certificate is shown. */
  readonly agent?: Agent | undefined;
}

/**
 * A client of the registry's GraphQL and REST interfaces. Every method throws a DomainError with the server's code, or
 * REGISTRY_UNAVAILABLE when the registry cannot be reached.
 */
export class RegistryClient {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: Agent | undefined;

  constructor(baseUrl: string, { actor, credential, agent }: ClientOptions = {}) {
    this.#agent = agent;
    this.baseUrl = baseUrl.replace(/\/$/, '');
    this.#headers = {
      ...(actor === undefined ? {} : { 'slipway-actor': actor }),
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
    };
  }

  /** Sends one of the operations of registry-schema/graphql/operations. */
  async call<Name extends OperationName>(
    operation: Name,
    variables: RegistryOperations[Name]['variables'],
  ): Promise<Answer<Name>> {
    const { status, body } = await this.#ask('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.#headers },
      body: JSON.stringify({ query: registryOperations[operation], variables }),
    });
    const reply = graphqlReplyIn(body);
    const [failure] = reply.errors ?? [];
    if (failure !== undefined) {
      throw serverError(failure.extensions?.['code'], failure.message, failure.extensions ?? {});
    }
    if (reply.data == null) throw unavailable(this.baseUrl, `it answered with status ${status}`);
    return reply.data[operation] as Answer<Name>;
  }

  /** One model with its newest versions; `null` when it does not exist. */
  async model(namespace: string, name: string, firstVersions = 20): Promise<FoundModel | null> {
    return this.call('model', { namespace, name, first: firstVersions });
  }

  /** One version by number or alias; `null` when it does not exist. */
  async version(
    namespace: string,
    model: string,
    which: { version: number } | { alias: string },
  ): Promise<FoundVersion | null> {
    return this.call('version', { namespace, model, ...which });
  }

  /** A model's newest versions, withdrawn ones left out, and how many there are. */
  async newestVersions(namespace: string, model: string, first: number): Promise<FoundVersions> {
    return this.call('versions', { namespace, model, first });
  }

  /** Whether the registry lets this client do something to what is described by attributes, and why. */
  async access(action: string, attributes: Readonly<Record<string, string>>): Promise<AccessAnswer> {
    const pairs = Object.entries(attributes).map(([name, value]) => ({ name, value }));
    return this.call('access', { input: { action, attributes: pairs } });
  }

  /**
   * Sends a file's bytes to where its draft says, again where it is cut off.
   *
   * @param open opens the bytes from an offset on.
   */
  async uploadBlob(file: UploadableFile, open: OpenBytes, onProgress: OnProgress = () => {}): Promise<void> {
    return uploadBlob(this.#server, file, open, onProgress);
  }

  /** Brings a file of a version to a path, checked; see `downloadFile`. @returns whether bytes were fetched. */
  async downloadFile(file: DownloadableFile, path: string, onReceived: OnProgress = () => {}): Promise<boolean> {
    return downloadFile(this.#server, file, path, onReceived);
  }

  get #server(): RegistryServer {
    return { baseUrl: this.baseUrl, headers: this.#headers, agent: this.#agent };
  }

  async #ask(path: string, question: Question): Promise<Reply> {
    try {
      return await ask(`${this.baseUrl}${path}`, question, this.#agent);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      throw unavailable(this.baseUrl, code ?? message, error);
    }
  }
}

interface GraphqlFailure {
  readonly message: string;
  readonly extensions?: Record<string, unknown>;
}

interface GraphqlReply {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphqlFailure[];
}

function graphqlReplyIn(body: string): GraphqlReply {
  try {
    return JSON.parse(body) as GraphqlReply;
  } catch {
    // Something between us and the registry answered.
    return {};
  }
}
