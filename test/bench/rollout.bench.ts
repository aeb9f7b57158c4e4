/**
 * How soon a bad candidate is out, and how seldom a good one, beside what Argo Rollouts and Flagger would have made of the same requests.
 * Takes about 20 minutes on two cores that have nothing else to do.
 */
import { type BenchOptions, isTouched, isWanted } from './bench-options.ts';
import type { BenchRow } from './bench-row.ts';
import { progress } from './progress.ts';
import { type ComparedRun, Lanes } from './rollout/detection.ts';
import { readDigitRequests } from './rollout/digit-requests.ts';
import { simulateHealthyRollouts } from './rollout/false-rollbacks.ts';
import { RolloutServer } from './rollout/rollout-server.ts';
import { detectionRows, falseRollbackRow, totalRows } from './rollout/rows.ts';

const ERROR_RATES = [1, 0.5, 0.1, 0.05];
const HEALTHY_ROLLOUTS_PER_RUN = 5;

export async function measure(options: BenchOptions): Promise<BenchRow[]> {
  // What is started here must not outlive this process, however it ends.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const rows = await measureDetection(options);
  if (isTouched(options, 'false-rollback/')) {
    rows.push(falseRollbackRow(simulateHealthyRollouts(options.runs * HEALTHY_ROLLOUTS_PER_RUN)));
  }
  return rows.filter(({ id }) => isWanted(options, id));
}

async function measureDetection(options: BenchOptions): Promise<BenchRow[]> {
  const isTotalTouched = ['client-failures/', 'write-back/'].some((total) => isTouched(options, total));
  const errorRates = ERROR_RATES.filter((rate) => isTotalTouched || isTouched(options, `detect-${rate * 100}/`));
  if (errorRates.length === 0) return [];
  const server = await RolloutServer.start();
  try {
    const lanes = await Lanes.open(server, await readDigitRequests());
    const all: ComparedRun[] = [];
    const rows: BenchRow[] = [];
    for (const errorRate of errorRates) {
      const runs = await lanes.measure(errorRate, options.runs);
      rows.push(...detectionRows(errorRate, runs));
      all.push(...runs);
    }
    await lanes.close();
    return [...rows, ...totalRows(all, server.revertedCommits())];
  } catch (error) {
    progress(`the server's log ends with:\n${server.log.slice(-2000)}`);
    throw error;
  } finally {
    await server.stop();
  }
}
