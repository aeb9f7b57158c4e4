/**
 * The gateway against the servers that users could install instead, and against floors that nothing can beat. Takes about 25
 * minutes, and some more to install the others on first use.
 */
import { type BenchOptions, isTouched } from './bench-options.ts';
import type { BenchRow } from './bench-row.ts';
import { measureCrossing } from './gateway/crossing.ts';
import { pin } from './gateway/pinned-process.ts';
import { measureRates } from './gateway/rates.ts';

export async function measure(options: BenchOptions): Promise<BenchRow[]> {
  // What is started here must not outlive this process, however it ends.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const rows = isTouched(options, 'crossing-') ? await measureCrossing() : [];
  pin(process.pid, options.loadCores);
  rows.push(...(await measureRates(options)));
  return rows;
}
