import { join } from 'node:path';
import type { Logger } from '#adapters/telemetry';
import type { PluginSet } from '#application/plugin';
import type { ObjectStore } from '#application/registry';
import { openAccess, type ProgramAccess, type ProgramAudit } from '#apps/access';
import type { ControllerConfig } from './config.ts';

/** What a controller has already when it asks who may do what. */
export interface ControllerPlace {
  readonly store: ObjectStore;
  readonly audit: ProgramAudit;
  readonly plugins: PluginSet;
}

/**
 * Who may do what in this controller: as the bucket says, or as it said when it was last read.
 *
 * @throws INPUT_INVALID when the issuers or the administrator's key cannot be read.
 */
export async function createAccess(
  config: ControllerConfig,
  { store, audit, plugins }: ControllerPlace,
  logger: Logger,
): Promise<ProgramAccess> {
  const memoryPath = join(config.stateDir, 'access.json');
  const place = { openStore: async () => store, memoryPath, program: 'controller', host: config.host, audit, plugins };
  const access = await openAccess(config, place, logger);
  // Or the first who ask would be told that nobody may do anything.
  await access.follow
    .look()
    .catch((error: unknown) => logger.warn({ err: error }, 'policies and API keys cannot be read; those kept hold'));
  return access;
}
