import { describe, expect, it } from 'vitest';
import { isKnownFormat, parseModelFormat } from './model-format.ts';

describe('parseModelFormat', () => {
  it.each(['onnx', 'tensorrt_plan', 'trees', 'xgboost-json', '7', 'a'.repeat(63)])('takes %s', (word) => {
    expect(parseModelFormat(word, 'format')).toBe(word);
  });

  it.each(['', 'Trees', 'two words', 'my_format', '-a', 'a-', 'a/b', 'ünicode', 'a'.repeat(64)])(
    'refuses %j, and says what there is',
    (word) => {
      expect(() => parseModelFormat(word, 'input.format')).toThrow(/^input\.format ".*" is no format: use onnx, /);
    },
  );

  it('knows the formats that Slipway has names for from others', () => {
    expect(['onnx', 'openvino_ir', 'trees'].map(isKnownFormat)).toEqual([true, true, false]);
  });
});
