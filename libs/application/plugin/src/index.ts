export {
  HostedPlugin,
  type HostParts,
  type PluginEvents,
  type PluginState,
  type PluginStatus,
} from './hosted-plugin.ts';
export {
  type LoadParts,
  loadPlugins,
  type Parsed,
  PLUGIN_MANIFEST_FILE,
  type PluginFolder,
  type PluginFolders,
  type PluginParser,
} from './load-plugins.ts';
export {
  isForWorkers,
  type LoadedPlugin,
  PLUGIN_GRANTS,
  type PluginGrant,
  type PluginOptions,
  pluginInWords,
  type WorkerPlugin,
} from './loaded-plugin.ts';
export type { CallMessage } from './plugin-instance.ts';
export { PluginSet } from './plugin-set.ts';
export type { PluginWorker, PluginWorkers, WorkerAnswer, WorkerEvents } from './plugin-worker.ts';
