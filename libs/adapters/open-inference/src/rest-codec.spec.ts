import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Datatype } from '#domain/inference';
import { decodeRestRequest, encodeRestResponse } from './rest-codec.ts';

const noSignature = () => {
  throw new Error('the signature was not needed');
};
const decodeJson = (body: Buffer) => decodeRestRequest(body, undefined, noSignature);
const encodeJson = (result: Parameters<typeof encodeRestResponse>[0], id: string | undefined) =>
  String(encodeRestResponse(result, { id, isBinary: () => false }).body);

const bodyOf = (input: object, rest: object = {}) =>
  Buffer.from(
    JSON.stringify({ inputs: [{ name: 'x', shape: [2], datatype: 'FP32', data: [1, 2], ...input }], ...rest }),
  );
const resultOf = (datatype: Datatype, shape: number[], data: Uint8Array) => ({
  outputs: [{ name: 'y', datatype, shape, data }],
  modelName: 'm',
  modelVersion: 7,
  role: 'stable' as const,
  isFallback: false,
});

describe('JSON requests', () => {
  it('takes flat and nested data alike', () => {
    const flat = decodeJson(bodyOf({ shape: [2, 2], data: [1, 2, 3, 4] })).inputs[0];
    expect(
      decodeJson(
        bodyOf({
          shape: [2, 2],
          data: [
            [1, 2],
            [3, 4],
          ],
        }),
      ).inputs[0],
    ).toEqual(flat);
  });

  it.each([
    ['a text instead of JSON', Buffer.from('{"inputs":'), /the body is not JSON/],
    ['an array', Buffer.from('[]'), /must be a JSON object/],
    ['no inputs', Buffer.from('{"inputs":[]}'), /inputs must be an array with at least one tensor/],
    ['an input that is null', Buffer.from('{"inputs":[null]}'), /inputs\[0\]: must be an object/],
    ['too few elements', bodyOf({ data: [1] }), /shape \[2\] needs 2 elements, got 1/],
    ['too deep data', bodyOf({ data: [[[1, 2]]] }), /nested deeper than its 1 axes/],
    ['a negative axis', bodyOf({ shape: [-1] }), /axis sizes must be whole numbers from 0 on, not -1/],
    ['an enormous shape', bodyOf({ shape: [2 ** 30, 2 ** 30] }), /has too many elements/],
    ['an enormous axis of nothing', bodyOf({ shape: [0, 2 ** 40], data: [] }), /axis sizes must be at most 2147483647/],
    ['an unknown datatype', bodyOf({ datatype: 'FLOAT' }), /"FLOAT" is not a datatype of the protocol/],
    ['a text among numbers', bodyOf({ data: [1, '2'] }), /inputs\[0\]\.data\[1\]: must be FP32, not "2"/],
    ['a number out of range', bodyOf({ datatype: 'INT8', data: [1, 300] }), /must be INT8, not 300/],
    ['a negative UINT64', bodyOf({ datatype: 'UINT64', data: [1, -1] }), /must be UINT64, not -1/],
    [
      'an INT64 of 65 bits',
      Buffer.from(String(bodyOf({ datatype: 'INT64' })).replace('[1,2]', '[1,9223372036854775808]')),
      /must be INT64, not 9223372036854775808/,
    ],
    [
      'classification',
      bodyOf({}, { outputs: [{ name: 'y', parameters: { classification: 3 } }] }),
      /ask for the tensor/,
    ],
    ['a timeout in words', bodyOf({}, { parameters: { timeout: 'soon' } }), /parameters\.timeout must be microseconds/],
    ['parameters that are a list', bodyOf({}, { parameters: [] }), /parameters must be an object/],
    ['binary data that is not there', bodyOf({ data: undefined, parameters: { binary_data_size: 8 } }), /only 0 bytes/],
  ])('refuses %s, naming the field', (_, body, problem) => {
    expect(() => decodeJson(body)).toThrow(problem);
  });

  const hostile: Readonly<Record<string, string>> = {
    'an endlessly deep list': `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
    'an object that cannot become text': '{"toString":1,"valueOf":1}',
    'half a character': String.raw`"\ud83d"`,
    'a very long text': JSON.stringify('x'.repeat(1_000_000)),
    'a very long integer': '9'.repeat(100_000),
    nothing: 'null',
  };
  const places: Readonly<Record<string, (value: string) => string>> = {
    'the body': (value) => value,
    'an id': (value) => `{"id":${value},"inputs":[{"name":"x","datatype":"INT64","shape":[1],"data":[1]}]}`,
    'a name': (value) => `{"inputs":[{"name":${value},"datatype":"INT64","shape":[1],"data":[1,2]}]}`,
    'a datatype': (value) => `{"inputs":[{"name":"x","datatype":${value},"shape":[1],"data":[1]}]}`,
    'a shape': (value) => `{"inputs":[{"name":"x","datatype":"FP32","shape":${value},"data":[1]}]}`,
    'an axis': (value) =>
      `{"inputs":[{"name":"x","datatype":"FP32","shape":[2147483647,2147483647,2147483647,${value}],"data":[1]}]}`,
    data: (value) => `{"inputs":[{"name":"x","datatype":"BYTES","shape":[2],"data":${value}}]}`,
    'an element': (value) => `{"inputs":[{"name":"x","datatype":"INT64","shape":[1],"data":[${value}]}]}`,
    'a size': (value) =>
      `{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":${value}}}]}`,
    parameters: (value) => `{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"parameters":${value},"data":[1,2]}]}`,
    'a timeout': (value) =>
      `{"parameters":{"timeout":${value}},"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]}`,
    'an output': (value) =>
      `{"outputs":[{"name":${value}}],"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]}`,
  };
  it.each(Object.keys(places).flatMap((place) => Object.keys(hostile).map((value) => [value, place] as const)))(
    'takes %s for %s, or refuses it in a few words',
    (value, place) => {
      try {
        decodeJson(Buffer.from(places[place]!(hostile[value]!)));
      } catch (error) {
        expect((error as Error).name, String(error)).toBe('DomainError');
        expect((error as Error).message.length).toBeLessThan(300);
        expect((error as Error).message.isWellFormed()).toBe(true);
      }
    },
  );

  it('says of what is nested beyond measure that it is, also beside long integers', () => {
    const data = `[1234567890123456789,${'['.repeat(20_000)}${']'.repeat(20_000)}]`;
    const body = `{"inputs":[{"name":"x","datatype":"INT64","shape":[1,2],"data":${data}}]}`;
    expect(() => decodeJson(Buffer.from(body))).toThrow(/it is nested too deeply/);
  });

  it('never fails otherwise than by a DomainError, whatever the body', () => {
    const body = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(body, (bytes) => {
        try {
          decodeJson(Buffer.from(bytes));
        } catch (error) {
          expect((error as Error).name).toBe('DomainError');
        }
      }),
    );
  });
});

describe('JSON answers', () => {
  it('names model, version and id, and writes the elements', () => {
    const data = new Uint8Array(Float32Array.from([1.5, -2]).buffer);
    expect(JSON.parse(encodeJson(resultOf('FP32', [2], data), 'a"b'))).toEqual({
      id: 'a"b',
      model_name: 'm',
      model_version: '7',
      outputs: [{ name: 'y', datatype: 'FP32', shape: [2], data: [1.5, -2] }],
    });
  });

  it('writes null for floats that JSON cannot say', () => {
    const data = new Uint8Array(Float64Array.from([Number.NaN, Number.POSITIVE_INFINITY, 1]).buffer);
    expect(JSON.parse(encodeJson(resultOf('FP64', [3], data), undefined)).outputs[0].data).toEqual([null, null, 1]);
  });

  it('gives back every FP32, INT64 and string that went in', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
        const { inputs } = decodeJson(bodyOf({ shape: [values.length], data: values }));
        const text = encodeJson(resultOf('FP32', [values.length], inputs[0]!.data), undefined);
        expect(JSON.parse(text).outputs[0].data.map(Math.fround)).toEqual(
          values.map((value) => Math.fround(value) + 0),
        );
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (values) => {
        const { inputs } = decodeJson(bodyOf({ shape: [values.length], datatype: 'BYTES', data: values }));
        const text = encodeJson(resultOf('BYTES', [values.length], inputs[0]!.data), undefined);
        expect(JSON.parse(text).outputs[0].data).toEqual(values);
      }),
    );
  });
});

describe('integers beyond 2^53 and half floats, in JSON', () => {
  it.each([
    ['INT64', ['-9223372036854775808', '9223372036854775807', '-1', '9007199254740993']],
    ['UINT64', ['18446744073709551615', '0', '9007199254740993', '1']],
  ] as const)('%s keeps every digit', (datatype, values) => {
    const body = String(bodyOf({ datatype, shape: [4] })).replace('[1,2]', `[${values.join(',')}]`);
    const { inputs } = decodeJson(Buffer.from(body));
    const text = encodeJson(resultOf(datatype, [4], inputs[0]!.data), undefined);
    expect(text).toContain(`"data":[${values.join(',')}]`);
  });

  it.each(['FP16', 'BF16'] as const)('%s is rounded to the nearest and comes back', (datatype) => {
    const values = [0, 1, -2.5, 65_280, 1.001_953_125];
    const { inputs } = decodeJson(bodyOf({ datatype, shape: [5], data: values }));
    expect(inputs[0]?.data.byteLength).toBe(10);
    const back = JSON.parse(encodeJson(resultOf(datatype, [5], inputs[0]!.data), undefined)).outputs[0].data;
    expect(back).toEqual(datatype === 'FP16' ? values : [0, 1, -2.5, 65_280, 1]);
  });
});

describe('the binary tensor data extension', () => {
  const json = (inputs: object[], rest: object = {}) => Buffer.from(JSON.stringify({ inputs, ...rest }));
  const described = (name: string, datatype: string, shape: number[], size: number) => ({
    name,
    datatype,
    shape,
    parameters: { binary_data_size: size },
  });
  const decode = (header: Buffer, ...binary: Uint8Array[]) =>
    decodeRestRequest(Buffer.concat([header, ...binary]), header.byteLength, noSignature);

  it('takes the bytes behind the JSON as views, in the order of the inputs, beside inputs in JSON', () => {
    const [first, second] = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(2, 0, 0, 0, 104, 105)];
    const header = json([
      described('a', 'INT16', [2], 4),
      { name: 'b', datatype: 'BOOL', shape: [1], data: [true] },
      described('c', 'BYTES', [1], 6),
    ]);
    const body = Buffer.concat([header, first, second]);
    const { inputs } = decodeRestRequest(body, header.byteLength, noSignature);
    expect(inputs.map(({ data }) => [...data])).toEqual([[...first], [1], [...second]]);
    expect(inputs[0]?.data.buffer).toBe(body.buffer);
  });

  it.each([
    [
      'more than there is',
      () => decode(json([described('a', 'INT8', [4], 4)]), Uint8Array.of(1)),
      /only 1 bytes of binary data are left/,
    ],
    [
      'less than there is',
      () => decode(json([described('a', 'INT8', [1], 1)]), Uint8Array.of(1, 2)),
      /1 bytes of binary data belong to no input/,
    ],
    [
      'other than the shape needs',
      () => decode(json([described('a', 'INT32', [2], 4)]), Buffer.alloc(4)),
      /needs 2 elements, got 1/,
    ],
    [
      'no number',
      () => decode(json([described('a', 'INT8', [1], -1)]), Uint8Array.of(1)),
      /must be a number of bytes, not -1/,
    ],
    [
      'beside data',
      () => decode(json([{ ...described('a', 'INT8', [1], 1), data: [1] }]), Uint8Array.of(1)),
      /beside data/,
    ],
    [
      'a header beyond the body',
      () => decodeRestRequest(Buffer.from('{}'), 9, noSignature),
      /says 9 bytes of JSON, the body has 2/,
    ],
    [
      'BYTES that break off',
      () => decode(json([described('a', 'BYTES', [1], 5)]), Uint8Array.of(9, 0, 0, 0, 1)),
      /ends beyond the data/,
    ],
  ])('refuses sizes that are %s', (_, act, problem) => {
    expect(act).toThrow(problem);
  });

  it.each([
    ['all outputs', { parameters: { binary_data_output: true } }, [true, true]],
    ['none', {}, [false, false]],
    [
      'one of those asked for',
      { outputs: [{ name: 'y', parameters: { binary_data: true } }, { name: 'z' }] },
      [true, false],
    ],
    [
      'all but one',
      {
        parameters: { binary_data_output: true },
        outputs: [{ name: 'y' }, { name: 'z', parameters: { binary_data: false } }],
      },
      [true, false],
    ],
  ])('gives %s as binary data', (_, rest, binary) => {
    const { isBinary } = decode(json([described('a', 'INT8', [1], 1)], rest), Uint8Array.of(1));
    expect([isBinary('y'), isBinary('z')]).toEqual(binary);
    const outputs = [
      { name: 'y', datatype: 'INT8' as const, shape: [2], data: Uint8Array.of(1, 2) },
      { name: 'z', datatype: 'INT8' as const, shape: [1], data: Uint8Array.of(3) },
    ];
    const { body, headerLength } = encodeRestResponse(
      { ...resultOf('INT8', [], Uint8Array.of()), outputs },
      { id: 'i', isBinary },
    );
    const bytes = Buffer.from(body as Uint8Array);
    const head = JSON.parse(bytes.subarray(0, headerLength).toString());
    const sizes = head.outputs.map(
      (output: { parameters?: object; data?: number[] }) => output.parameters ?? output.data,
    );
    expect(sizes).toEqual([binary[0] ? { binary_data_size: 2 } : [1, 2], binary[1] ? { binary_data_size: 1 } : [3]]);
    const tail = headerLength === undefined ? [] : [...bytes.subarray(headerLength)];
    expect(tail).toEqual([...(binary[0] ? [1, 2] : []), ...(binary[1] ? [3] : [])]);
  });

  it('says in an answer that stable gave it because the candidate failed, and in no other', () => {
    const result = resultOf('INT8', [1], Uint8Array.of(1));
    const told = JSON.parse(encodeJson({ ...result, isFallback: true }, undefined));
    expect(told).toMatchObject({ parameters: { 'slipway-fallback': true }, outputs: [{ data: [1] }] });
    expect(JSON.parse(encodeJson({ ...result, isFallback: false }, undefined))).not.toHaveProperty('parameters');
  });

  describe('as nothing but the bytes', () => {
    const raw = (shape: number[], datatype: Datatype, bytes: number) => {
      const inputs = [{ name: 'x', datatype, shape }];
      return decodeRestRequest(Buffer.alloc(bytes, 1), 0, () => ({ inputs, outputs: [] }));
    };

    it.each([
      [[1, 4], 'FP32', 16, [1, 4]],
      [[-1, 4], 'FP32', 48, [3, 4]],
      [[-1, -1], 'INT64', 40, [1, 5]],
      [[], 'FP64', 8, []],
      [[-1], 'BYTES', 5, [1]],
    ] as const)('fills %j %s from %i bytes', (shape, datatype, bytes, expected) => {
      const decoded = raw([...shape], datatype, bytes);
      expect(decoded.inputs[0]?.shape).toEqual(expected);
      expect(decoded.isBinary('anything')).toBe(true);
    });

    it('refuses what bytes alone do not tell', () => {
      expect(() => raw([-1, -1, -1], 'FP32', 4)).toThrow(/several open axes/);
      expect(() => raw([1, 4], 'FP32', 15)).toThrow(/needs 4 elements/);
      expect(() => raw([2], 'BYTES', 4)).toThrow(/is more than one element/);
      const two = { inputs: ['x', 'y'].map((name) => ({ name, datatype: 'FP32' as const, shape: [1] })), outputs: [] };
      expect(() => decodeRestRequest(Buffer.alloc(4), 0, () => two)).toThrow(/the model has 2 inputs/);
    });
  });

  it('never fails otherwise than by a DomainError, whatever comes', () => {
    const signature = () => ({ inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 2] }], outputs: [] });
    const header = fc.record({
      inputs: fc.array(
        fc.record({
          name: fc.string(),
          datatype: fc.constantFrom('FP32', 'BYTES', 'INT8', 'X'),
          shape: fc.array(fc.oneof(fc.integer({ min: -1, max: 9 }), fc.double())),
          parameters: fc.oneof(fc.record({ binary_data_size: fc.oneof(fc.nat(20), fc.string()) }), fc.anything()),
        }),
      ),
      parameters: fc.anything(),
      outputs: fc.anything(),
    });
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 40 }), fc.option(fc.nat(60)), (document, tail, length) => {
        const text = Buffer.from(JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? 0 : value)));
        try {
          decodeRestRequest(Buffer.concat([text, tail]), length ?? text.byteLength, signature);
        } catch (error) {
          expect((error as Error).name).toBe('DomainError');
        }
      }),
    );
  });
});
