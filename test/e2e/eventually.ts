import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is accepted. @throws Error with the last answer when time is up. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  isAccepted: (answer: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isAccepted(answer)) return answer;
    if (performance.now() > deadlineMs)
      throw new Error(`${what}: not within ${withinMs} ms; the last answer was ${JSON.stringify(answer)}`);
    await sleep(20);
  }
}
