import { ANCHORS_HORIZON_MS } from './anchors.ts';
import type { CandidateStream } from './candidate-stream.ts';
import type { SeededRequests } from './digit-requests.ts';
import { REQUESTS_PER_SECOND } from './open-loop.ts';

const CANDIDATE_SHARE = 0.1;

/**
 * A run's requests as they would have gone on without a rollback: those that were sent go where they went, the others to the candidate
 * by chance.
 *
 * @param requests the run's own, from the first one on.
 * @param isOfCandidate of the requests that were sent.
 */
export function continuedStream(
  requests: SeededRequests,
  isOfCandidate: readonly boolean[],
  random: () => number,
): CandidateStream {
  const [successesMs, errorsMs] = [[] as number[], [] as number[]];
  // After the last one that the candidate got there were some that it did not get because it was out.
  const known = isOfCandidate.lastIndexOf(true) + 1;
  const count = (ANCHORS_HORIZON_MS / 1000) * REQUESTS_PER_SECOND;
  for (let index = 0; index < count; index += 1) {
    const { fails } = requests.next();
    const goesToCandidate = index < known ? isOfCandidate[index] : random() < CANDIDATE_SHARE;
    if (goesToCandidate) (fails ? errorsMs : successesMs).push((index / REQUESTS_PER_SECOND) * 1000);
  }
  return { successesMs, errorsMs };
}
