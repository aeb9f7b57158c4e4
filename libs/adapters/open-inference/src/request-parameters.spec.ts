import { describe, expect, it } from 'vitest';
import { readRequestParameters, refuseTensorParameters } from './request-parameters.ts';

const read = (parameters: Record<string, unknown>) => readRequestParameters((name) => parameters[name]);

describe('readRequestParameters', () => {
  it('hands on every parameter as it was given, for whoever knows it', () => {
    const { parameter } = read({ tier: 'gold', level: 7n });
    expect(['tier', 'level', 'other'].map((name) => parameter?.(name))).toEqual(['gold', 7n, undefined]);
  });

  it.each([0, 0n, '0', undefined])('takes %s for no timeout, no priority and no sequence', (none) => {
    expect(read({ timeout: none, priority: none, sequence_id: none })).toMatchObject({
      timeoutMs: undefined,
      priority: undefined,
      sequence: undefined,
    });
  });

  it.each([1500, 1500n, '1500'])('reads %s in every form that clients have for numbers', (value) => {
    expect(read({ timeout: value, priority: value })).toMatchObject({ timeoutMs: 1.5, priority: 1500 });
  });

  it.each([-1, 1.5, 'soon', '', true, {}, Number.NaN, 2 ** 53, -1n])(
    'refuses %s as a timeout and a priority',
    (value) => {
      expect(() => read({ timeout: value })).toThrow(/^parameters\.timeout must be microseconds/);
      expect(() => read({ priority: value })).toThrow(/^parameters\.priority must be a whole number/);
    },
  );

  it('knows a sequence by text or by number, and where it starts and ends', () => {
    expect(read({ sequence_id: 'a-b', sequence_start: true }).sequence).toEqual({
      id: 'a-b',
      isStart: true,
      isEnd: false,
    });
    const largest = 18_446_744_073_709_551_615n;
    expect(read({ sequence_id: largest, sequence_start: 'false', sequence_end: 1n }).sequence).toEqual({
      id: '18446744073709551615',
      isStart: false,
      isEnd: true,
    });
    expect(read({ sequence_id: 7 }).sequence?.id).toBe(read({ sequence_id: '7' }).sequence?.id);
  });

  it.each([-1, 1.5, 2n ** 64n, true, {}, 'x'.repeat(257)])('refuses %s as a sequence', (value) => {
    expect(() => read({ sequence_id: value })).toThrow(/^parameters\.sequence_id must/);
  });

  it('refuses a start without a sequence, and flags that are none', () => {
    expect(() => read({ sequence_start: true })).toThrow(/sequence_id must be given/);
    expect(() => read({ sequence_id: 1, sequence_end: 'perhaps' })).toThrow(/sequence_end must be true or false/);
  });
});

describe('refuseTensorParameters', () => {
  const refuse = (parameters: Record<string, unknown>) =>
    refuseTensorParameters((name) => parameters[name], 'outputs[0]');

  it.each([{ classification: 3 }, { classification: 3n }, { shared_memory_region: 'r' }])('refuses %o', (given) => {
    expect(() => refuse(given)).toThrow(
      /^outputs\[0\]\.parameters\.(classification|shared_memory_region): this server/,
    );
  });

  it.each([{}, { classification: 0 }, { classification: 0n }, { shared_memory_region: '' }])('takes %o', (given) => {
    expect(() => refuse(given)).not.toThrow();
  });
});
