import { describe, expect, it } from 'vitest';
import { inferredModel } from './inference-path.ts';

describe('inferredModel', () => {
  it.each([
    ['/v2/models/digits/infer', { model: 'digits' }],
    ['/v2/models/digits/infer/', { model: 'digits' }],
    ['/v2/models/digits/infer?now', { model: 'digits' }],
    ['/v2/models/digits/versions/2/infer', { model: 'digits', version: '2' }],
    ['/v2/models/team%3Adigits/versions/2/infer', { model: 'team:digits', version: '2' }],
    [`/v2/models/${'n'.repeat(512)}/infer`, { model: 'n'.repeat(512) }],
  ])('takes %s', (path, params) => {
    expect(inferredModel(path)).toEqual(params);
  });

  it.each([
    '/v2/models/digits/infer_stream',
    '/v2/models/digits/generate',
    '/v2/models/digits/versions/infer',
    '/v2/models//infer',
    '/v2/models/digits//infer',
    '/v2/models/%zz/infer',
    '/V2/models/digits/infer',
    '/v2/models/a/b/infer',
    `/v2/models/${'n'.repeat(513)}/infer`,
    'http://elsewhere/v2/models/digits/infer',
    '',
  ])('leaves %s to Fastify', (path) => {
    expect(inferredModel(path)).toBeUndefined();
  });
});
