import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '#testing';
import { type Answered, type RestBody, RestCaller } from './rest-caller.ts';

/** A load that goes on until it is stopped: so many callers, each of which calls again when it was answered. */
export class SteadyLoad {
  readonly answers: Answered[] = [];
  readonly #caller: RestCaller;
  readonly #callers: Promise<void>[];
  #isEnding = false;

  /** @param pauseMs of a caller between two calls. */
  constructor(url: string, model: string, body: RestBody, callers: number, pauseMs = 0) {
    this.#caller = new RestCaller(url, callers);
    this.#callers = Array.from({ length: callers }, async () => {
      while (!this.#isEnding) {
        const { body: _, ...answer } = await this.#caller.infer(model, body);
        this.answers.push(answer);
        if (pauseMs > 0) await sleep(pauseMs);
      }
    });
  }

  /** Answers that were asked for in a time, by `performance.now()`. */
  between(fromMs: number, toMs: number): Answered[] {
    return this.answers.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  }

  /** Answers that were asked for since a moment. */
  since(fromMs: number): Answered[] {
    return this.between(fromMs, Number.POSITIVE_INFINITY);
  }

  /** Ends the load when what was asked is answered; answers everything. */
  async stop(): Promise<readonly Answered[]> {
    this.#isEnding = true;
    await Promise.all(this.#callers);
    this.#caller.close();
    return this.answers;
  }
}

/** Requests per second, over the time that they took together. */
export function rateOf(answers: readonly Answered[]): number {
  const first = answers[0]?.atMs ?? 0;
  const last = answers.at(-1)?.atMs ?? first;
  return answers.length / Math.max(0.001, (last - first) / 1000);
}

/** The latency that a share of the answers did not exceed, in milliseconds. */
export function quantileMs(answers: readonly Answered[], share: number): number {
  return quantile(
    answers.map(({ tookMs }) => tookMs),
    share,
  );
}

/** Mean latency, in milliseconds. */
export function meanMs(answers: readonly Answered[]): number {
  return answers.reduce((sum, { tookMs }) => sum + tookMs, 0) / answers.length;
}

/** How often each outcome occurred: `200`, or `429 QUEUE_FULL`. */
export function outcomesOf(answers: readonly Answered[]): Record<string, number> {
  const outcomes: Record<string, number> = {};
  for (const { status, code } of answers) {
    const outcome = `${status} ${code}`.trim();
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}
