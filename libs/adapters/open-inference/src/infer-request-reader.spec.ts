import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InferTensorContents, ModelInferRequest } from '#generated/inference/open_inference';
import { readInferRequest } from './infer-request-reader.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const float = fc.float({ noNaN: true });
const bytes = fc.uint8Array({ maxLength: 300 });
const few = <T>(values: fc.Arbitrary<T>) => fc.array(values, { maxLength: 20 });

const choice = fc.oneof(
  fc.record({ $case: fc.constant('boolParam' as const), value: fc.boolean() }),
  fc.record({ $case: fc.constant('int64Param' as const), value: int64 }),
  fc.record({ $case: fc.constant('stringParam' as const), value: fc.string({ unit: 'grapheme' }) }),
  fc.record({ $case: fc.constant('doubleParam' as const), value: fc.double({ noNaN: true }) }),
  fc.record({ $case: fc.constant('uint64Param' as const), value: uint64 }),
);
// The generated reader makes a parameter `__proto__` the prototype of the others.
const keys = fc.string().filter((key) => key !== '__proto__');
const parameters = fc.dictionary(keys, fc.record({ parameterChoice: fc.option(choice, { nil: undefined }) }), {
  maxKeys: 4,
});
const contents = fc.record({
  boolContents: few(fc.boolean()),
  intContents: few(int32),
  int64Contents: few(int64),
  uintContents: few(uint32),
  uint64Contents: few(uint64),
  fp32Contents: few(float),
  fp64Contents: few(fc.double({ noNaN: true })),
  bytesContents: few(bytes),
});
const requests: fc.Arbitrary<ModelInferRequest> = fc.record({
  modelName: fc.string({ unit: 'grapheme' }),
  modelVersion: fc.string(),
  id: fc.string(),
  parameters,
  inputs: few(
    fc.record({
      name: fc.string(),
      datatype: fc.string(),
      shape: few(int64),
      parameters,
      contents: fc.option(contents, { nil: undefined }),
    }),
  ),
  outputs: few(fc.record({ name: fc.string(), parameters })),
  rawInputContents: few(bytes),
});

/** Typed arrays as the arrays that they stand for. */
function plain(request: ModelInferRequest): ModelInferRequest {
  const inputs = request.inputs.map(({ contents: given, ...input }) => ({
    ...input,
    contents: given && {
      boolContents: Array.from(given.boolContents, Boolean),
      intContents: Array.from(given.intContents),
      int64Contents: Array.from(given.int64Contents),
      uintContents: Array.from(given.uintContents),
      uint64Contents: Array.from(given.uint64Contents),
      fp32Contents: Array.from(given.fp32Contents),
      fp64Contents: Array.from(given.fp64Contents),
      bytesContents: given.bytesContents.map((element) => Uint8Array.from(element)),
    },
  }));
  const rawInputContents = request.rawInputContents.map((content) => Uint8Array.from(content));
  return { ...request, inputs, rawInputContents };
}

const encoded = (request: ModelInferRequest) => Buffer.from(ModelInferRequest.encode(request).finish());

describe('readInferRequest', () => {
  it('reads what the generated reader reads', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const message = encoded(request);
        expect(plain(readInferRequest(message))).toEqual(plain(ModelInferRequest.decode(message)));
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });

  it('reads numbers one by one, in several packs, and fields that it does not know', () => {
    const one = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
    // fp32_contents: 1, then a pack of 2 and 3; int_contents: a pack of -1, then 300; fields 20 and 21 are of the future.
    const typed = one(
      '35 0000803f  32 08 00000040 00004040  12 0a ffffffffffffffffff01  10 ac02  a001 7f  aa01 02 0102',
    );
    const input = Buffer.concat([one('18 02 1a 02 03 04 2a'), Buffer.from([typed.byteLength]), typed]);
    const { inputs } = readInferRequest(Buffer.concat([one('2a'), Buffer.from([input.byteLength]), input]));
    expect(inputs[0]?.shape).toEqual([2n, 3n, 4n]);
    expect(Array.from(inputs[0]?.contents?.fp32Contents ?? [])).toEqual([1, 2, 3]);
    expect(Array.from(inputs[0]?.contents?.intContents ?? [])).toEqual([-1, 300]);
    const generated = InferTensorContents.decode(typed);
    expect([generated.fp32Contents, generated.intContents]).toEqual([
      [1, 2, 3],
      [-1, 300],
    ]);
  });

  it('fails with an error of the catalogue alone, whatever bytes come', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(requests, edits, fc.nat(3), (request, changes, cut) => {
        const message = encoded(request);
        for (const [at, byte] of changes) if (message.byteLength > 0) message[at % message.byteLength] = byte;
        try {
          readInferRequest(message.subarray(0, message.byteLength - cut));
        } catch (error) {
          expect(error).toMatchObject({ code: 'REQUEST_MALFORMED' });
        }
      }),
      { numRuns: 1000, endOnFailure: true },
    );
  });

  const shape = Buffer.concat([Buffer.from([26]), varint(60_000_000), Buffer.alloc(60_000_000, 1)]);
  it.each([
    ['axes', Buffer.concat([Buffer.from([42]), varint(shape.byteLength), shape]), /shape of more than 64 axes/],
    ['inputs', Buffer.alloc(60_000_000, Buffer.from([42, 0])), /more than 1000 inputs/],
    ['outputs', Buffer.alloc(60_000_000, Buffer.from([50, 0])), /more than 1000 outputs/],
    ['raw contents', Buffer.alloc(60_000_000, Buffer.from([58, 0])), /more than 1000 raw_input_contents/],
    ['groups', Buffer.alloc(60_000_000, Buffer.from([11])), /wire type 3/],
  ])('refuses a message that is nothing but %s at once', (_, message, reason) => {
    const startedMs = performance.now();
    expect(() => readInferRequest(message)).toThrow(reason);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left & 127) | 128);
  return Buffer.from([...bytes, left]);
}
