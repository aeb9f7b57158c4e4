import { type ErrorRateGate, judgeErrorRate } from '#domain/rollout';
import { seededNumbers } from '#testing';
import { progress } from '../progress.ts';
import { ANCHORS, MAX_ERROR_RATE } from './anchors.ts';
import type { CandidateStream } from './candidate-stream.ts';

const CANDIDATE_REQUESTS = 100_000;
/** Of both versions: half of what the gate tolerates. */
const ERROR_RATE = 0.005;
const SHARE = 0.1;
const BETWEEN_REQUESTS_MS = 2;
/** Far from the seeds of other measurements. */
const FIRST_SEED = 1_000_000_000;

/** The default gate with the default limit. */
export const GATE: ErrorRateGate = {
  metric: 'error-rate',
  max: MAX_ERROR_RATE,
  against: 'stable',
  confidence: 0.999,
  minRequests: 20,
};

/** Of how many healthy rollouts each was rolled back, ours and then those of the anchors in their order. */
export interface FalseRollbacks {
  readonly rollouts: number;
  readonly ours: number;
  readonly anchors: readonly number[];
}

/**
 * Rolls out a healthy candidate again and again: 100,000 requests of it, a tenth of 500 requests/s, and each of them fails with the same
 * chance as each of stable's. Ours are judged by the code that judges live traffic.
 */
export function simulateHealthyRollouts(rollouts: number): FalseRollbacks {
  const anchors = ANCHORS.map(() => 0);
  let ours = 0;
  for (let rollout = 0; rollout < rollouts; rollout += 1) {
    const { stream, isRolledBack, endMs } = rollOutHealthy(FIRST_SEED + rollout);
    if (isRolledBack) ours += 1;
    const firstScrape01 = seededNumbers(2 * FIRST_SEED + rollout)();
    ANCHORS.forEach((anchor, index) => {
      if (anchor.rollbackAtMs(stream, firstScrape01, endMs) !== undefined) anchors[index] = (anchors[index] ?? 0) + 1;
    });
    if ((rollout + 1) % 100 === 0) progress(`healthy rollouts ${rollout + 1}/${rollouts}: ${ours} rolled back`);
  }
  return { rollouts, ours, anchors };
}

interface HealthyRollout {
  readonly stream: CandidateStream;
  readonly isRolledBack: boolean;
  readonly endMs: number;
}

/**
 * Looks after every request, and leaves out those looks that cannot fail: while the gate passes, the evidence is below its bar, and only
 * an error of the candidate can raise it.
 */
function rollOutHealthy(seed: number): HealthyRollout {
  const random = seededNumbers(seed);
  const successesMs = new Float64Array(CANDIDATE_REQUESTS);
  const errorsMs: number[] = [];
  let [successes, stableRequests, stableErrors, atMs] = [0, 0, 0, 0];
  let isPassing = false;
  let isRolledBack = false;
  while (successes + errorsMs.length < CANDIDATE_REQUESTS) {
    const drawn = random();
    atMs += BETWEEN_REQUESTS_MS;
    const isOfCandidate = drawn < SHARE;
    const isError = isOfCandidate ? drawn < SHARE * ERROR_RATE : drawn - SHARE < (1 - SHARE) * ERROR_RATE;
    if (!isOfCandidate) {
      stableRequests += 1;
      if (isError) stableErrors += 1;
    } else if (isError) errorsMs.push(atMs);
    else {
      successesMs[successes] = atMs;
      successes += 1;
    }
    if (isRolledBack || (isPassing && !(isOfCandidate && isError))) continue;
    const { kind } = judgeErrorRate(GATE, 1, {
      candidate: { requests: successes + errorsMs.length, serverErrors: errorsMs.length },
      stable: { requests: stableRequests, serverErrors: stableErrors },
      segments: [{ share: SHARE, candidateErrors: errorsMs.length, stableErrors }],
    });
    isPassing = kind === 'pass';
    isRolledBack = kind === 'fail';
  }
  return { stream: { successesMs: successesMs.subarray(0, successes), errorsMs }, isRolledBack, endMs: atMs };
}
