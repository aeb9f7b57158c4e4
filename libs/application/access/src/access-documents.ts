import type { ApiKeyRecord } from './api-key.ts';

/** A file of policies as its author wrote it. */
export interface PolicyFile {
  /** Relative to its repository. */
  readonly path: string;
  readonly text: string;
}

/** Policies as they were published. */
export interface PublishedPolicies {
  /** The commit that they come from. */
  readonly revision: string;
  readonly files: readonly PolicyFile[];
}

/** All that decides over access, as everybody has it. */
export interface AccessDocuments {
  /** `undefined` where none were ever published. */
  readonly policies: PublishedPolicies | undefined;
  readonly keys: readonly ApiKeyRecord[];
}

/** Where everybody reads what decides over access. */
export interface AccessSource {
  /**
   * The documents, unless they are still those of a tag.
   *
   * @throws STORE_UNAVAILABLE, RECORD_INVALID
   */
  read(tag: string | undefined): Promise<{ readonly documents: AccessDocuments; readonly tag: string } | undefined>;
}

/** Where published policies go. */
export interface PolicyPublisher {
  /**
   * Puts policies in the place of those that are published.
   *
   * @param epoch of the controller that publishes: an earlier leader's come to nothing.
   * @throws PRECONDITION_FAILED when a later leader has published; STORE_UNAVAILABLE
   */
  publish(policies: PublishedPolicies, epoch: number): Promise<void>;
}

/** Keeps the last documents on this machine, for starts while the source is out of reach. */
export interface AccessMemory {
  /** `undefined` when there are none that can be read. */
  load(): Promise<AccessDocuments | undefined>;
  save(documents: AccessDocuments): Promise<void>;
}
