export { objectStoreContract } from './object-store-contract.ts';
export { digestOfBytes, openTestRegistry, sha256, type TestRegistry } from './test-registry.ts';
