export { type DiskFault, type FaultOf, injectDiskFaults } from './disk-faults.ts';
export { objectStoreContract } from './object-store-contract.ts';
export { desiredRoute, ScriptedHost, servedVersion, turns } from './scripted-host.ts';
export { digestOfBytes, openTestRegistry, sha256, type TestRegistry } from './test-registry.ts';
