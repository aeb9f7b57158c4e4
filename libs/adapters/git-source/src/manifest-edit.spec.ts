import { expect, it } from 'vitest';
import { withVersion } from './manifest-edit.ts';

const head = '# a file of two\nkind: ModelDeployment\n---\nkind: ModelDeployment\n';

it.each([
  ['spec:\n  version: 3 # the third\n', 'spec:\n  version: 2 # the third\n'],
  ['spec: {alias: "champion", model: digits} # ours\n', 'spec: {version: 2, model: digits} # ours\n'],
  ['spec:\n  model: digits\n  alias: champion\n', 'spec:\n  model: digits\n  version: 2\n'],
])('sets the version back in %j and leaves the rest', (spec, changed) => {
  expect(withVersion(`${head}${spec}`, 1, 2)).toBe(`${head}${changed}`);
});

it.each([0, 2])('answers nothing for document %i, which has no version', (index) => {
  expect(withVersion(`${head}spec: {version: 3}\n`, index, 2)).toBeUndefined();
});
