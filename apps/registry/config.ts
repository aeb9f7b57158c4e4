import { type ConfigOf, choiceSetting, objectStoreSettings, portSetting, textSetting } from '#adapters/config';
import { LOG_LEVELS } from '#adapters/telemetry';

export const registrySettings = {
  host: textSetting('SLIPWAY_REGISTRY_HOST', 'Address to listen on.', { default: '127.0.0.1' }),
  port: portSetting('SLIPWAY_REGISTRY_PORT', 'Port for GraphQL and REST.', { default: '8082' }),
  logLevel: choiceSetting('SLIPWAY_LOG_LEVEL', 'Least severe level that is logged.', LOG_LEVELS, { default: 'info' }),
  ...objectStoreSettings,
};

export type RegistryConfig = ConfigOf<typeof registrySettings>;
