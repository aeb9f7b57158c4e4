export { accessSettings } from './access-settings.ts';
export {
  ConfigError,
  type ConfigOf,
  describeSettings,
  type Environment,
  EXIT_CONFIG,
  loadConfig,
  readEnvironment,
  redactConfig,
  type SettingTable,
} from './load-config.ts';
export { isLoopbackHost } from './loopback-host.ts';
export { objectStoreSettings } from './object-store-settings.ts';
export { auditSettings } from './otlp-settings.ts';
export { pluginSettings } from './plugin-settings.ts';
export { type Program, runProgram } from './run-program.ts';
export {
  addressesSetting,
  booleanSetting,
  choiceSetting,
  digestsSetting,
  hostsSetting,
  integerSetting,
  listSetting,
  networksSetting,
  numberSetting,
  optionalTextSetting,
  optionalUrlSetting,
  pairsSetting,
  portSetting,
  type Setting,
  textSetting,
} from './setting.ts';
export { signingSettings } from './signing-settings.ts';
export { giveBackStartMemory } from './start-memory.ts';
export { clientTlsSettings, serverTlsSettings } from './tls-settings.ts';
export { tracingSettings } from './tracing-settings.ts';
