import type { LoadProfile } from './model-host.ts';

/** A faster model keeps up with the gateway alone; another instance would only take memory. */
const WORTH_INSTANCES_MS = 2;
const MAX_CHOSEN_INSTANCES = 8;

/**
 * How many instances of a model run: as the deployment says, else as many as the cores have room for when a run takes long enough to
 * matter. Instances times threads are then never more than the cores.
 */
export function instanceCount(
  wanted: number | undefined,
  { runMs, intraOpThreads }: LoadProfile,
  cores: number,
): number {
  if (wanted !== undefined) return wanted;
  if (runMs < WORTH_INSTANCES_MS) return 1;
  return Math.max(1, Math.min(MAX_CHOSEN_INSTANCES, Math.floor(cores / intraOpThreads)));
}
