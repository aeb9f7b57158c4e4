import { DomainError } from '#domain/errors';

/** Error code of a Node.js file-system failure. */
export function errnoOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** Whether room would help. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errnoOf(error) ?? '');
}

/** What a failure of the cache's own disk is to whoever wanted a file; failures with a name of their own pass. */
export function asCacheFailure(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const code = errnoOf(error) ?? 'an unknown error';
  const advice = isDiskFull(error) ? ', and nothing more can be evicted' : '';
  return new DomainError(
    'ARTIFACT_CACHE_UNAVAILABLE',
    `the gateway's disk for artifacts failed with ${code}${advice}`,
    {},
    { cause: error },
  );
}
