export { graphqlErrorFormatter } from './graphql-errors.ts';
export { refuseCaller } from './refuse-caller.ts';
export { type ErrorReply, errorReplyOf, type FailureLog, replyWithError } from './reply-with-error.ts';
export { tellUnavailable } from './unavailable-status.ts';
export { RETRY_AFTER_SECONDS, toWireError, type WireError } from './wire-error.ts';
