export { ContendedWorld, SimulatedProcess, SimulatedRegister, type Trouble } from './contended-world.ts';
export { rejected, rolledBack, rolloutUnderWay } from './deployment-states.ts';
export { type DiskFault, type FaultOf, injectDiskFaults } from './disk-faults.ts';
export { ManualClock, settled } from './manual-clock.ts';
export { objectStoreContract } from './object-store-contract.ts';
export { desiredRoute, ScriptedHost, servedVersion, turns } from './scripted-host.ts';
export { callOf, floats, floatsOf, type ScriptedCall, ScriptedRunner } from './scripted-runner.ts';
export { seededNumbers } from './seeded-numbers.ts';
export { digestOfBytes, openTestRegistry, sha256, type TestRegistry } from './test-registry.ts';
