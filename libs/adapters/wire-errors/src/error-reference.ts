import { DomainError, ERROR_CATALOGUE, type ErrorCode } from '#domain/errors';
import { toWireError } from './wire-error.ts';

/** docs/reference/errors.md: every code with its meaning and its status on each wire. */
export function errorReference(): string {
  const rows = (Object.keys(ERROR_CATALOGUE) as ErrorCode[]).map((code) => {
    const wire = toWireError(new DomainError(code, ''));
    const { kind, meaning } = ERROR_CATALOGUE[code];
    return `| \`${code}\` | ${meaning} | ${kind} | ${wire.httpStatus} | ${wire.grpcStatus} | ${wire.isRetryable ? 'yes' : 'no'} |`;
  });
  return [
    '# Errors',
    '',
    'Every failure has a code. REST bodies are `{"error": text, "code": CODE}`, GraphQL errors carry the code in `extensions.code`',
    '(with HTTP status 200, or 503 and `Retry-After` where nothing came of the operation because something was out of reach),',
    'gRPC errors begin their message with it. *Retry* says whether the same request may succeed when it is sent again unchanged.',
    'Failures of kind `internal` name a correlation id; the log line with that id holds the cause.',
    '',
    '| code | meaning | kind | HTTP | gRPC | retry |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
