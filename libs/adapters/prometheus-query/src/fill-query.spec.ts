import { describe, expect, it } from 'vitest';
import { NO_TRAFFIC } from '#domain/traffic';
import { fillQuery } from './fill-query.ts';

const about = {
  namespace: 'payments',
  name: 'fraud',
  candidate: { version: 8 },
  stable: { version: 7 },
  rolloutId: 'fraud-12',
  weightPercent: 5,
  startedAtMs: 0,
  observed: () => ({ candidate: NO_TRAFFIC, stable: NO_TRAFFIC }),
};

describe('a query with placeholders', () => {
  it('gets what is asked about', () => {
    const query =
      'f{namespace="{{namespace}}",model="{{ deployment }}",version=~"{{candidate}}|{{stable}}"} # {{rolloutId}}';
    expect(fillQuery(query, about)).toBe('f{namespace="payments",model="fraud",version=~"8|7"} # fraud-12');
  });

  it('stays one string whatever is put into it', () => {
    const hostile = { ...about, name: `a"} or vector(0) # '\\\`\n` };
    expect(fillQuery('up{job="{{deployment}}"}', hostile)).toBe(
      String.raw`up{job="a\u0022} or vector(0) # \u0027\u005c\u0060\u000a"}`,
    );
  });

  it('takes a replacement as it is', () => {
    expect(fillQuery('up{job="{{deployment}}"}', { ...about, name: '$&' })).toBe('up{job="$&"}');
  });

  it.each(['{{model}}', '{{}}', '{{toString}}'])(
    'is refused for %s, with the placeholders that there are',
    (unknown) => {
      expect(() => fillQuery(`up{job="${unknown}"}`, about)).toThrow(
        `the query has ${unknown}; there are {{namespace}}, {{deployment}}, {{candidate}}, {{stable}}, {{rolloutId}}`,
      );
    },
  );

  it('is refused where it names a stable version that there is not', () => {
    expect(() => fillQuery('up{version="{{stable}}"}', { ...about, stable: undefined })).toThrow(
      'the query has {{stable}}, but there is no stable version yet',
    );
  });
});
