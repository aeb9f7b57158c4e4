export { RETRY_AFTER_SECONDS, toWireError, type WireError } from './wire-error.ts';
