/**
 * The gateway against the servers that users could install instead, and against floors that nothing can beat. Takes about 25
 * minutes, and some more to install the others on first use.
 */
import { type BenchOptions, isTouched } from './bench-options.ts';
import type { BenchRow } from './bench-row.ts';
import { measureBucketing } from './gateway/bucketing.ts';
import { measureCrossing } from './gateway/crossing.ts';
import { measureOverload } from './gateway/overload.ts';
import { pin } from './gateway/pinned-process.ts';
import { measureRates } from './gateway/rates.ts';
import { measureStartProgram } from './gateway/start-program.ts';
import { measureSwap } from './gateway/swap.ts';
import { progress } from './progress.ts';

export async function measure(options: BenchOptions): Promise<BenchRow[]> {
  // What is started here must not outlive this process, however it ends.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  // A core that sleeps is woken slowly where cores are virtual: both sides of the crossing share one, as all of a server does.
  pin(process.pid, options.serverCores);
  const rows = isTouched(options, 'crossing-') ? await measureCrossing() : [];
  pin(process.pid, options.loadCores);
  if (isTouched(options, 'start-program/')) rows.push(...(await measureStartProgram()));
  for (const measurePart of [measureRates, measureBucketing, measureOverload, measureSwap]) {
    try {
      rows.push(...(await measurePart(options)));
    } catch (error) {
      // The other parts are still worth their time.
      progress(`${measurePart.name} failed: ${(error as Error).stack}`);
      process.exitCode = 1;
    }
  }
  if (rows.length === 0) progress('there are no such rows, or none could be measured; with --full there are more');
  return rows;
}
