import { gzipSync } from 'node:zlib';
import { ModelInferRequest } from '#generated/inference/open_inference';
import type { RestBody } from './rest-caller.ts';
import type { seededRandom } from './seeded-random.ts';

type Random = ReturnType<typeof seededRandom>;

/** Models that give back what they get: whatever they are asked, they have no reason to fail. */
export const ECHOES = [
  { model: 'identity-fp32', datatype: 'FP32', sizeBytes: 4 },
  { model: 'identity-int64', datatype: 'INT64', sizeBytes: 8 },
  { model: 'identity-bool', datatype: 'BOOL', sizeBytes: 1 },
  { model: 'identity-bytes', datatype: 'BYTES', sizeBytes: undefined },
] as const;
type Echo = (typeof ECHOES)[number];

const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const LONG = 'x'.repeat(5000);
/** JSON texts that stand where something else is expected. */
const VALUES = [
  'null',
  'true',
  '-1',
  '0',
  '1e400',
  '-0',
  '0.5',
  '9223372036854775807',
  '18446744073709551616',
  '4294967296',
  '1e15',
  '""',
  '"FP32"',
  '"INT4"',
  '"given"',
  '"__proto__"',
  JSON.stringify(LONG),
  String.raw`"\ud83d"`,
  String.raw`"\u0000"`,
  '[]',
  '{}',
  '[[1],[2]]',
  '[null]',
  '{"toString":1,"valueOf":1}',
  '{"__proto__":{"data":[1]}}',
  '{"length":1000000000}',
  deep(50),
  deep(20_000),
  `[${'1,'.repeat(1000)}1]`,
];
const PARAMETERS = ['timeout', 'binary_data_output', 'binary_data_size', 'priority', 'sequence_id', 'classification'];
const SHAPES = [
  '[1,2]',
  '[0,5]',
  '[2,0]',
  '[-1,2]',
  '[1]',
  '[1,1,1]',
  '[4294967296,4294967296]',
  '[9007199254740993,1]',
];
const LENGTHS = ['', '0', '-1', '1e2', '007', ' 12', '12, 12', '9999999999', '99999999999999999999', '0x10', 'NaN'];

/** Writes requests that are wrong in one way or several, or almost right. */
export class HostileRequests {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A JSON request. */
  json(): { model: string; body: RestBody } {
    const echo = this.#random.pick(ECHOES);
    const bytes = Buffer.from(this.#maybe(0.3) ? this.#mutatedText(this.#jsonText(echo)) : this.#jsonText(echo));
    return { model: this.#model(echo), body: this.#withOddHeaders({ bytes, headers: {} }) };
  }

  /** A request with binary data behind its JSON. */
  binary(): { model: string; body: RestBody } {
    const { pick, count } = this.#random;
    const echo = pick(ECHOES);
    const data = this.#data(echo);
    const size = this.#maybe(0.3)
      ? pick(['-1', '1.5', '1e9', '"4"', '0', String(count(100))])
      : String(data.byteLength);
    const shape = this.#maybe(0.3) ? pick(SHAPES) : `[1,${this.#elements(echo, data)}]`;
    const tensor = `{"name":"given","datatype":"${echo.datatype}","shape":${shape},"parameters":{"binary_data_size":${size}}}`;
    const inputs = Array.from({ length: this.#maybe(0.1) ? count(5) : 1 }, () => tensor).join(',');
    const head = Buffer.from(this.#maybe(0.1) ? this.#mutatedText(`{"inputs":[${inputs}]}`) : `{"inputs":[${inputs}]}`);
    const whole = Buffer.concat([head, data]);
    const bytes = this.#maybe(0.2) ? whole.subarray(0, count(whole.byteLength)) : whole;
    const length = this.#maybe(0.2)
      ? pick([...LENGTHS, String(head.byteLength + count(40) - 20)])
      : String(head.byteLength);
    return {
      model: this.#model(echo),
      body: this.#withOddHeaders({ bytes, headers: { 'inference-header-content-length': length } }),
    };
  }

  /** A gRPC message. */
  message(): Buffer {
    const bytes = Buffer.from(ModelInferRequest.encode(this.#request()).finish());
    if (this.#maybe(0.5)) return bytes;
    return this.#mutatedBytes(bytes);
  }

  /** Bytes on a connection where a request is expected. */
  connection(): Buffer {
    const { pick, count } = this.#random;
    const { model, body } = this.#maybe(0.5) ? this.json() : this.binary();
    const headers = Object.entries(body.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = this.#maybe(0.3)
      ? pick(['-1', '5', '0', '99999999999', 'ten', '5, 5'])
      : String(body.bytes.byteLength);
    const framing = this.#maybe(0.2)
      ? pick(['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: chunked, gzip\r\nContent-Length: 4\r\n', ''])
      : `Content-Length: ${length}\r\n`;
    const line = `POST /v2/models/${model}/infer HTTP/1.1\r\nHost: x\r\n`;
    const whole = Buffer.concat([Buffer.from(`${line}${headers.join('')}${framing}\r\n`), body.bytes]);
    if (this.#maybe(0.4)) return this.#mutatedBytes(whole);
    return this.#maybe(0.5) ? whole.subarray(0, count(whole.byteLength)) : whole;
  }

  #jsonText(echo: Echo): string {
    const { pick, count } = this.#random;
    const elements = Array.from({ length: count(6) }, () => this.#element(echo));
    const fields: Record<string, string> = {
      name: '"given"',
      datatype: `"${echo.datatype}"`,
      shape: this.#maybe(0.2) ? pick(SHAPES) : `[1,${elements.length}]`,
      data: `[${elements.join(',')}]`,
    };
    if (this.#maybe(0.3)) fields[pick(Object.keys(fields))] = pick(VALUES);
    if (this.#maybe(0.1)) delete fields[pick(Object.keys(fields))];
    if (this.#maybe(0.1)) fields['parameters'] = this.#parametersText();
    const input = objectText(fields);
    const document: Record<string, string> = { inputs: `[${this.#maybe(0.1) ? `${input},${input}` : input}]` };
    if (this.#maybe(0.2)) document['parameters'] = this.#parametersText();
    if (this.#maybe(0.1)) document['id'] = pick(VALUES);
    if (this.#maybe(0.1)) document['outputs'] = this.#maybe(0.5) ? pick(VALUES) : `[{"name":${pick(VALUES)}}]`;
    if (this.#maybe(0.05)) document['inputs'] = pick(VALUES);
    return this.#maybe(0.02) ? pick(VALUES) : objectText(document);
  }

  #parametersText(): string {
    const { pick } = this.#random;
    return this.#maybe(0.2) ? pick(VALUES) : objectText({ [pick(PARAMETERS)]: pick(VALUES) });
  }

  #element({ datatype }: Echo): string {
    const { pick, count, random } = this.#random;
    if (this.#maybe(0.05)) return pick(VALUES);
    if (datatype === 'BYTES')
      return JSON.stringify(String.fromCodePoint(...Array.from({ length: count(5) }, () => count(0x1ffff))));
    if (datatype === 'BOOL') return pick(['true', 'false']);
    return datatype === 'INT64' ? String(count(2 ** 31) - 2 ** 30) : String(random() * 1e6);
  }

  #data({ sizeBytes }: Echo): Buffer {
    const { count } = this.#random;
    if (sizeBytes !== undefined) return this.#bytes(count(40) * sizeBytes + (this.#maybe(0.1) ? 1 : 0));
    const elements = Array.from({ length: count(10) }, () => {
      const text = this.#bytes(count(20));
      const prefix = Buffer.alloc(4);
      prefix.writeUInt32LE(this.#maybe(0.05) ? count(2 ** 32) : text.byteLength);
      return Buffer.concat([prefix, text]);
    });
    return Buffer.concat(elements);
  }

  #elements({ sizeBytes }: Echo, data: Buffer): number {
    return sizeBytes === undefined ? this.#random.count(10) : Math.floor(data.byteLength / sizeBytes);
  }

  #request(): ModelInferRequest {
    const { pick, count } = this.#random;
    const echo = pick(ECHOES);
    const isRaw = this.#maybe(0.6);
    const data = this.#data(echo);
    const numbers = Array.from({ length: count(10) }, () => count(100));
    const contents = {
      boolContents: numbers.map((value) => value > 50),
      int64Contents: numbers.map(BigInt),
      fp32Contents: numbers,
      bytesContents: numbers.map((length) => this.#bytes(length)),
    };
    const width = isRaw ? this.#elements(echo, data) : numbers.length;
    const shape = this.#maybe(0.3) ? this.#axes() : [1n, BigInt(width)];
    const input = {
      name: this.#maybe(0.1) ? pick(['', LONG, '__proto__', 'other']) : 'given',
      datatype: this.#maybe(0.1) ? pick(['FP64', '', LONG, 'constructor']) : echo.datatype,
      shape,
      ...(isRaw ? {} : { contents }),
    };
    return ModelInferRequest.fromPartial({
      modelName: this.#maybe(0.05) ? pick(['', LONG, '../..', 'identity']) : echo.model,
      modelVersion: this.#maybe(0.05) ? pick(['2', '-1', LONG]) : '',
      inputs: Array.from({ length: this.#maybe(0.1) ? count(4) : 1 }, () => input),
      outputs: this.#maybe(0.1)
        ? Array.from({ length: count(4) }, () => ({ name: pick(['same', 'other', LONG]) }))
        : [],
      rawInputContents: isRaw ? Array.from({ length: this.#maybe(0.1) ? count(4) : 1 }, () => data) : [],
      parameters: this.#maybe(0.2) ? { [pick(PARAMETERS)]: { parameterChoice: this.#choice() } } : {},
    });
  }

  #axes(): bigint[] {
    const { pick, count } = this.#random;
    const sizes = [0n, 1n, 2n, -1n, 2n ** 31n, 2n ** 40n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)];
    return Array.from({ length: this.#maybe(0.1) ? count(200) : count(5) }, () => pick(sizes));
  }

  #choice(): { $case: 'int64Param'; value: bigint } | { $case: 'stringParam'; value: string } {
    const { pick } = this.#random;
    if (this.#maybe(0.5)) return { $case: 'int64Param', value: pick([0n, -1n, 1n, 1000n, 2n ** 62n]) };
    return { $case: 'stringParam', value: pick(['', '12', `a${'😀'.repeat(40)}`, LONG]) };
  }

  #model({ model }: Echo): string {
    if (!this.#maybe(0.02)) return model;
    return this.#random.pick([
      'nobody',
      '%00',
      '..%2f..',
      'a'.repeat(300),
      '%ff',
      `${model}/versions/9`,
      model.toUpperCase(),
    ]);
  }

  #withOddHeaders({ bytes, headers }: RestBody): RestBody {
    const { pick } = this.#random;
    if (!this.#maybe(0.1)) return { bytes, headers: { 'content-type': 'application/json', ...headers } };
    if (this.#maybe(0.3)) {
      const zipped = gzipSync(bytes, { level: 1 });
      return {
        bytes: this.#maybe(0.5) ? zipped : this.#mutatedBytes(zipped),
        headers: { ...headers, 'content-encoding': 'gzip' },
      };
    }
    const odd = pick([
      { 'content-encoding': pick(['gzip', 'deflate', 'br', 'identity', 'gzip, gzip']) },
      {
        'content-type': pick([
          '',
          'text/plain',
          'application/json; charset=utf-16',
          'multipart/form-data',
          '*/*',
          '\t',
        ]),
      },
      { 'inference-header-content-length': pick(LENGTHS) },
      { 'accept-encoding': pick(['gzip', 'deflate', 'br', '']) },
    ]);
    return { bytes, headers: { ...headers, ...odd } as Record<string, string> };
  }

  #mutatedText(text: string): string {
    const { count, pick } = this.#random;
    const at = count(text.length);
    const kind = count(4);
    if (kind === 0) return text.slice(0, at);
    if (kind === 1) return text.slice(0, at) + pick(VALUES) + text.slice(at);
    if (kind === 2) return text.slice(0, at) + text.slice(at + count(10));
    return text.slice(0, at) + String.fromCharCode(count(0x3000)) + text.slice(at + 1);
  }

  #mutatedBytes(given: Buffer): Buffer {
    const { count } = this.#random;
    let bytes = Buffer.from(given);
    for (let edits = count(4); edits >= 0 && bytes.byteLength > 0; edits -= 1) {
      const at = count(bytes.byteLength);
      const kind = count(4);
      if (kind === 0) bytes[at] = count(256);
      else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count(8))]);
      else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), this.#bytes(count(8)), bytes.subarray(at)]);
      else bytes = bytes.subarray(0, at);
    }
    return bytes;
  }

  #bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#random.count(256)));
  }

  #maybe(share: number): boolean {
    return this.#random.random() < share;
  }
}

function objectText(fields: Readonly<Record<string, string>>): string {
  const entries = Object.entries(fields).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  return `{${entries.join(',')}}`;
}
