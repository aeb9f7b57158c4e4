export { ManualClock, settled } from './manual-clock.ts';
export { objectStoreContract } from './object-store-contract.ts';
export { callOf, floats, floatsOf, type ScriptedCall, ScriptedRunner } from './scripted-runner.ts';
export { digestOfBytes, openTestRegistry, sha256, type TestRegistry } from './test-registry.ts';
