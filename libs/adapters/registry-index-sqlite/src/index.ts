export { SqliteRegistryIndex } from './sqlite-registry-index.ts';
