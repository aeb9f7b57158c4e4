/**
 * Every failure that Slipway reports by name. A transport maps the `kind` to its own status (see `#adapters/wire-errors`);
 * nothing else in the code base decides a status.
 *
 * `kind` says whose move it is:
 * - `invalid`: the request can never succeed as it stands; change it.
 * - `unauthenticated`: nobody knows who asks; show a credential that is valid now.
 * - `denied`: the one who asks may not; ask somebody who may, or for the permission.
 * - `not-found`: the named thing does not exist (or not yet).
 * - `conflict`: the request disagrees with the present state; read it again.
 * - `overloaded`: refused before any work was done; repeat after the stated delay.
 * - `unavailable`: a part that is needed is not ready; repeat later.
 * - `deadline`: the time allowed ran out.
 * - `internal`: our fault; the correlation id leads to the log line.
 */
export const ERROR_CATALOGUE = {
  // Names and input in general
  NAME_INVALID: { kind: 'invalid', meaning: 'A namespace, model, alias or file name breaks the naming rule.' },
  INPUT_INVALID: { kind: 'invalid', meaning: 'A field of the request has a wrong type or value.' },
  // Access
  UNAUTHENTICATED: { kind: 'unauthenticated', meaning: 'The request has no credential, or one that is not valid.' },
  ACCESS_DENIED: { kind: 'denied', meaning: 'No policy allows this to the one who asks, or one denies it.' },
  TOKEN_ISSUER_UNAVAILABLE: {
    kind: 'unavailable',
    meaning: 'The keys of a token issuer were never fetched, or too long ago to be relied on.',
  },
  RATE_LIMITED: {
    kind: 'overloaded',
    meaning: 'A limit for the one who asks is reached; the answer says when to try again.',
  },
  API_KEY_NOT_FOUND: { kind: 'not-found', meaning: 'There is no API key of this id.' },
  API_KEYS_FULL: { kind: 'conflict', meaning: 'As many API keys are in force as may be: revoke some.' },
  // Registry
  NAMESPACE_NOT_FOUND: { kind: 'not-found', meaning: 'The registry has no namespace of this name.' },
  NAMESPACE_ALREADY_EXISTS: { kind: 'conflict', meaning: 'The name is taken by a namespace with other properties.' },
  MODEL_NOT_FOUND: { kind: 'not-found', meaning: 'The registry has no model of this name.' },
  MODEL_ALREADY_EXISTS: { kind: 'conflict', meaning: 'The name is taken by a model with other properties.' },
  MODEL_VERSION_NOT_FOUND: { kind: 'not-found', meaning: 'The model has no version of this number.' },
  ALIAS_NOT_FOUND: { kind: 'not-found', meaning: 'The model has no alias of this name.' },
  ALIAS_CONFLICT: { kind: 'conflict', meaning: 'Somebody else moved the alias in the meantime.' },
  SEMANTIC_VERSION_TAKEN: { kind: 'conflict', meaning: 'Another version of the model has this semantic version.' },
  REVISION_CONFLICT: { kind: 'conflict', meaning: 'The record was changed since the revision that the request names.' },
  STAGE_TRANSITION_REFUSED: { kind: 'conflict', meaning: 'The version cannot go to this stage now.' },
  VERSION_IN_USE: { kind: 'conflict', meaning: 'The version cannot be withdrawn while something refers to it.' },
  VERSION_TOMBSTONED: { kind: 'conflict', meaning: 'The version was withdrawn.' },
  FILTER_INVALID: { kind: 'invalid', meaning: 'The filter or sort order cannot be read.' },
  QUERY_TOO_COSTLY: { kind: 'invalid', meaning: 'The GraphQL operation is deeper, wider or larger than is allowed.' },
  QUERY_NOT_SAFELISTED: { kind: 'invalid', meaning: 'The registry executes only the operations of its safelist.' },
  DRAFT_NOT_FOUND: { kind: 'not-found', meaning: 'No open registration has this id.' },
  DRAFT_INCOMPLETE: { kind: 'conflict', meaning: 'Files that were declared have not been uploaded yet.' },
  IDEMPOTENCY_KEY_REUSED: { kind: 'conflict', meaning: 'The idempotency key was used before with other content.' },
  FILE_NOT_DECLARED: { kind: 'not-found', meaning: 'The registration declares no file with this digest.' },
  DIGEST_MISMATCH: { kind: 'invalid', meaning: 'The bytes received do not have the declared SHA-256 digest.' },
  SIZE_MISMATCH: { kind: 'invalid', meaning: 'The number of bytes received is not the declared size.' },
  UPLOAD_OFFSET_WRONG: { kind: 'conflict', meaning: 'The upload goes on at another byte.' },
  BLOB_CONDEMNED: {
    kind: 'unavailable',
    meaning: 'Unused bytes are being removed, and cannot be relied on meanwhile.',
  },
  ARTIFACT_NOT_FOUND: { kind: 'not-found', meaning: 'The object store has no blob of this digest.' },
  ARTIFACT_CORRUPT: { kind: 'internal', meaning: 'Stored bytes no longer have their digest.' },
  ARTIFACT_CACHE_UNAVAILABLE: {
    kind: 'unavailable',
    meaning: 'The gateway cannot write its cache of artifacts: its disk is full, read-only or failing.',
  },
  MODEL_FILE_INVALID: { kind: 'invalid', meaning: 'The file is not a model of the declared format.' },
  SIGNATURE_MISMATCH: { kind: 'invalid', meaning: 'Variants of one version differ in their inputs or outputs.' },
  VERSION_SIGNATURE_INVALID: {
    kind: 'invalid',
    meaning: 'It is no signature of this version, or nobody made it who may sign the model.',
  },
  VERSION_SIGNATURES_FULL: { kind: 'conflict', meaning: 'The version has as many signatures as it may.' },
  VERSION_NOT_SIGNED: { kind: 'conflict', meaning: 'The version is not signed by whom its deployment demands.' },
  // Object store
  PRECONDITION_FAILED: { kind: 'conflict', meaning: 'A conditional write lost against another writer.' },
  STORE_UNAVAILABLE: { kind: 'unavailable', meaning: 'The object store cannot be reached or answered with an error.' },
  STORE_NOT_CONDITIONAL: { kind: 'internal', meaning: 'The object store does not honour conditional writes.' },
  RECORD_INVALID: { kind: 'internal', meaning: 'A stored record does not match its schema.' },
  AUDIT_LOG_BROKEN: {
    kind: 'internal',
    meaning: 'The audit log is not as it was written: something was changed, taken out or cut off.',
  },
  REGISTRY_UNAVAILABLE: { kind: 'unavailable', meaning: 'The registry cannot be reached.' },
  GATEWAY_UNAVAILABLE: { kind: 'unavailable', meaning: 'The gateway cannot be reached.' },
  CONTROLLER_UNAVAILABLE: { kind: 'unavailable', meaning: 'The controller cannot be reached.' },
  // Inference
  DEPLOYMENT_NOT_FOUND: { kind: 'not-found', meaning: 'No deployment serves this model name.' },
  MODEL_VERSION_NOT_SERVED: { kind: 'not-found', meaning: 'The deployment serves other versions than this one.' },
  MODEL_VERSION_NOT_READY: { kind: 'unavailable', meaning: 'The version is still loading, or failed to load.' },
  MEMORY_BUDGET_EXCEEDED: {
    kind: 'unavailable',
    meaning: 'The version does not fit into the memory for models beside those that are in use.',
  },
  TENSOR_INVALID: { kind: 'invalid', meaning: 'A tensor disagrees with the model signature or with its own shape.' },
  REQUEST_MALFORMED: { kind: 'invalid', meaning: 'The request body cannot be decoded.' },
  REQUEST_TOO_LARGE: { kind: 'invalid', meaning: 'The request body is larger than the limit.' },
  UNSUPPORTED: { kind: 'invalid', meaning: 'The request asks for a feature that this server does not have.' },
  ROUTE_NOT_FOUND: { kind: 'not-found', meaning: 'The server has nothing at this path.' },
  METHOD_NOT_ALLOWED: { kind: 'invalid', meaning: 'What is at this path takes other methods, which `Allow` lists.' },
  DEPLOYED_FROM_GIT: { kind: 'conflict', meaning: 'Which models are loaded is decided by manifests in Git.' },
  SEQUENCE_INVALID: { kind: 'invalid', meaning: 'The request names no sequence, or one that was not started.' },
  SEQUENCE_ENDED: { kind: 'conflict', meaning: 'A request of the sequence failed, or it rested for too long.' },
  SEQUENCES_FULL: { kind: 'overloaded', meaning: 'The version keeps the state of as many sequences as it may.' },
  QUEUE_FULL: { kind: 'overloaded', meaning: 'The deployment has its full number of requests in work.' },
  REQUEST_TIMED_OUT: { kind: 'deadline', meaning: 'The time that the request itself allowed ran out.' },
  DEADLINE_EXCEEDED: { kind: 'deadline', meaning: 'The inference did not end within its deadline.' },
  MODEL_RUN_FAILED: { kind: 'internal', meaning: 'The runtime reported an error while it ran the model.' },
  MODEL_LOAD_FAILED: { kind: 'internal', meaning: 'The runtime could not load the model.' },
  RUNNER_UNAVAILABLE: {
    kind: 'unavailable',
    meaning: 'No process can be started for the model: the machine is short of processes, files or memory.',
  },
  RUNNER_LOST: { kind: 'unavailable', meaning: 'The process that ran the model ended before it answered.' },
  SHUTTING_DOWN: { kind: 'unavailable', meaning: 'The server is draining and takes no new requests.' },
  // Deployments
  MANIFEST_INVALID: { kind: 'invalid', meaning: 'A manifest is not valid YAML or breaks its schema.' },
  MANIFEST_DUPLICATE: { kind: 'invalid', meaning: 'Two manifests in the repository name the same deployment.' },
  BRANCH_NOT_DEPLOYED: { kind: 'invalid', meaning: 'The push went to a branch that the controller does not deploy.' },
  SOURCE_UNAVAILABLE: { kind: 'unavailable', meaning: 'The Git repository cannot be read.' },
  WRITE_BACK_REFUSED: { kind: 'conflict', meaning: 'The Git repository refused the rollback commit.' },
  SPEC_REJECTED: { kind: 'conflict', meaning: 'This very specification was rolled back before.' },
  NO_RUNNABLE_VARIANT: { kind: 'invalid', meaning: 'The gateway can run none of the variants of the version.' },
  OPERATORS_REFUSED: {
    kind: 'conflict',
    meaning: 'The version brings operator libraries, which are code, and the gateway does not load them.',
  },
  SERVING_OPTIONS_INVALID: {
    kind: 'invalid',
    meaning: 'The manifest asks for something that the inputs and outputs of the version do not allow.',
  },
  ENSEMBLE_INVALID: {
    kind: 'invalid',
    meaning: 'The steps of an ensemble do not fit each other, or the deployments that they name.',
  },
  NOT_LEADER: { kind: 'unavailable', meaning: 'Another controller acts at present; the message names it.' },
  ROLLOUT_NOT_ACTIVE: { kind: 'conflict', meaning: 'The deployment has no rollout in progress.' },
  // Plugins
  PLUGIN_INVALID: { kind: 'invalid', meaning: 'The plugins that the operator lists cannot be loaded as they are.' },
  PLUGIN_FAILED: {
    kind: 'internal',
    meaning: 'A plugin threw, hung, exited, took too much memory or answered what it must not.',
  },
  PLUGIN_UNAVAILABLE: {
    kind: 'unavailable',
    meaning:
      'A plugin takes no calls: it was given up after it had failed too often in a row, or its workers are busy.',
  },
  // Anything that nobody foresaw
  INTERNAL: { kind: 'internal', meaning: 'An unexpected failure.' },
} as const satisfies Record<string, { kind: ErrorKind; meaning: string }>;

/** Whose move it is after a failure; see {@link ERROR_CATALOGUE}. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'denied'
  | 'not-found'
  | 'conflict'
  | 'overloaded'
  | 'unavailable'
  | 'deadline'
  | 'internal';

/** The name of a failure; clients may branch on it. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;
