import { DomainError } from '#domain/errors';

/** What is said of a deployment that is not there, and of one that somebody may not see. */
export function deploymentNotFound({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): DomainError {
  return new DomainError('DEPLOYMENT_NOT_FOUND', `there is no deployment ${name} in namespace ${namespace}`);
}
