export { type ErrorReply, errorReplyOf, type FailureLog, replyWithError } from './reply-with-error.ts';
export { toWireError, type WireError } from './wire-error.ts';
