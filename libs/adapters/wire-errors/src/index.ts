export { type ErrorReply, errorReplyOf, type FailureLog, replyWithError } from './reply-with-error.ts';
export { RETRY_AFTER_SECONDS, toWireError, type WireError } from './wire-error.ts';
