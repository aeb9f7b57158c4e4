import http from 'node:http';

/** What became of one request. */
export interface Answered {
  readonly atMs: number;
  readonly tookMs: number;
  /** 0 when there was no answer at all. */
  readonly status: number;
  readonly servedBy: string;
}

/** Clients that ask a model again and again on kept connections, and remember every answer. */
export class InferenceLoad {
  readonly answers: Answered[] = [];
  readonly #agent: http.Agent;
  readonly #lanes: Promise<void>[];
  #isEnding = false;

  /**
   * @param target answers the URL to ask, anew for each request.
   * @param body a request of the Open Inference Protocol.
   */
  constructor(target: () => string, body: string, clients: number) {
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: clients });
    this.#lanes = Array.from({ length: clients }, async () => {
      while (!this.#isEnding) this.answers.push(await this.#ask(target(), body));
    });
  }

  /** Answers since a moment on the monotonic clock. */
  since(atMs: number): Answered[] {
    return this.answers.filter((answer) => answer.atMs >= atMs);
  }

  async stop(): Promise<readonly Answered[]> {
    this.#isEnding = true;
    await Promise.all(this.#lanes);
    this.#agent.destroy();
    return this.answers;
  }

  #ask(url: string, body: string): Promise<Answered> {
    const atMs = performance.now();
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve) => {
      const done = (status: number, servedBy = '') =>
        resolve({ atMs, tookMs: performance.now() - atMs, status, servedBy });
      const request = http.request(url, { method: 'POST', headers, agent: this.#agent }, (response) => {
        response.resume();
        response.once('end', () => done(response.statusCode ?? 0, String(response.headers['slipway-served-by'] ?? '')));
        response.once('error', () => done(0));
      });
      request.once('error', () => done(0));
      request.end(body);
    });
  }
}

/** Requests per second, over the time that they took together. */
export function rateOf(answers: readonly Answered[]): number {
  const first = answers[0]?.atMs ?? 0;
  const last = answers.at(-1)?.atMs ?? first;
  return answers.length / Math.max(0.001, (last - first) / 1000);
}

/** The latency that all but so many in a hundred stay below. */
export function quantileMs(answers: readonly Answered[], share: number): number {
  const sorted = answers.map(({ tookMs }) => tookMs).sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
