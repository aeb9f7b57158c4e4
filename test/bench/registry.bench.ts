/**
 * The registry against MLflow's on the same machine, and its transfers against the raw ones. Takes about a quarter of an hour, most
 * of it to fill both registries with 100,000 versions.
 */
import type { BenchRow } from './bench-row.ts';
import { measureQueries } from './registry-queries.ts';
import { measureReplicas } from './registry-replicas.ts';
import { measureTransfers } from './registry-transfers.ts';

export async function measure(): Promise<BenchRow[]> {
  return [...(await measureQueries()), ...(await measureReplicas()), ...(await measureTransfers())];
}
