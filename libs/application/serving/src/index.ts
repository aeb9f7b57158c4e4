export { CachedRunner, type CacheStatistics } from './cached-runner.ts';
export type { Fingerprint } from './call-key.ts';
export { type ComposedRunner, type ComposeParts, composeRunner } from './compose-runner.ts';
export { type EnsembleParts, EnsembleRunner, type MemberCall } from './ensemble-runner.ts';
export { EnsembleSlot, type LookUpMember, type Member } from './ensemble-slot.ts';
export type { InferenceCall, InferenceRun, InferenceRunner, SequencePlace } from './inference-call.ts';
export {
  type InferenceObservation,
  InferencePipeline,
  type InferenceRequest,
  type InferenceResult,
  type PipelineParts,
} from './inference-pipeline.ts';
export type { ArtifactSource, HostedModel, ModelHost, ModelToHost } from './model-host.ts';
export { pickForSequence, type SequenceHolder } from './sequence-affinity.ts';
export { ServingSet, type VersionReport } from './serving-set.ts';
export type {
  DesiredRoute,
  ServedFile,
  ServedVariant,
  ServedVersion,
  ServingSnapshot,
} from './serving-snapshot.ts';
export type { Timing } from './timing.ts';
export { type TrafficKey, TrafficLedger, type TrafficTotals } from './traffic-ledger.ts';
export { type SlotParts, type SlotState, VersionSlot } from './version-slot.ts';
