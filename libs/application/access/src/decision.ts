import type { ActionName, Principal, Resource } from '#domain/access';
import type { Circumstances } from './ability.ts';

/** A question that was put to the policies: whatever the answer was, other policies may answer it otherwise. */
export interface Decision {
  readonly principal: Principal;
  readonly circumstances: Circumstances;
  readonly action: ActionName;
  /** Absent: a list was read, which shows all that the action may be done to. */
  readonly resource: Resource | undefined;
  readonly field: string | undefined;
  /** Whether something was to be done; otherwise it was asked what to show, as it is for every row of a list. */
  readonly isRequired: boolean;
}

/** A question as it is remembered, with nothing in it by which somebody could show who they are. */
export interface RecordedDecision {
  readonly principal: Principal;
  readonly action: ActionName;
  readonly resource?: Resource;
  readonly field?: string;
  readonly count: number;
  /** Since the epoch. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Where it came from the last time. */
  readonly address?: string;
}

/** Where the decisions of all programs are kept for some days. */
export interface DecisionLog {
  /** Puts decisions in place of those that this process saved before. @throws STORE_UNAVAILABLE */
  save(decisions: readonly RecordedDecision[]): Promise<void>;

  /** Those of all processes. What cannot be read is left out. @throws STORE_UNAVAILABLE */
  load(): Promise<readonly RecordedDecision[]>;

  /** Removes what processes saved last before a time. @throws STORE_UNAVAILABLE */
  forgetBefore(ms: number): Promise<void>;
}
