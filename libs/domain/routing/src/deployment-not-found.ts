import { DomainError } from '#domain/errors';

/** A client's own words are repeated so far. */
const MAX_NAME_LENGTH = 130;

/** Says that nothing answers to a name; the same of what is not there and of what somebody may know nothing of. */
export function deploymentNotFound(modelName: string, advice = ''): DomainError {
  const name = JSON.stringify(modelName.slice(0, MAX_NAME_LENGTH));
  return new DomainError('DEPLOYMENT_NOT_FOUND', `no deployment serves ${name}${advice === '' ? '' : `: ${advice}`}`);
}
