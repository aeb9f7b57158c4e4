import { BREAKER_SHARE, judgeErrorRate } from '#domain/rollout';
import { GATE } from './false-rollbacks.ts';
import type { SentRequest } from './open-loop.ts';

/**
 * After how many requests of a candidate the gate has evidence enough to roll it back, if it knew each answer before the next request
 * was sent: what is beyond that was sent while an answer was on its way to the gate, or the rollback on its way back.
 *
 * @param sent every request, in the order in which they were sent; stable has failed none of them.
 * @param share of all requests that the candidate gets, between 0 and 1.
 * @returns all requests of the candidate where the evidence never is enough.
 */
export function requestsNeeded(sent: readonly SentRequest[], share: number): number {
  let [requests, errors, stableRequests] = [0, 0, 0];
  for (const { isOfCandidate, isSaved } of sent) {
    if (!isOfCandidate) {
      stableRequests += 1;
      continue;
    }
    requests += 1;
    if (!isSaved) continue;
    errors += 1;
    const { kind } = judgeErrorRate(
      GATE,
      1,
      {
        candidate: { requests, serverErrors: errors },
        stable: { requests: stableRequests, serverErrors: 0 },
        segments: [{ share, candidateErrors: errors, stableErrors: 0 }],
      },
      1 - BREAKER_SHARE,
    );
    if (kind === 'fail') return requests;
  }
  return requests;
}
