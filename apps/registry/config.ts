import {
  accessSettings,
  auditSettings,
  type ConfigOf,
  choiceSetting,
  integerSetting,
  objectStoreSettings,
  optionalTextSetting,
  pluginSettings,
  portSetting,
  serverTlsSettings,
  signingSettings,
  textSetting,
} from '#adapters/config';
import { LOG_LEVELS } from '#adapters/telemetry';

export const registrySettings = {
  host: textSetting('SLIPWAY_REGISTRY_HOST', 'Address to listen on.', { default: '127.0.0.1' }),
  port: portSetting('SLIPWAY_REGISTRY_PORT', 'Port for GraphQL and REST.', { default: '8082' }),
  logLevel: choiceSetting('SLIPWAY_LOG_LEVEL', 'Least severe level that is logged.', LOG_LEVELS, { default: 'info' }),
  index: textSetting(
    'SLIPWAY_REGISTRY_INDEX',
    'File of the local search index, built from the bucket when absent; each registry process needs its own.',
    { default: '.slipway/registry-index.db' },
  ),
  safelist: optionalTextSetting(
    'SLIPWAY_GRAPHQL_SAFELIST',
    'A manifest of persisted queries (`apollo-persisted-query-manifest`): no other operations are executed, beside those of the `slipway` command.',
  ),
  feedPollMs: integerSetting(
    'SLIPWAY_REGISTRY_FEED_POLL_MS',
    'How often to look for changes by other replicas.',
    {
      min: 10,
      max: 60_000,
    },
    { default: '200' },
  ),
  sweepSeconds: integerSetting(
    'SLIPWAY_REGISTRY_SWEEP_SECONDS',
    'How often to look for records whose writer died before it could announce them.',
    { min: 1, max: 86_400 },
    { default: '600' },
  ),
  gcIntervalSeconds: integerSetting(
    'SLIPWAY_GC_INTERVAL_SECONDS',
    'How often to remove bytes that nothing refers to; 0 leaves it to `slipway registry gc`.',
    { min: 0, max: 604_800 },
    { default: '900' },
  ),
  gcGraceSeconds: integerSetting(
    'SLIPWAY_GC_GRACE_SECONDS',
    'Age at which unused bytes are condemned, and time from then to their removal. Longer than any pause of a process.',
    { min: 1, max: 2_592_000 },
    { default: '1800' },
  ),
  draftLifetimeSeconds: integerSetting(
    'SLIPWAY_DRAFT_LIFETIME_SECONDS',
    'Time after which a registration that was not finished is given up.',
    { min: 60, max: 31_536_000 },
    { default: '604800' },
  ),
  tombstoneGraceSeconds: integerSetting(
    'SLIPWAY_TOMBSTONE_GRACE_SECONDS',
    'Time for which the files of a withdrawn version are kept.',
    { min: 0, max: 31_536_000 },
    { default: '604800' },
  ),
  ...auditSettings('slipway-registry'),
  ...accessSettings,
  ...signingSettings,
  ...pluginSettings,
  ...serverTlsSettings,
  ...objectStoreSettings,
};

export type RegistryConfig = ConfigOf<typeof registrySettings>;
