export { assertNever } from './assert-never.ts';
export { ERROR_CATALOGUE, type ErrorCode, type ErrorKind } from './catalogue.ts';
export { DomainError, type ErrorContext, isDomainError } from './domain-error.ts';
export { shown } from './shown.ts';
