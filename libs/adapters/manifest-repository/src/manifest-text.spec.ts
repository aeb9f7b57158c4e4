import { describe, expect, it } from 'vitest';
import { manifestWithVersion, newManifest } from './manifest-text.ts';

const head = 'apiVersion: slipway.dev/v1\nkind: ModelDeployment\nmetadata: {name: digits}\n';

describe('manifestWithVersion', () => {
  it.each([
    ['spec:\n  version: 3 # the third\n  model: digits\n', 'spec:\n  version: 7 # the third\n  model: digits\n'],
    ['spec: { model: digits, version: 3 }\n', 'spec: { model: digits, version: 7 }\n'],
    ['spec:\n  model: digits\n  alias: champion # by hand\n', 'spec:\n  model: digits\n  version: 7 # by hand\n'],
  ])('changes the version in %j and nothing else', (spec, changed) => {
    expect(manifestWithVersion(`${head}${spec}`, 'digits.yaml', 7)).toBe(`${head}${changed}`);
  });

  it('changes what newManifest writes', () => {
    const manifest = newManifest({
      namespace: 'default',
      name: 'digits',
      model: 'digits',
      version: 1,
      strategy: undefined,
    });
    expect(manifestWithVersion(manifest, 'digits.yaml', 2)).toContain('version: 2');
  });

  it.each(['spec: {model: digits}\n', 'spec: [', '---\na: 1\n---\nb: 2\n'])('refuses %j', (spec) => {
    expect(() => manifestWithVersion(spec, 'digits.yaml', 7)).toThrow(/edit it by hand/);
  });
});
