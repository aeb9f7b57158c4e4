export { addPluginMetrics } from './plugin-metrics.ts';
export { verifierWithPlugins } from './plugin-token-verifier.ts';
export { openPlugins, type ProgramPlugins } from './plugins.module.ts';
