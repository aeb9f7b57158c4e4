import { DomainError, isDomainError } from '#domain/errors';
import type { HostedModel } from './model-host.ts';
import type { WarmUpRun } from './warm-up.ts';

/** Longest time for one run. */
const RUN_TIMEOUT_MS = 60_000;
/** Time after which what is not required is left to the requests. */
const OPTIONAL_BUDGET_MS = 60_000;

/**
 * Goes through a warm-up, one run after the other.
 *
 * @throws MODEL_LOAD_FAILED naming the run that failed, and why; RUNNER_LOST
 */
export async function runWarmUp(
  runs: readonly WarmUpRun[],
  model: Pick<HostedModel, 'run'>,
  nowMs: () => number,
): Promise<void> {
  const startedMs = nowMs();
  for (const { what, inputs, outputNames, isRequired } of runs) {
    if (!isRequired && nowMs() - startedMs >= OPTIONAL_BUDGET_MS) return;
    try {
      const joined = inputs.map(({ data, ...input }) => ({ ...input, pieces: [data] }));
      await model.run({ inputs: joined, outputNames }, RUN_TIMEOUT_MS);
    } catch (error) {
      if (isDomainError(error, 'RUNNER_LOST')) throw error;
      const { message } = error as Error;
      throw new DomainError('MODEL_LOAD_FAILED', `the warm-up with ${what} failed: ${message}`, {}, { cause: error });
    }
  }
}
