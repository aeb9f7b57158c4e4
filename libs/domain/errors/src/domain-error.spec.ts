import { describe, expect, it } from 'vitest';
import { DomainError } from './domain-error.ts';

describe('DomainError', () => {
  it('has a stack, but for refusals, which are many', () => {
    const before = Error.stackTraceLimit;
    expect(new DomainError('QUEUE_FULL', 'enough').stack).toBe('DomainError: enough');
    expect(new DomainError('TENSOR_INVALID', 'wrong').stack).toContain('domain-error.spec');
    expect(Error.stackTraceLimit).toBe(before);
  });
});
