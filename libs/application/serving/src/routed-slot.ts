import type { ClientView } from '#domain/inference';
import type { InferenceRunner } from './inference-call.ts';
import type { SequenceHolder } from './sequence-affinity.ts';
import type { ServedVersion } from './serving-snapshot.ts';
import type { SlotState } from './slot-state.ts';
import type { VersionProfile } from './version-profile.ts';

/** One version of one deployment on this gateway, in one build of it, whatever answers for it: a model in memory, or an ensemble. */
export interface RoutedSlot extends InferenceRunner, SequenceHolder {
  readonly served: ServedVersion;
  readonly state: SlotState;
  /** What clients see of it, and what their requests are checked against. */
  readonly view: ClientView;
  /** The variant in use, as `target/precision`, or `ensemble`; empty before one was chosen. */
  readonly variantName: string;
  /** Whether a call would be refused now, because there are too many in work. */
  readonly isFull: boolean;
  /** How it is run; `undefined` for what is not loaded. */
  readonly profile: VersionProfile | undefined;
}
