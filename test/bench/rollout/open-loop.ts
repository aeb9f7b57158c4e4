import http from 'node:http';
import type { SeededRequests } from './digit-requests.ts';

export const REQUESTS_PER_SECOND = 500;
/** More than are ever in work at once: requests that waited for a connection would not come at their time. */
const CONNECTIONS = 128;
/** What should have been sent longer ago than that is not sent: a load that was held up would make a burst that no client makes. */
const LATEST_MS = 20;

/** One request as its client saw it. Times are those of `performance.now()`. */
export interface SentRequest {
  readonly sentMs: number;
  readonly answeredMs: number;
  /** Whether the candidate was asked: it answered, or stable did in its place. */
  readonly isOfCandidate: boolean;
  /** Whether the candidate failed, so that stable answered. */
  readonly isSaved: boolean;
  /** Of HTTP; 0 when the connection broke. */
  readonly status: number;
}

/** Sends the requests of a run to one deployment at a constant rate, however slow the answers are. */
export class OpenLoop {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  readonly #target: { readonly hostname: string; readonly port: string; readonly path: string };
  readonly #candidateVersion: string;

  constructor(gateway: string, deployment: string, candidateVersion: number) {
    const { hostname, port } = new URL(gateway);
    this.#target = { hostname, port, path: `/v2/models/${deployment}/infer` };
    this.#candidateVersion = String(candidateVersion);
  }

  /**
   * Sends until it is told to stop, and waits for the last answer.
   *
   * @returns every request, in the order in which they were sent.
   */
  async run(requests: SeededRequests, until: Promise<unknown>): Promise<readonly SentRequest[]> {
    const sent: Promise<SentRequest>[] = [];
    let dueMs = performance.now();
    const sendDue = () => {
      const nowMs = performance.now();
      for (dueMs = Math.max(dueMs, nowMs - LATEST_MS); dueMs <= nowMs; dueMs += 1000 / REQUESTS_PER_SECOND) {
        sent.push(this.#send(requests.next().body));
      }
    };
    const timer = setInterval(sendDue, 1);
    try {
      await until;
    } finally {
      clearInterval(timer);
    }
    return Promise.all(sent);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(body: Buffer): Promise<SentRequest> {
    const sentMs = performance.now();
    return new Promise((resolve) => {
      const ended = (status: number, isSaved: boolean, servedBy: string) => {
        const isOfCandidate = isSaved || servedBy === this.#candidateVersion;
        resolve({ sentMs, answeredMs: performance.now(), isOfCandidate, isSaved, status });
      };
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const options = { ...this.#target, method: 'POST', agent: this.#agent, headers };
      const request = http.request(options, (response) => {
        const { statusCode = 0, headers: answered } = response;
        response.once('error', () => ended(0, false, ''));
        response.once('end', () =>
          ended(statusCode, answered['slipway-fallback'] === 'true', String(answered['slipway-served-by'] ?? '')),
        );
        response.resume();
      });
      request.once('error', () => ended(0, false, ''));
      request.end(body);
    });
  }
}
