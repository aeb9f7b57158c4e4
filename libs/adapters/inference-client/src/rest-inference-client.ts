import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { DomainError, ERROR_CATALOGUE, type ErrorCode } from '#domain/errors';
import type {
  InferenceRequest,
  InferenceResponse,
  InputTensor,
  ModelConfig,
  ModelMetadata,
  ModelNames,
  RepositoryIndex,
  ServerMetadata,
  Statistics,
  VersionStatistics,
} from '#generated/gateway-schemas';

/** A tensor as it travels in JSON. */
export interface JsonTensor extends Readonly<Pick<InputTensor, 'name' | 'datatype'>> {
  readonly shape: readonly number[];
  /** Flat, row-major. */
  readonly data: readonly unknown[];
}

/** What to infer with. */
export interface InferenceCall extends Pick<InferenceRequest, 'id' | 'parameters'> {
  readonly inputs: readonly JsonTensor[];
  /** A version to insist on; without one the server's route decides. */
  readonly version?: string;
  /** Names of the outputs wanted; without them all. */
  readonly outputs?: readonly string[];
}

/** An answer, with who gave it. */
export interface InferenceAnswer {
  readonly outputs: readonly JsonTensor[];
  readonly modelVersion: string;
  /** Whether the stable version stepped in for a candidate that failed. */
  readonly isFallback: boolean;
}

/** Where the time of one version's requests goes on a gateway. */
export interface VersionStages {
  readonly version: number;
  readonly role: string;
  readonly requests: number;
  readonly averageMs: number;
  readonly stages: readonly { readonly stage: string; readonly averageMs: number; readonly sharePercent: number }[];
  /** Absent before the first request. */
  readonly slowest?: string;
  /** What to do about it, as a sentence. */
  readonly advice: string;
}

/** What a gateway can run models with. */
export interface RuntimeInventory {
  /** Those that it has or could have. `problem`: why it cannot be used; `serves`: of a plugin, the variants that it runs. */
  readonly runtimes: readonly {
    readonly name: string;
    readonly isUsed: boolean;
    readonly version?: string;
    readonly library?: string;
    readonly problem?: string;
    readonly serves?: readonly string[];
  }[];
  /** Hardware targets of variants. `problem`: why variants for it cannot be run. */
  readonly targets: readonly { readonly target: string; readonly problem?: string }[];
  readonly devices: readonly {
    readonly target: string;
    readonly kind: string;
    readonly name: string;
    readonly memoryBytes?: number;
    readonly driver?: string;
  }[];
}

/** How a client shows itself and reaches its server. */
export interface RestInferenceClientOptions {
  /** An API key or token; absent: none. */
  readonly credential?: string | undefined;
  /** For HTTPS, where whom to trust is not what Node.js knows, or a certificate is shown; it is closed with the client. */
  readonly agent?: TlsAgent | undefined;
}

const TIMEOUT_MS = 60_000;

/**
 * A client of the Open Inference Protocol over REST. Connections are kept alive. Every method throws a DomainError: with the
 * server's code, or GATEWAY_UNAVAILABLE when the server cannot be reached.
 */
export class RestInferenceClient {
  readonly #baseUrl: string;
  readonly #agent: Agent;
  readonly #shown: Readonly<Record<string, string>>;

  constructor(baseUrl: string, { credential, agent }: RestInferenceClientOptions = {}) {
    this.#baseUrl = baseUrl.replace(/\/$/, '');
    this.#shown = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
    const isTls = baseUrl.startsWith('https:');
    this.#agent = isTls ? (agent ?? new TlsAgent({ keepAlive: true })) : new Agent({ keepAlive: true });
  }

  async isReady(): Promise<boolean> {
    return (await this.#send('GET', '/v2/health/ready')).status === 200;
  }

  serverMetadata(): Promise<ServerMetadata> {
    return this.#get('/v2');
  }

  /** Names of the models that are served. */
  async models(): Promise<readonly string[]> {
    return (await this.#get<ModelNames>('/v2/models')).models;
  }

  /** Inputs and outputs; of the stable version unless another one is named. */
  metadata(model: string, version?: string): Promise<ModelMetadata> {
    return this.#get(pathOf(model, version));
  }

  /** How the model is served, in Triton's words. */
  config(model: string, version?: string): Promise<ModelConfig> {
    return this.#get(`${pathOf(model, version)}/config`);
  }

  /** Counts and durations of every served version of the model, or of the one that is named. */
  async statistics(model: string, version?: string): Promise<readonly VersionStatistics[]> {
    return (await this.#get<Statistics>(`${pathOf(model, version)}/stats`)).model_stats;
  }

  /** Every version that the gateway was told to serve, with its state. */
  async repositoryIndex(): Promise<RepositoryIndex> {
    return JSON.parse((await this.#require('POST', '/v2/repository/index', '{}')).body) as RepositoryIndex;
  }

  /** Where the time of the model's requests goes. */
  stages(model: string): Promise<{ readonly name: string; readonly versions: readonly VersionStages[] }> {
    return this.#get(`${pathOf(model, undefined)}/stages`);
  }

  /** What the gateway can run models with. */
  runtimes(): Promise<RuntimeInventory> {
    return this.#get('/health/runtimes');
  }

  async infer(model: string, { version, inputs, outputs, ...rest }: InferenceCall): Promise<InferenceAnswer> {
    const wanted = outputs === undefined ? {} : { outputs: outputs.map((name) => ({ name })) };
    const body = JSON.stringify({ ...rest, inputs, ...wanted });
    const reply = await this.#require('POST', `${pathOf(model, version)}/infer`, body);
    const answer = JSON.parse(reply.body) as InferenceResponse;
    return {
      // Nothing was asked for as binary data, and so all of it is here.
      outputs: answer.outputs as JsonTensor[],
      modelVersion: answer.model_version,
      isFallback: reply.headers['slipway-fallback'] === 'true',
    };
  }

  /**
   * Inference in plain JSON.
   *
   * @param values by input; flat or nested, they fill the input's shape.
   * @returns values by output: one element alone, or several in a row.
   */
  async generate(
    model: string,
    values: Readonly<Record<string, unknown>>,
    version?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const reply = await this.#require('POST', `${pathOf(model, version)}/generate`, JSON.stringify(values));
    const { model_name: _name, model_version: _version, id: _id, ...outputs } = JSON.parse(reply.body);
    return outputs;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #get<Answer>(path: string): Promise<Answer> {
    return JSON.parse((await this.#require('GET', path)).body) as Answer;
  }

  async #require(method: string, path: string, body?: string): Promise<Reply> {
    const reply = await this.#send(method, path, body);
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw serverError(reply);
  }

  #send(method: string, path: string, body?: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) => {
        const reason = error.code ?? error.message;
        const message = `the gateway at ${this.#baseUrl} cannot be reached: ${reason}`;
        reject(new DomainError('GATEWAY_UNAVAILABLE', message, {}, { cause: error }));
      };
      const open = this.#baseUrl.startsWith('https:') ? tlsRequest : request;
      const outgoing = open(
        `${this.#baseUrl}${path}`,
        {
          method,
          agent: this.#agent,
          timeout: TIMEOUT_MS,
          headers: { ...this.#shown, ...(body === undefined ? {} : describing(body)) },
        },
        (incoming) => {
          readBody(incoming).then(
            (text) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }),
            fail,
          );
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
      outgoing.on('error', fail);
      outgoing.end(body);
    });
  }
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function describing(body: string) {
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function pathOf(model: string, version: string | undefined): string {
  const versioned = version === undefined ? '' : `/versions/${encodeURIComponent(version)}`;
  return `/v2/models/${encodeURIComponent(model)}${versioned}`;
}

function serverError({ status, body }: Reply): DomainError {
  let parsed: { error?: string; code?: string } = {};
  try {
    parsed = JSON.parse(body) as typeof parsed;
  } catch {
    // Something between us and the gateway answered.
  }
  const code =
    parsed.code !== undefined && Object.hasOwn(ERROR_CATALOGUE, parsed.code) ? (parsed.code as ErrorCode) : 'INTERNAL';
  return new DomainError(code, parsed.error ?? `the gateway answered with status ${status}`);
}
