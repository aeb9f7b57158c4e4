import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError, ERROR_CATALOGUE, type ErrorCode } from '#domain/errors';
import type { Plugin } from '#generated/controller-graphql';
import type { DeploymentStatus } from '#generated/deployment-status';

const TIMEOUT_MS = 30_000;
const RECONNECT_MS = 500;

/** What a client says of itself. */
export interface ControllerClientOptions {
  /** API key or token, shown with every request; absent: none. */
  readonly credential?: string | undefined;
  /** For HTTPS, where whom to trust is not what Node.js knows, or a certificate is shown. */
  readonly agent?: Agent | undefined;
}

/**
 * A client of the controller's REST interface. Methods throw a DomainError: with the server's code, or CONTROLLER_UNAVAILABLE when
 * the controller cannot be reached.
 */
export class ControllerClient {
  readonly #baseUrl: string;
  readonly #agent: Agent | undefined;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(baseUrl: string, { credential, agent }: ControllerClientOptions = {}) {
    this.#agent = agent;
    this.#baseUrl = baseUrl.replace(/\/$/, '');
    this.#headers = credential === undefined ? {} : { authorization: `Bearer ${credential}` };
  }

  async deployments(): Promise<readonly DeploymentStatus[]> {
    return (await this.#call<{ deployments: DeploymentStatus[] }>('GET', '/v1/deployments')).deployments;
  }

  async deployment(namespace: string, name: string): Promise<DeploymentStatus> {
    return this.#call('GET', pathOf(namespace, name));
  }

  /** What the controller and its gateways run of plugins. */
  async plugins(): Promise<readonly Plugin[]> {
    return (await this.#call<{ plugins: Plugin[] }>('GET', '/v1/plugins')).plugins;
  }

  /** @param isFull skips every step that is left, not the present one alone. */
  async promote(namespace: string, name: string, isFull: boolean): Promise<DeploymentStatus> {
    return this.#call('POST', `${pathOf(namespace, name)}/promote${isFull ? '?full=true' : ''}`);
  }

  async abort(namespace: string, name: string): Promise<DeploymentStatus> {
    return this.#call('POST', `${pathOf(namespace, name)}/abort`);
  }

  /** Ends the present step without what it waits for. */
  async skip(namespace: string, name: string): Promise<DeploymentStatus> {
    return this.#call('POST', `${pathOf(namespace, name)}/skip`);
  }

  /** Tries again what was rolled back, while Git still asks for it. */
  async retry(namespace: string, name: string): Promise<DeploymentStatus> {
    return this.#call('POST', `${pathOf(namespace, name)}/retry`);
  }

  /**
   * Every state of a deployment from now on, the present one first; a deployment that does not exist yet is waited for. Connects
   * again when the stream breaks, and ends when the signal fires.
   *
   * @throws CONTROLLER_UNAVAILABLE when the first connection fails; UNAUTHENTICATED, also when the credential ends meanwhile.
   */
  async *watch(namespace: string, name: string, signal: AbortSignal): AsyncIterable<DeploymentStatus> {
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      try {
        const response = await this.#open('GET', `${pathOf(namespace, name)}/watch`, signal);
        if (!isOk(response)) throw await serverError(response);
        for await (const { event, data } of serverSentEvents(response)) {
          if (event === 'error') throw namedError(JSON.parse(data) as ErrorBody, 'the controller ended the stream');
          yield JSON.parse(data) as DeploymentStatus;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof DomainError) throw error;
        if (isFirst) throw this.#unavailable(error);
      }
      await sleep(RECONNECT_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #call<T>(method: string, path: string): Promise<T> {
    let response: IncomingMessage;
    let body: string;
    try {
      response = await this.#open(method, path, AbortSignal.timeout(TIMEOUT_MS));
      body = isOk(response) ? await textOf(response) : '';
    } catch (error) {
      throw this.#unavailable(error);
    }
    if (!isOk(response)) throw await serverError(response);
    return JSON.parse(body) as T;
  }

  #open(method: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const url = `${this.#baseUrl}${path}`;
    return new Promise((resolve, reject) => {
      const byAgent = this.#agent === undefined ? {} : { agent: this.#agent };
      const request = url.startsWith('https:')
        ? httpsRequest(url, { method, headers: this.#headers, signal, ...byAgent })
        : httpRequest(url, { method, headers: this.#headers, signal });
      request.once('error', reject).once('response', resolve).end();
    });
  }

  #unavailable(error: unknown): DomainError {
    const { name, code, message } = error as { name: string; code?: string; message: string };
    const reason = name === 'AbortError' ? `no answer within ${TIMEOUT_MS} ms` : (code ?? message);
    return new DomainError(
      'CONTROLLER_UNAVAILABLE',
      `the controller at ${this.#baseUrl} cannot be reached: ${reason}`,
      {},
      { cause: error },
    );
  }
}

interface ServerSentEvent {
  /** `message` where it has no name. */
  readonly event: string;
  readonly data: string;
}

/** The events of a text/event-stream; comments are left out. */
async function* serverSentEvents(body: IncomingMessage): AsyncIterable<ServerSentEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body as AsyncIterable<Buffer>) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const lines = event.split('\n');
      const valuesOf = (field: string) =>
        lines.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2));
      const data = valuesOf('data');
      if (data.length > 0) yield { event: valuesOf('event')[0] ?? 'message', data: data.join('\n') };
    }
  }
}

function pathOf(namespace: string, name: string): string {
  return `/v1/deployments/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

interface ErrorBody {
  readonly error?: string;
  readonly code?: string;
}

function isOk({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function serverError(response: IncomingMessage): Promise<DomainError> {
  let body: ErrorBody = {};
  try {
    body = JSON.parse(await textOf(response)) as ErrorBody;
  } catch {
    // Something between us and the controller answered.
  }
  return namedError(body, `the controller answered with status ${response.statusCode}`);
}

function namedError({ code, error }: ErrorBody, otherwise: string): DomainError {
  const isKnown = code !== undefined && Object.hasOwn(ERROR_CATALOGUE, code);
  return new DomainError(isKnown ? (code as ErrorCode) : 'INTERNAL', error ?? otherwise);
}
