import http from 'node:http';

/** One call and what became of it. */
export interface Answered {
  /** When it was sent, by `performance.now()`. */
  readonly atMs: number;
  readonly tookMs: number;
  /** 0 when the connection broke. */
  readonly status: number;
  /** Of the error catalogue; empty for an answer. */
  readonly code: string;
  /** The version that answered; empty when none did. */
  readonly servedBy: string;
  /** Whether stable answered because the candidate failed on it. */
  readonly isFallback: boolean;
}

/** A request body for the REST interface, with the headers that it needs. */
export interface RestBody {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Tensors in JSON. */
export function jsonBody(inputs: readonly object[]): RestBody {
  return textBody(JSON.stringify({ inputs }));
}

/** A request that is JSON already. */
export function textBody(json: string): RestBody {
  return { bytes: Buffer.from(json), headers: { 'content-type': 'application/json' } };
}

/** Tensors as bytes behind the JSON that names them. */
export function binaryBody(
  inputs: readonly { readonly name: string; readonly datatype: string; readonly shape: number[]; data: Uint8Array }[],
): RestBody {
  const described = inputs.map(({ data, ...tensor }) => ({
    ...tensor,
    parameters: { binary_data_size: data.byteLength },
  }));
  const head = Buffer.from(JSON.stringify({ inputs: described, parameters: { binary_data_output: true } }));
  return {
    bytes: Buffer.concat([head, ...inputs.map(({ data }) => data)]),
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.byteLength),
    },
  };
}

/** Calls models on kept connections, and times each call. */
export class RestCaller {
  readonly #agent: http.Agent;
  readonly #url: URL;

  constructor(url: string, connections = 64) {
    this.#url = new URL(url);
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Never rejects: a broken connection is status 0. */
  async infer(model: string, { bytes, headers }: RestBody): Promise<Answered & { readonly body: Buffer }> {
    return this.send('POST', `/v2/models/${model}/infer`, bytes, headers);
  }

  async get(path: string): Promise<Answered & { readonly body: Buffer }> {
    return this.send('GET', path, Buffer.alloc(0), {});
  }

  send(
    method: string,
    path: string,
    bytes: Buffer,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answered & { readonly body: Buffer }> {
    const atMs = performance.now();
    const { hostname, port } = this.#url;
    return new Promise((resolve) => {
      const ended = (status: number, body: Buffer, code: string, answered: http.IncomingHttpHeaders = {}) =>
        resolve({
          atMs,
          tookMs: performance.now() - atMs,
          status,
          code,
          servedBy: String(answered['slipway-served-by'] ?? ''),
          isFallback: answered['slipway-fallback'] === 'true',
          body,
        });
      const options = { hostname, port, method, path, agent: this.#agent };
      const length = method === 'GET' ? {} : { 'content-length': String(bytes.byteLength) };
      const request = http.request({ ...options, headers: { ...length, ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', (error: Error) => ended(0, Buffer.alloc(0), error.message));
        response.once('end', () => {
          const body = Buffer.concat(chunks);
          const { statusCode = 0, headers: answered } = response;
          ended(statusCode, body, statusCode < 400 ? '' : codeIn(body), answered);
        });
      });
      request.once('error', (error) => ended(0, Buffer.alloc(0), error.message));
      request.end(bytes);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function codeIn(body: Buffer): string {
  try {
    return String((JSON.parse(body.toString()) as { code?: unknown }).code);
  } catch {
    return body.toString().slice(0, 100);
  }
}
