export { FileAccessMemory } from './file-access-memory.ts';
export { ObjectStoreAccessSource } from './object-store-access-source.ts';
export { ObjectStoreDecisions } from './object-store-decisions.ts';
export { ObjectStoreKeys } from './object-store-keys.ts';
export { ObjectStorePolicies } from './object-store-policies.ts';
