export { auditBatches, ObjectStoreBatches } from './object-store-batches.ts';
export { entryOfEvent, registryLogChain } from './registry-log-chain.ts';
