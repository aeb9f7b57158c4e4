import { DomainError } from '#domain/errors';
import type { ServingOptions } from '#domain/inference';
import { CachedRunner, type CacheProfile } from './cached-runner.ts';
import type { Fingerprint } from './call-key.ts';
import type { InferenceRunner } from './inference-call.ts';
import { SequenceRunner } from './sequence-runner.ts';
import type { ServedVersion } from './serving-snapshot.ts';
import type { Timing } from './timing.ts';

/** What stands before a loaded version takes from outside. */
export interface ComposeParts {
  readonly fingerprint: Fingerprint;
  readonly timing: Timing;
}

/** A loaded version with what its deployment asks for before it. */
export interface ComposedRunner extends InferenceRunner {
  /** `undefined` without a cache. */
  readonly cacheProfile: CacheProfile | undefined;
  /** Sequences whose state is kept. */
  readonly sequenceCount: number;
  holdsSequence(id: string): boolean;
  /** Forgets answers and sequences. The inner runner is not its to close. */
  close(): void;
}

/**
 * Puts before a loaded version what its deployment asks for: a cache of answers, or state between the requests of a sequence.
 *
 * @throws SERVING_OPTIONS_INVALID when the version does not fit the options; it cannot be served with them then.
 */
export function composeRunner(
  inner: InferenceRunner,
  served: ServedVersion,
  { cache, sequence }: ServingOptions,
  parts: ComposeParts,
): ComposedRunner {
  if (cache !== undefined && sequence !== undefined) {
    throw new DomainError(
      'SERVING_OPTIONS_INVALID',
      'spec.cache: the answers of a model with spec.sequence follow from more than their inputs and cannot be kept',
      { field: 'spec.cache' },
    );
  }
  if (sequence !== undefined) return withSequences(new SequenceRunner(inner, served, sequence, parts.timing));
  if (cache !== undefined) return withCache(new CachedRunner(inner, served, cache, parts));
  return {
    run: (call) => inner.run(call),
    cacheProfile: undefined,
    sequenceCount: 0,
    holdsSequence: () => false,
    close: () => {},
  };
}

function withSequences(runner: SequenceRunner): ComposedRunner {
  return {
    run: (call) => runner.run(call),
    cacheProfile: undefined,
    get sequenceCount() {
      return runner.sequenceCount;
    },
    holdsSequence: (id) => runner.holds(id),
    close: () => runner.close(),
  };
}

function withCache(runner: CachedRunner): ComposedRunner {
  return {
    run: (call) => runner.run(call),
    get cacheProfile() {
      return runner.profile;
    },
    sequenceCount: 0,
    holdsSequence: () => false,
    close: () => runner.close(),
  };
}
