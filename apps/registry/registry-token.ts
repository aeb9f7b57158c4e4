/** Under which the registry's use cases are injected: they are plain objects, which have no class of their own to name them. */
export const REGISTRY = Symbol('Registry');
/** Under which API keys are made and revoked. */
export const API_KEYS = Symbol('ApiKeys');
/** By which changes that the registry's log does not hold are written down first. */
export const CHANGE_AUDIT = Symbol('ChangeAudit');
/** How clients reach the bucket themselves; `null` when they cannot. */
export const DIRECT_TRANSFER = Symbol('DirectTransfer');
/** Under which those are known who may sign versions. */
export const SIGNERS = Symbol('Signers');
/** Under which policies are tried out. */
export const DRY_RUN = Symbol('DryRun');
