import http from 'node:http';
import { quantile } from '#testing';

/** What a load showed. */
export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A client on kept connections, light enough to leave the machine to the server. */
export class JsonClient {
  readonly #agent: http.Agent;
  readonly baseUrl: string;
  readonly #url: URL;

  constructor(url: string, connections: number) {
    this.baseUrl = url;
    this.#url = new URL(url);
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws Error when the server answers with a status from 300 on. */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const { hostname, port } = this.#url;
    return new Promise((resolve, reject) => {
      const request = http.request({ hostname, port, path, method, headers, agent: this.#agent }, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          answer += chunk;
        });
        response.once('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode < 300) resolve(JSON.parse(answer));
          else reject(new Error(`status ${statusCode}: ${answer.slice(0, 300)}`));
        });
      });
      request.once('error', reject);
      request.end(text);
    });
  }

  /** @throws Error with the first GraphQL error. */
  async graphql<T>(query: string, variables: object = {}): Promise<T> {
    const reply = (await this.call('POST', '/graphql', { query, variables })) as { data: T; errors?: unknown[] };
    if (reply.errors !== undefined) throw new Error(JSON.stringify(reply.errors[0]));
    return reply.data;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Makes `count` calls, so many at once, and measures each. */
export async function load(
  count: number,
  inFlight: number,
  call: (index: number) => Promise<unknown>,
): Promise<LoadResult> {
  const latencies: number[] = [];
  let next = 0;
  const startedMs = performance.now();
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      const calledMs = performance.now();
      await call(index);
      latencies.push(performance.now() - calledMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - startedMs) / 1000;
  return { perSecond: count / seconds, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
}
