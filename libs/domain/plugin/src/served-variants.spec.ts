import { describe, expect, it } from 'vitest';
import { commonSelection, isSelected, selectionInWords, selectionProblems } from './served-variants.ts';

describe('the variants that a runtime runs', () => {
  it.each([
    [{ format: 'gguf' }, { format: 'gguf', target: 'cuda' }, true],
    [{ format: 'gguf' }, { format: 'trees', target: 'cuda' }, false],
    [{ target: 'cuda' }, { format: 'trees', target: 'cuda' }, true],
    [{ target: 'cuda' }, { format: 'trees', target: 'cpu' }, false],
    [{ format: 'gguf', target: 'cuda' }, { format: 'gguf', target: 'cuda' }, true],
    [{ format: 'gguf', target: 'cuda' }, { format: 'gguf', target: 'cpu' }, false],
    [{ target: 'openvino' }, { format: 'onnx', target: 'openvino' }, false],
    [{ target: 'ascend' }, { format: 'om', target: 'ascend' }, false],
  ])('by %j have %j among them: %j', (selection, variant, isAmong) => {
    expect(isSelected(selection, variant)).toBe(isAmong);
  });

  it('are told in words', () => {
    const selections = [{ format: 'gguf' }, { target: 'cuda' }, { format: 'gguf', target: 'cuda' }];
    expect(selections.map(selectionInWords)).toEqual(['gguf', 'any format for cuda', 'gguf for cuda']);
  });

  it('are none of those that Slipway runs itself', () => {
    expect(selectionProblems([{ format: 'trees' }, { format: 'onnx', target: 'cuda' }])).toEqual([
      { path: 'serves[1].format', message: "onnx is run by a runtime of Slipway's own" },
    ]);
  });

  it.each([
    [[{ format: 'gguf' }], [{ format: 'trees' }], undefined],
    [[{ format: 'trees' }, { format: 'gguf' }], [{ target: 'cuda' }], { format: 'trees' }],
    [[{ format: 'gguf', target: 'cpu' }], [{ format: 'gguf', target: 'cuda' }], undefined],
    [
      [{ target: 'cpu' }, { format: 'gguf', target: 'cuda' }],
      [{ format: 'gguf', target: 'cuda' }],
      { format: 'gguf', target: 'cuda' },
    ],
    [[], [{ target: 'cpu' }], undefined],
  ])('by %j and by %j have in common: %j', (ours, theirs, common) => {
    expect(commonSelection(ours, theirs)).toEqual(common);
  });
});
