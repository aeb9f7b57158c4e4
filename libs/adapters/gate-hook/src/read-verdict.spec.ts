import { describe, expect, it } from 'vitest';
import { readVerdict } from './read-verdict.ts';

describe('the answer of a hook', () => {
  it.each(['pass', 'fail', 'hold'] as const)('with the verdict %s', (verdict) => {
    const text = JSON.stringify({ verdict, reason: 'conversion is 3 %' });
    expect(readVerdict(200, text)).toEqual({ kind: 'verdict', verdict, reason: 'conversion is 3 %' });
  });

  it('may do without a reason', () => {
    expect(readVerdict(200, '{"verdict": "fail"}')).toEqual({
      kind: 'verdict',
      verdict: 'fail',
      reason: 'it says fail',
    });
  });

  it('is told on one line and in bounds: it becomes part of a commit', () => {
    const reason = `bad\n\nSigned-off-by: somebody\u0000${'x'.repeat(1000)}`;
    const outcome = readVerdict(200, JSON.stringify({ verdict: 'fail', reason })) as { reason: string };
    expect(outcome.reason).toMatch(/^bad Signed-off-by: somebody x+$/);
    expect(outcome.reason).toHaveLength(500);
  });

  it.each([
    [200, '{"verdict": "maybe"}', 'the answer has no verdict of pass, fail or hold: {"verdict": "maybe"}'],
    [200, '"pass"', 'the answer has no verdict of pass, fail or hold: "pass"'],
    [200, 'null', 'the answer has no verdict of pass, fail or hold: null'],
    [200, '', 'the answer has no verdict of pass, fail or hold: nothing'],
    [201, '{"verdict": "pass"}', 'answered 201: {"verdict": "pass"}'],
    [500, 'out of\nmemory', 'answered 500: out of memory'],
    [307, '', 'answered 307: redirects are not followed'],
  ])('%i %s is no data', (status, text, reason) => {
    expect(readVerdict(status, text)).toEqual({ kind: 'noData', reason });
  });
});
