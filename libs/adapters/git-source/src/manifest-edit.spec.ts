import { expect, it } from 'vitest';
import { withAskedVersion } from './manifest-edit.ts';

const head = '# a file of two\nkind: ModelDeployment\n---\nkind: ModelDeployment\n';

it.each([
  ['spec:\n  version: 3 # the third\n', 'spec:\n  version: 2 # the third\n'],
  ['spec: {alias: "champion", model: digits} # ours\n', 'spec: {version: 2, model: digits} # ours\n'],
  ['spec:\n  model: digits\n  alias: champion\n', 'spec:\n  model: digits\n  version: 2\n'],
  [
    'spec:\n  variants: [cpu/int8] # fast\n  # ours\n  version: 3 # the third\n',
    'spec:\n  # ours\n  version: 2 # the third\n',
  ],
  ['spec:\n  version: 3\n  variants:\n    - cpu/int8\n    - cpu/fp32', 'spec:\n  version: 2\n'],
  ['spec: {model: digits, variants: [cpu/int8], version: 3}\n', 'spec: {model: digits, version: 2}\n'],
  ['spec: {model: digits, version: 3, variants: [cpu/int8]}\n', 'spec: {model: digits, version: 2}\n'],
])('sets the version back in %j, names no variants, and leaves the rest', (spec, changed) => {
  expect(withAskedVersion(`${head}${spec}`, 1, { version: 2 })).toBe(`${head}${changed}`);
});

it.each([
  ['spec:\n  version: 3 # the third\n', 'spec:\n  variants: [cpu/fp32, cpu/fp16]\n  version: 2 # the third\n'],
  ['spec: {alias: champion, model: digits}\n', 'spec: {variants: [cpu/fp32, cpu/fp16], version: 2, model: digits}\n'],
  [
    'spec:\n  alias: champion\n  model: digits\n',
    'spec:\n  variants: [cpu/fp32, cpu/fp16]\n  version: 2\n  model: digits\n',
  ],
  [
    'spec:\n  variants: [ cpu/int8,\n    cpu/fp32 ] # fast\n  version: 2\n',
    'spec:\n  variants: [cpu/fp32, cpu/fp16] # fast\n  version: 2\n',
  ],
  [
    'spec:\n  variants:\n  - cpu/int8 # fast\n  - cpu/fp32 # good\n\n  # ours\n  version: 2\n',
    'spec:\n  variants: [cpu/fp32, cpu/fp16] # good\n\n  # ours\n  version: 2\n',
  ],
])('sets the variants back in %j, and leaves the rest', (spec, changed) => {
  const to = { version: 2, variants: ['cpu/fp32', 'cpu/fp16'] };
  expect(withAskedVersion(`${head}${spec}`, 1, to)).toBe(`${head}${changed}`);
});

it('sets the model back where it changed too', () => {
  const spec = 'spec:\n  model: "letters" # for now\n  version: 3\n';
  const changed = 'spec:\n  model: digits # for now\n  version: 2\n';
  expect(withAskedVersion(`${head}${spec}`, 1, { version: 2, model: 'digits' })).toBe(`${head}${changed}`);
  const anchored = `${head}model: &model letters\nspec: {model: *model, version: 3}\n`;
  expect(withAskedVersion(anchored, 1, { version: 2, model: 'digits' })).toBeUndefined();
  expect(withAskedVersion(anchored, 1, { version: 2 })).toContain('model: *model, version: 2');
});

it.each([0, 2])('answers nothing for document %i, which has no version', (index) => {
  expect(withAskedVersion(`${head}spec: {version: 3}\n`, index, { version: 2 })).toBeUndefined();
});

it.each(['version: *release', 'version: 3, variants: *release'])(
  'answers nothing for %j: an anchor is not ours',
  (fields) => {
    const anchored = `${head}release: &release 3\nspec: {${fields}}\n`;
    expect(withAskedVersion(anchored, 1, { version: 2 })).toBeUndefined();
  },
);
