import type { BenchRow } from './bench-row.ts';

export async function measureTransfers(): Promise<BenchRow[]> {
  return [];
}
