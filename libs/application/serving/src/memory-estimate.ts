import { totalBytes } from './least-recently-used.ts';
import type { ServedVariant } from './serving-snapshot.ts';

/** A runner before it holds anything: Node.js and the runtime's libraries. Measured 40 to 62 MiB on Linux x64. */
const RUNNER_BYTES = 64 * 1024 * 1024;
/** A loaded model against its files: weights, what the runtime makes of them, and its arena. Measured 1.2 to 1.6. */
const LOADED_FACTOR = 1.5;

/** What a version will take in memory, before it was ever measured. An upper bound for most models. */
export function estimateBytes({ files }: ServedVariant, instances: number): number {
  const artifactBytes = totalBytes(files.map(({ sizeBytes }) => ({ sizeBytes, lastUsedAtMs: 0 })));
  return instances * Math.ceil(RUNNER_BYTES + artifactBytes * LOADED_FACTOR);
}
