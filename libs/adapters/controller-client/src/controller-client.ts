import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError, ERROR_CATALOGUE, type ErrorCode } from '#domain/errors';
import type { DeploymentStatus } from '#generated/deployment-status';

const TIMEOUT_MS = 30_000;
const RECONNECT_MS = 500;

/**
 * A client of the controller's REST interface. Methods throw a DomainError: with the server's code, or CONTROLLER_UNAVAILABLE when
 * the controller cannot be reached.
 */
export class ControllerClient {
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl.replace(/\/$/, '');
  }

  async deployments(): Promise<readonly DeploymentStatus[]> {
    return (await this.#call<{ deployments: DeploymentStatus[] }>('GET', '/v1/deployments')).deployments;
  }

  async deployment(namespace: string, name: string): Promise<DeploymentStatus> {
    return this.#call('GET', pathOf(namespace, name));
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
   * @throws CONTROLLER_UNAVAILABLE when the first connection fails.
   */
  async *watch(namespace: string, name: string, signal: AbortSignal): AsyncIterable<DeploymentStatus> {
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      try {
        const response = await fetch(`${this.#baseUrl}${pathOf(namespace, name)}/watch`, { signal });
        if (!response.ok || response.body === null) throw await serverError(response);
        for await (const data of serverSentData(response.body)) yield JSON.parse(data) as DeploymentStatus;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof DomainError) throw error;
        if (isFirst) throw this.#unavailable(error);
      }
      await sleep(RECONNECT_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #call<T>(method: string, path: string): Promise<T> {
    let response: Response;
    try {
      response = await fetch(`${this.#baseUrl}${path}`, { method, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      throw this.#unavailable(error);
    }
    if (!response.ok) throw await serverError(response);
    return (await response.json()) as T;
  }

  #unavailable(error: unknown): DomainError {
    const { cause, message } = error as { cause?: { code?: string }; message: string };
    const reason = cause?.code ?? message;
    return new DomainError(
      'CONTROLLER_UNAVAILABLE',
      `the controller at ${this.#baseUrl} cannot be reached: ${reason}`,
      {},
      { cause: error },
    );
  }
}

/** The data of each event of a text/event-stream. */
async function* serverSentData(body: ReadableStream<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = event
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice('data: '.length));
      if (data.length > 0) yield data.join('\n');
    }
  }
}

function pathOf(namespace: string, name: string): string {
  return `/v1/deployments/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

async function serverError(response: Response): Promise<DomainError> {
  const body = (await response.json().catch(() => ({}))) as { error?: string; code?: string };
  const code =
    body.code !== undefined && Object.hasOwn(ERROR_CATALOGUE, body.code) ? (body.code as ErrorCode) : 'INTERNAL';
  return new DomainError(code, body.error ?? `the controller answered with status ${response.status}`);
}
