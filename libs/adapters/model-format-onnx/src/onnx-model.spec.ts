import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDomainError } from '#domain/errors';
import { MemorySource } from './byte-source.ts';
import { FormatInspector } from './index.ts';
import { readOnnxModel } from './onnx-model.ts';

const read = (bytes: Uint8Array) => readOnnxModel(new MemorySource(bytes));

const digits = (version: number) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, `../../../../test/models/digits/digits-${version}.onnx`)));

/** A Protocol Buffers message from [field number, value] pairs: a number is a varint, bytes are length-delimited. */
function message(...fields: (readonly [number, number | string | Uint8Array])[]): Uint8Array {
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [Uint8Array.from([...varint(number * 8), ...varint(value)])];
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      return [Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes];
    }),
  );
}

const value = (name: string, elementType = 1, axes = [message([1, 4])]) =>
  message(
    [1, name],
    [2, message([1, message([1, elementType], [2, message(...axes.map((axis) => [1, axis] as const))])])],
  );
const opset = message([2, 17]);
const modelOf = (...graph: Parameters<typeof message>) => message([1, 8], [8, opset], [7, message(...graph)]);
const external = message([8, 'w'], [14, 1]);
const location = (path: string) =>
  message([8, 'w'], [13, message([1, 'location'], [2, path])], [13, message([1, 'offset'], [2, '8'])]);

describe('readOnnxModel', () => {
  it.each([1, 2, 3])('reads the signature of real model %i', (version) => {
    expect(read(digits(version))).toMatchObject({
      signature: {
        inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
        outputs: [
          { name: 'label', datatype: 'INT64', shape: [-1] },
          { name: 'probabilities', datatype: 'FP32', shape: [-1, 10] },
        ],
      },
      opsets: { 'ai.onnx': 17 },
      producer: 'slipway-digits',
      external: [],
    });
  });

  it('leaves out inputs that have an initializer', () => {
    const model = modelOf([11, value('x')], [11, value('w')], [5, message([8, 'w'])], [12, value('y')]);
    expect(read(model).signature.inputs.map((input) => input.name)).toEqual(['x']);
  });

  const io = [[11, value('x')] as const, [12, value('y')] as const];
  const nodeWith = (...attribute: Parameters<typeof message>) => message([5, message(...attribute)]);
  it.each([
    ['an initializer', modelOf(...io, [5, external])],
    ['an initializer with external_data alone', modelOf(...io, [5, message([13, message([1, 'location'])])])],
    ['the values of a sparse initializer', modelOf(...io, [15, message([1, external])])],
    ['the indices of a sparse initializer', modelOf(...io, [15, message([2, external])])],
    ['an attribute', modelOf(...io, [1, nodeWith([5, external])])],
    ['a list attribute', modelOf(...io, [1, nodeWith([10, external])])],
    ['a sparse attribute', modelOf(...io, [1, nodeWith([22, message([1, external])])])],
    ['a subgraph', modelOf(...io, [1, nodeWith([6, message([5, external])])])],
    [
      'a subgraph of a subgraph',
      modelOf(...io, [1, nodeWith([11, message([1, nodeWith([6, message([5, external])])])])]),
    ],
    ['a function', message([1, 8], [8, opset], [7, message(...io)], [25, message([7, nodeWith([5, external])])])],
  ])('finds external data in %s', (_, model) => {
    expect(read(model).external).toHaveLength(1);
  });

  it('tells where external data lies, as it stands in the file', () => {
    const model = modelOf(...io, [5, location('../weights.bin')]);
    expect(read(model).external).toEqual([{ tensor: 'w', location: '../weights.bin', offset: 8, length: undefined }]);
  });

  it('counts operators, also in subgraphs, and the elements of initializers', () => {
    const node = (operator: string, ...more: Parameters<typeof message>) =>
      [1, message([4, operator], ...more)] as const;
    const body = message(node('Add'), [5, message([1, 5])]);
    const custom = [1, message([4, 'Gelu'], [7, 'com.microsoft'])] as const;
    const weights = message([1, Uint8Array.from([3, 4])], [8, 'w']);
    const model = modelOf(...io, node('Add'), node('If', [5, message([6, body])]), custom, [5, weights]);
    expect(read(model).summary).toEqual({
      irVersion: 8,
      operators: { Add: 2, If: 1, 'com.microsoft.Gelu': 1 },
      parameterCount: 17,
    });
  });

  it('reads a large file through a window as it does in memory', async () => {
    const filler = message([5, message([8, 'w'], [9, new Uint8Array(20 << 20)])]);
    const head = modelOf(...io);
    const model = message([1, 8], [8, opset], [7, Buffer.concat([message(...io), filler])]);
    const stream = async function* () {
      for (let at = 0; at < model.byteLength; at += 1 << 20) yield model.subarray(at, at + (1 << 20));
    };
    const inspected = await new FormatInspector().inspect('onnx', stream(), model.byteLength);
    expect(inspected.signature).toEqual(read(head).signature);
    expect(inspected).toEqual(read(model));
  });

  it.each([
    ['no bytes', new Uint8Array(), /has no IR version/],
    ['text', new TextEncoder().encode('this is not a model'), /not an ONNX model/],
    ['a model without a graph', message([1, 8], [8, opset]), /has no graph/],
    ['two graphs', message([1, 8], [8, opset], [7, message(...io)], [7, message(...io)]), /two graphs/],
    ['no outputs', modelOf([11, value('x')]), /has no outputs/],
    ['a complex output', modelOf([11, value('x')], [12, value('y', 14)]), /output "y" of element type 14/],
    [
      'a sequence',
      modelOf([11, value('x')], [12, message([1, 'y'], [2, message([4, ''])])]),
      /"y" that is not a tensor/,
    ],
    ['a truncated file', digits(1).subarray(0, 2000), /not an ONNX model: .* at byte/],
  ])('refuses %s with what is wrong', (_, bytes, problem) => {
    expect(() => read(bytes)).toThrow(problem);
  });

  it('refuses graphs nested without end', () => {
    let graph = message([5, external]);
    for (let depth = 0; depth < 100; depth += 1) graph = message([1, nodeWith([6, graph])]);
    expect(() => read(message([1, 8], [8, opset], [7, graph]))).toThrow(/nests graphs deeper/);
  });

  it('answers any mutation of a real model with a result or a DomainError', () => {
    const original = digits(3);
    const mutation = fc.record({
      cut: fc.nat({ max: original.length }),
      edits: fc.array(fc.tuple(fc.nat({ max: original.length - 1 }), fc.nat({ max: 255 })), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(mutation, ({ cut, edits }) => {
        const bytes = original.slice(0, original.length - Math.floor(cut / 4));
        for (const [at, byte] of edits) bytes[at] = byte;
        try {
          read(bytes);
        } catch (error) {
          expect(isDomainError(error, 'MODEL_FILE_INVALID'), String(error)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
