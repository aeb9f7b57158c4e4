import { describe, expect, it } from 'vitest';
import { readAnswer } from './read-answer.ts';

const success = (resultType: string, result: unknown, more = {}) =>
  readAnswer(200, JSON.stringify({ status: 'success', data: { resultType, result }, ...more }));
const series = (text: string) => ({ metric: {}, value: [1, text] });
const noData = (reason: string) => ({ kind: 'noData', reason });

describe('an answer of Prometheus', () => {
  it.each([
    ['0.25', 0.25],
    ['-1e-3', -0.001],
    ['+Inf', Infinity],
    ['-Inf', -Infinity],
  ])('with the value %s', (text, value) => {
    expect(success('vector', [series(text)])).toEqual({ kind: 'value', value });
    expect(success('scalar', [1, text])).toEqual({ kind: 'value', value });
  });

  it.each([
    ['no series', 'vector', [], 'the query gives no series'],
    ['NaN', 'vector', [series('NaN')], 'the value is NaN'],
    ['a scalar that is NaN', 'scalar', [1, 'NaN'], 'the value is NaN'],
    [
      'several series',
      'vector',
      [series('1'), series('2')],
      'the query gives 2 series; a gate needs one: aggregate them, with sum() for example',
    ],
    ['a range', 'matrix', [], 'the query gives a matrix; a gate needs a scalar, or a vector of one series'],
    ['a text', 'string', [1, 'x'], 'the query gives a string; a gate needs a scalar, or a vector of one series'],
    [
      'a native histogram',
      'vector',
      [{ metric: {}, histogram: [1, {}] }],
      'the query gives a histogram; a gate needs a number',
    ],
  ])('with %s is no data', (_name, type, result, reason) => {
    expect(success(type, result)).toEqual(noData(reason));
  });

  it('keeps warnings, on one line each', () => {
    const warnings = { warnings: ['a store\nis down'] };
    expect(success('scalar', [1, '2'], warnings)).toEqual({ kind: 'value', value: 2, warnings: ['a store is down'] });
    expect(success('vector', [], warnings)).toEqual(
      noData('the query gives no series (with a warning: a store is down)'),
    );
  });

  it('that is an error is told in its own words', () => {
    const error = { status: 'error', errorType: 'bad_data', error: 'parse error:\n unexpected "}"' };
    expect(readAnswer(400, JSON.stringify(error))).toEqual(noData('Prometheus: bad_data: parse error: unexpected "}"'));
  });

  it.each([
    [502, '<h1>Bad\r\nGateway</h1>', 'answered 502, and not what Prometheus answers: <h1>Bad Gateway</h1>'],
    [200, '', 'answered 200, and not what Prometheus answers: nothing'],
    [200, '[]', 'answered 200, and not what Prometheus answers: []'],
    [302, '', 'answered 302: redirects are not followed'],
  ])('of somebody else, %i %s, is no data', (status, text, reason) => {
    expect(readAnswer(status, text)).toEqual(noData(reason));
  });

  it('is told in bounds', () => {
    const { reason } = readAnswer(500, 'x'.repeat(10_000)) as { reason: string };
    expect(reason.length).toBeLessThan(600);
  });
});
