import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDomainError } from '#domain/errors';
import { MODEL_FIELDS, matchesFilter, parseFilter, VERSION_FIELDS } from './index.ts';

const parse = (text: string) => parseFilter(text, VERSION_FIELDS);

describe('parseFilter', () => {
  it.each([
    ['version = 3', { kind: 'compare', field: 'version', operator: '=', value: 3 }],
    ['metrics.accuracy>=.9', { kind: 'compare', field: 'metrics.accuracy', operator: '>=', value: 0.9 }],
    [
      "labels.'team of a''s' = \"x\\\"y\"",
      { kind: 'compare', field: "labels.team of a's", operator: '=', value: 'x"y' },
    ],
    ['labels.a/b-c.d EXISTS', { kind: 'exists', field: 'labels.a/b-c.d' }],
    ['stage in ("staging", \'production\')', { kind: 'in', field: 'stage', values: ['staging', 'production'] }],
    ['model not like "dig%"', { kind: 'not', term: { kind: 'like', field: 'model', pattern: 'dig%' } }],
    ['deprecated = TRUE', { kind: 'compare', field: 'deprecated', operator: '=', value: true }],
    ['parameters.lr < 1e-3', { kind: 'compare', field: 'parameters.lr', operator: '<', value: 0.001 }],
  ])('%s', (text, expression) => {
    expect(parse(text)).toEqual(expression);
  });

  it('binds NOT before AND before OR, and parentheses before all', () => {
    const one = (version: number) => ({ kind: 'compare', field: 'version', operator: '=', value: version });
    expect(parse('NOT version=1 AND version=2 or version=3')).toEqual({
      kind: 'or',
      terms: [{ kind: 'and', terms: [{ kind: 'not', term: one(1) }, one(2)] }, one(3)],
    });
    expect(parse('version=1 and (version=2 or version=3)')).toEqual({
      kind: 'and',
      terms: [one(1), { kind: 'or', terms: [one(2), one(3)] }],
    });
  });

  it.each([
    ['', /ends at character 1, where a field was expected/],
    ['version', /ends at character 8, where =, !=/],
    ['version = "3"', /has "3" at character 11, where a number for version was expected/],
    ['labels.team = fraud', /has "fraud" at character 15, where text in quotes for labels\.team/],
    ['labels.team = "fraud', /has ".*fraud" at character 15/],
    ['stag = "x"', /a version has no field "stag" at character 1: use namespace, model/],
    ['labels. = "x"', /where the name of an entry was expected/],
    ['metric.accuracy > 1', /no field "metric.accuracy"/],
    ['version = 1 version = 2', /has "version" at character 13, where AND, OR or the end/],
    ['(version = 1', /where "\)" was expected/],
    ['version LIKE "1%"', /compares version by LIKE, which is for text/],
    ['version = 1; DROP TABLE versions', /has "; DROP TAB" at character 12/],
    ['constructor = 1', /no field "constructor"/],
    ['__proto__.x = 1', /no field/],
    [`${'('.repeat(40)}version = 1${')'.repeat(40)}`, /nests deeper/],
    [Array.from({ length: 60 }, () => 'version = 1').join(' AND '), /more than 50 conditions/],
  ])('%s is refused', (text, problem) => {
    expect(() => parse(text)).toThrow(problem);
  });

  it('answers any text with an expression or FILTER_INVALID', () => {
    const words = fc.constantFrom(
      'version',
      'labels.x',
      'and',
      'NOT',
      '(',
      ')',
      '=',
      'in',
      "'a'",
      '"',
      '1',
      ',',
      ' ',
      'like',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, (filter) => {
        try {
          matchesFilter(parse(filter), () => [{ text: 'a', number: 1 }]);
        } catch (error) {
          expect(isDomainError(error, 'FILTER_INVALID'), String(error)).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('docs/reference/filters.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/reference/filters.md'), 'utf8');

  it('has examples that can be read', () => {
    const examples = /^```text\n([^`]+)```/m.exec(text)?.[1]?.trim().split('\n') ?? [];
    expect(examples.length).toBeGreaterThan(3);
    for (const example of examples) expect(() => parse(example)).not.toThrow();
  });

  it('names every field', () => {
    const [, ofVersions = '', ofModels = ''] = text.split(/^## Fields of /m);
    const named = (section: string) => [...(section.split(/^## /m)[0] ?? '').matchAll(/`([a-zA-Z]+)(?:\.<name>)?`/g)];
    for (const [table, section] of [
      [VERSION_FIELDS, ofVersions],
      [MODEL_FIELDS, ofModels],
    ] as const) {
      const fields = [...Object.keys(table.attributes), ...Object.keys(table.maps)];
      expect(named(section).map(([, name]) => name)).toEqual(expect.arrayContaining(fields));
    }
  });
});
