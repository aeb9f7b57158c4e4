import { beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '#domain/registry';
import { desiredRoute, ScriptedHost, servedVersion, turns } from '#testing';
import { type AllowedOperators, ServingSet } from './index.ts';
import { operatorFiles, operatorLibraries } from './operator-libraries.ts';
import type { ServedFile } from './serving-snapshot.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest;
const file = (path: string, letter = 'a'): ServedFile => ({ path, digest: digest(letter), sizeBytes: 1 });

describe('operatorFiles', () => {
  it('are the shared libraries in a folder of that name, wherever it lies', () => {
    const files = ['model.onnx', 'operators/a.so', '1/operators/b.so', 'c.so', 'operators/d.txt', 'operators/e/f.so'];
    const found = operatorFiles(files.map((path) => file(path))).map(({ path }) => path);
    expect(found).toEqual(['operators/a.so', '1/operators/b.so']);
  });
});

describe('operatorLibraries', () => {
  it('lie around the model by their own paths', () => {
    const files = [file('1/model.onnx'), file('1/operators/a.so', 'b')];
    expect(operatorLibraries('/cache/variants/x/1/model.onnx', files)).toEqual([
      { path: '/cache/variants/x/1/operators/a.so', digest: digest('b') },
    ]);
  });
});

describe('a version that brings operator libraries', () => {
  let host: ScriptedHost;
  beforeEach(() => {
    host = new ScriptedHost();
  });

  const stateWith = async (operators: AllowedOperators | undefined) => {
    const { variants } = servedVersion(1);
    const brought = variants.map((variant) => ({
      ...variant,
      files: [...variant.files, file('operators/a.so'), file('operators/b.so', 'b')],
    }));
    const set = new ServingSet({ ...host.parts, ...(operators && { operators }) }, () => {});
    set.apply({ revision: 1, deployments: [desiredRoute({ stable: servedVersion(1, { variants: brought }) })] });
    await turns();
    return set.reports[0]?.state;
  };

  it('is loaded where all of them are allowed', async () => {
    expect(await stateWith({ digests: new Set([digest('a'), digest('b')]) })).toMatchObject({ kind: 'ready' });
    expect(host.loads).toEqual([1]);
  });

  it.each<[string, AllowedOperators | undefined, RegExp]>([
    [
      'nothing is said',
      undefined,
      /operators\/a\.so, and this gateway does not allow its digest sha256:a{64}: SLIPWAY_/,
    ],
    ['one of them is not allowed', { digests: new Set([digest('a')]) }, /operators\/b\.so, and .* sha256:b{64}/],
    [
      'the runtime loads none',
      { digests: new Set([digest('a'), digest('b')]), obstacle: 'this runtime takes none' },
      /operators\/a\.so, and this runtime takes none$/,
    ],
  ])('is refused where %s, before anything of it is loaded', async (_name, operators, message) => {
    expect(await stateWith(operators)).toEqual({
      kind: 'failed',
      code: 'OPERATORS_REFUSED',
      message: expect.stringMatching(message),
    });
    expect(host.loads).toEqual([]);
  });
});
