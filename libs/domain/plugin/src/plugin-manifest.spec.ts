import { describe, expect, it } from 'vitest';
import { interfaceProblem } from './interface-version.ts';
import { manifestProblems, type PluginManifest } from './plugin-manifest.ts';
import { processedView } from './processed-view.ts';

const manifest: PluginManifest = {
  name: 'normalise',
  version: '1.2.0',
  interface: '1.0',
  kind: 'preprocessor',
  entry: 'index.ts',
  description: undefined,
  config: undefined,
  inputs: undefined,
  outputs: undefined,
};
const spec = { name: 'x', datatype: 'FP32', shape: [-1] } as const;

describe('the manifest of a plugin', () => {
  it('is taken when everything fits', () => {
    expect(manifestProblems(manifest)).toEqual([]);
    expect(manifestProblems({ ...manifest, inputs: [spec], entry: 'dist/main.mjs' })).toEqual([]);
  });

  it('is told all that is wrong with it at once', () => {
    const wrong = { ...manifest, version: '1.2', interface: '2.0', entry: '../index.ts', outputs: [spec, spec] };
    expect(manifestProblems(wrong).map(({ path }) => path)).toEqual([
      'version',
      'interface',
      'entry',
      'outputs',
      'outputs',
    ]);
  });

  it.each(['/etc/index.ts', 'a/../../index.ts', 'index.json', 'a\\b.ts', 'a b.ts', 'index'])(
    'cannot have %s as its entry',
    (entry) => {
      expect(manifestProblems({ ...manifest, entry })).toMatchObject([{ path: 'entry' }]);
    },
  );
});

describe('the interface of the host', () => {
  it.each([
    ['1.0', '1.0', undefined],
    ['1.2', '1.3', undefined],
    ['1.4', '1.3', 'too old'],
    ['2.0', '1.3', 'must be adapted'],
    ['1', '1.3', 'must be such as'],
    ['^1.0', '1.3', 'must be such as'],
  ])('a plugin for %s on a host that offers %s: %s', (wanted, offered, problem) => {
    const found = interfaceProblem(wanted, offered);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});

describe('a version behind processors', () => {
  const view = { signature: { inputs: [spec], outputs: [spec] }, defaultOutputNames: ['x'] };
  const text = { name: 'text', datatype: 'BYTES', shape: [-1] } as const;

  it('takes what the first preprocessor takes, and gives what the last postprocessor gives', () => {
    const shapes = [
      { inputs: undefined, outputs: undefined },
      { inputs: [text], outputs: [text] },
      { inputs: [spec], outputs: undefined },
    ];
    expect(processedView(view, shapes, shapes)).toEqual({
      signature: { inputs: [text], outputs: [text] },
      defaultOutputNames: ['text'],
    });
  });

  it('is as it was behind processors that keep the form', () => {
    const shape = { inputs: undefined, outputs: undefined };
    expect(processedView(view, [shape], [shape])).toEqual(view);
  });
});
