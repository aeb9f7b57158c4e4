export { type RegistryConfig, registrySettings } from './config.ts';
export { type RunningRegistry, startRegistry } from './start-registry.ts';
