import { DomainError } from '#domain/errors';

/** @throws SHUTTING_DOWN from the moment of shutdown on. */
export function refuseWhileDraining(isDraining: () => boolean): void {
  if (isDraining())
    throw new DomainError('SHUTTING_DOWN', 'the server is shutting down: send the request to another one');
}
