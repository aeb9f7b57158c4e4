export { accessFor, type TestedAccess } from './access-for.ts';
export { ContendedWorld, SimulatedProcess, SimulatedRegister, type Trouble } from './contended-world.ts';
export { rejected, rolledBack, rolloutUnderWay } from './deployment-states.ts';
export { type DiskFault, type FaultOf, injectDiskFaults } from './disk-faults.ts';
export { CANDIDATE, numbers, output, STABLE, serveRollout, valuesIn, watching } from './gateway-in-rollout.ts';
export { ManualClock, settled } from './manual-clock.ts';
export { type NaiveQuestion, naivelyAllowed } from './naive-access.ts';
export { NO_SIGNERS } from './no-signers.ts';
export { objectStoreContract } from './object-store-contract.ts';
export { quantile } from './quantile.ts';
export { ADDRESSES, policies, principals, questions, resourcesOf, TIMES } from './random-access.ts';
export { eventsOf, ReconcilerWorld } from './reconciler-world.ts';
export {
  analysing,
  desire,
  during,
  found,
  READY,
  STEPS,
  servable,
  serving,
  settle,
  snapshotOf,
  traffic,
} from './rollout-snapshots.ts';
export { type RuntimeSession, runtimeContract } from './runtime-contract.ts';
export { desiredRoute, ScriptedHost, servedVersion, turns } from './scripted-host.ts';
export { callOf, floats, floatsOf, type ScriptedCall, ScriptedRunner } from './scripted-runner.ts';
export { seededNumbers } from './seeded-numbers.ts';
export { digestOfBytes, openTestRegistry, sha256, type TestRegistry } from './test-registry.ts';
