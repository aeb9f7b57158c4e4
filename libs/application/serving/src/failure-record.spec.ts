import { describe, expect, it } from 'vitest';
import { DomainError } from '#domain/errors';
import { FailureRecord } from './failure-record.ts';

function recording() {
  const clock = { ms: 0 };
  return { clock, record: new FailureRecord(() => clock.ms) };
}

describe('FailureRecord', () => {
  it('takes a version for broken that lost its runner three times within a minute', () => {
    const { clock, record } = recording();
    expect([record.countLoss(), record.countLoss()]).toEqual([false, false]);
    clock.ms = 59_999;
    expect(record.countLoss()).toBe(true);
  });

  it('forgets losses with time, and when it is told to', () => {
    const { clock, record } = recording();
    record.countLoss();
    record.countLoss();
    clock.ms = 60_000;
    expect(record.countLoss()).toBe(false);
    record.forgiveLosses();
    expect([record.countLoss(), record.countLoss()]).toEqual([false, false]);
  });

  it('gives damaged bytes two more chances', () => {
    const { record } = recording();
    const corrupt = new DomainError('ARTIFACT_CORRUPT', '');
    expect([1, 2, 3].map(() => record.isTransient(corrupt))).toEqual([true, true, false]);
  });

  it.each([
    ['STORE_UNAVAILABLE', true],
    ['MEMORY_BUDGET_EXCEEDED', false],
    ['MODEL_LOAD_FAILED', false],
  ] as const)('says of %s that it is transient: %s', (code, isTransient) => {
    expect(recording().record.isTransient(new DomainError(code, ''))).toBe(isTransient);
  });
});
