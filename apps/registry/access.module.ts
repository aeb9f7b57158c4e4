import { createHash, randomBytes, randomInt } from 'node:crypto';
import { dirname, join } from 'node:path';
import { ObjectStoreKeys } from '#adapters/access-store';
import type { Logger } from '#adapters/telemetry';
import { ManageKeys } from '#application/access';
import type { ObjectStore } from '#application/registry';
import { openAccess, type ProgramAccess } from '#apps/access';
import type { RegistryConfig } from './config.ts';

/** Access, and the API keys that people make. */
export interface RegistryAccess extends ProgramAccess {
  readonly keys: ManageKeys;
}

/** @throws INPUT_INVALID when the issuers or the administrator's key cannot be read. */
export async function createAccess(
  config: RegistryConfig,
  store: ObjectStore,
  logger: Logger,
): Promise<RegistryAccess> {
  const place = { openStore: async () => store, memoryPath: memoryPath(config) };
  const access = await openAccess(config, place, logger);
  const keys = new ManageKeys({
    store: new ObjectStoreKeys(store),
    rules: () => access.policies.rules,
    nowMs: () => Date.now(),
    newId: () => Array.from({ length: 16 }, () => randomInt(36).toString(36)).join(''),
    newSecret: () => randomBytes(32).toString('base64url'),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  });
  return { ...access, keys };
}

/** Beside the index, which is this process's own, too. */
function memoryPath({ index, storeDir }: RegistryConfig): string {
  return join(index === ':memory:' ? storeDir : dirname(index), 'registry-access.json');
}
