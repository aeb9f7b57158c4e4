import { describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import { errorReference } from './error-reference.ts';
import { toWireError } from './wire-error.ts';

describe('toWireError', () => {
  it('shows a domain error as it is, with the status of its kind', () => {
    const wire = toWireError(new DomainError('TENSOR_INVALID', 'input "x" has rank 1', { field: 'inputs[0].shape' }));
    expect(wire).toMatchObject({ code: 'TENSOR_INVALID', httpStatus: 400, grpcStatus: 3, isRetryable: false });
    expect(wire.context['field']).toBe('inputs[0].shape');
    expect(wire.correlationId).toBeUndefined();
  });

  it('hides what an unexpected failure says behind a correlation id', () => {
    const wire = toWireError(new TypeError('cannot read /etc/secret'));
    expect(wire).toMatchObject({ code: 'INTERNAL', httpStatus: 500, grpcStatus: 13 });
    expect(wire.message).not.toContain('secret');
    expect(wire.message).toContain(wire.correlationId);
  });

  it('marks overload, unavailability and deadlines as retryable', () => {
    const codes = ['QUEUE_FULL', 'STORE_UNAVAILABLE', 'DEADLINE_EXCEEDED'] as const;
    expect(codes.map((code) => toWireError(new DomainError(code, '')).isRetryable)).toEqual([true, true, true]);
  });

  it('makes a message that fits into a header, percent-encoded', () => {
    const { message } = toWireError(new DomainError('REQUEST_MALFORMED', `not ${'😀'.repeat(100_000)}`));
    expect(encodeURI(message).length).toBeLessThan(8192);
    expect(toWireError(new DomainError('REQUEST_MALFORMED', 'half a \ud83d')).message).toBe('half a \ufffd');
  });
});

it('docs/reference/errors.md is up to date (`npm run test:unit -- -u` rewrites it)', async () => {
  await expect(errorReference()).toMatchFileSnapshot('../../../../docs/reference/errors.md');
});
