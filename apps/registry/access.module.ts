import { createHash, randomBytes, randomInt } from 'node:crypto';
import { dirname, join } from 'node:path';
import { ObjectStoreKeys } from '#adapters/access-store';
import { YamlPolicyParser } from '#adapters/json-schema';
import type { Logger } from '#adapters/telemetry';
import { type ChangeAudit, dryRunPolicies, ManageKeys, type PolicyDryRun, type PolicyFile } from '#application/access';
import type { PluginSet } from '#application/plugin';
import type { ObjectStore } from '#application/registry';
import { changeAudit, openAccess, type ProgramAccess } from '#apps/access';
import type { Resource } from '#domain/access';
import type { RegistryConfig } from './config.ts';

/** Access, and the API keys that people make. */
export interface RegistryAccess extends ProgramAccess {
  readonly keys: ManageKeys;
  readonly dryRun: DryRun;
  /** That tell whom a credential names. */
  readonly plugins: PluginSet;
  /** Writes changes down that the registry's log does not hold. */
  readonly changes: ChangeAudit;
}

/** Tries policies out on what was decided lately. @throws STORE_UNAVAILABLE */
export type DryRun = (
  files: readonly PolicyFile[],
  keepsOthers: boolean,
  isVisible: (resource: Resource) => boolean,
) => Promise<PolicyDryRun>;

/** @throws INPUT_INVALID when the issuers or the administrator's key cannot be read. */
export async function createAccess(
  config: RegistryConfig,
  { store, plugins }: { readonly store: ObjectStore; readonly plugins: PluginSet },
  logger: Logger,
): Promise<RegistryAccess> {
  const place = {
    openStore: async () => store,
    memoryPath: memoryPath(config),
    program: 'registry',
    host: config.host,
    plugins,
  };
  const access = await openAccess(config, place, logger);
  const changes = changeAudit(access.audit.trail);
  const keys = new ManageKeys({
    store: new ObjectStoreKeys(store),
    rules: () => access.policies.rules,
    nowMs: () => Date.now(),
    newId: () => Array.from({ length: 16 }, () => randomInt(36).toString(36)).join(''),
    newSecret: () => randomBytes(32).toString('base64url'),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    audit: changes,
  });
  const parser = new YamlPolicyParser();
  const dryRun: DryRun = async (files, keepsOthers, isVisible) => {
    const decisions = await access.recentDecisions();
    return dryRunPolicies(files, keepsOthers, { policies: access.policies, parser, decisions, isVisible });
  };
  return { ...access, keys, changes, dryRun, plugins };
}

/** Beside the index, which is this process's own, too. */
function memoryPath({ index, storeDir }: RegistryConfig): string {
  return join(index === ':memory:' ? storeDir : dirname(index), 'registry-access.json');
}
