import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '#testing';
import { type Call, callOnce } from './call.ts';

/** One request of a probe. */
export interface Probed {
  readonly startedMs: number;
  /** Until the answer, or until it was clear that none would come. */
  readonly tookMs: number;
  readonly isAnswered: boolean;
}

/** Asks at a low, constant rate, whatever becomes of the requests before, and remembers what it saw. */
export class GatewayProbe {
  readonly requests: Probed[] = [];
  /** The version that the last answer came from; 0 before the first one. */
  servedVersion = 0;
  readonly #call: Call;
  readonly #pauseMs: number;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  #isRunning = true;
  readonly #ended: Promise<void>;

  constructor(call: Call, perSecond: number) {
    this.#call = call;
    this.#pauseMs = 1000 / perSecond;
    this.#ended = this.#run();
  }

  /** The p99 of what was asked since then, in ms; infinite when anything was not answered. */
  p99Since(startedMs: number, untilMs = Number.POSITIVE_INFINITY): number {
    const since = this.requests.filter((request) => request.startedMs >= startedMs && request.startedMs < untilMs);
    return since.every(({ isAnswered }) => isAnswered)
      ? quantile(
          since.map(({ tookMs }) => tookMs),
          0.99,
        )
      : Number.POSITIVE_INFINITY;
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#ended;
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    const inWork: Promise<void>[] = [];
    for (let dueMs = performance.now(); this.#isRunning; dueMs += this.#pauseMs) {
      await sleep(Math.max(0, dueMs - performance.now()));
      inWork.push(this.#ask());
    }
    await Promise.all(inWork);
  }

  async #ask(): Promise<void> {
    const startedMs = performance.now();
    const reply = await callOnce(this.#call, this.#agent).catch(() => undefined);
    this.requests.push({ startedMs, tookMs: performance.now() - startedMs, isAnswered: reply !== undefined });
    if (reply !== undefined) this.servedVersion = Number(reply.headers['slipway-served-by']);
  }
}
