import { describe, expect, it } from 'vitest';
import type { Digest, VariantDeclaration } from '#domain/registry';
import { assertExternalDataIsOwn } from './external-data.ts';

const digest = `sha256:${'0'.repeat(64)}` as Digest;
const variant = (main: string, ...others: string[]): VariantDeclaration => ({
  target: 'cpu',
  precision: 'fp32',
  format: 'onnx',
  files: [{ path: main, digest, sizeBytes: 10 }, ...others.map((path) => ({ path, digest, sizeBytes: 100 }))],
});
const at = (location: string, offset = 0, length?: number) => [{ tensor: 'w', location, offset, length }];

describe('external data of a model', () => {
  it.each([
    ['model.onnx', 'weights.bin', 'weights.bin'],
    ['onnx/model.onnx', 'onnx/weights.bin', 'weights.bin'],
    ['onnx/model.onnx', 'onnx/data/weights.bin', 'data/weights.bin'],
  ])('of %s in %s may be called %s', (main, other, location) => {
    expect(() => assertExternalDataIsOwn(at(location, 4, 96), variant(main, other))).not.toThrow();
  });

  it.each([
    'model.onnx',
    './weights.bin',
    '../weights.bin',
    'a/../weights.bin',
    '/weights.bin',
    '/etc/passwd',
    'weights.bin/',
    'weights.bin\0',
    '.\\weights.bin',
    'WEIGHTS.BIN',
    'file://weights.bin',
    '*/_ORT_MEM_ADDR_/*',
    '',
  ])('may not be called %j', (location) => {
    expect(() => assertExternalDataIsOwn(at(location), variant('model.onnx', 'weights.bin'))).toThrow(
      /keeps tensor "w" in .* which is no file of the variant/,
    );
  });

  it('may not reach beyond its file', () => {
    expect(() => assertExternalDataIsOwn(at('weights.bin', 5, 96), variant('model.onnx', 'weights.bin'))).toThrow(
      /beyond the 100 bytes of that file/,
    );
  });

  it('is refused for a model that comes alone', () => {
    expect(() => assertExternalDataIsOwn(at('weights.bin'), variant('model.onnx'))).toThrow(/export it as one file/);
  });
});
