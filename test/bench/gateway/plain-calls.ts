import type { HttpCall, Reply } from './call.ts';
import { type BenchTensor, bytesOf, numbersIn, type Workload } from './workload.ts';

/** The calls of servers that leave the form of requests to their users: a JSON object of nested lists by tensor name. */
export function plainJsonCall(url: string, inputs: readonly BenchTensor[]): HttpCall {
  const lists = Object.fromEntries(inputs.map(({ name, shape, data }) => [name, nest(data, shape)]));
  return {
    kind: 'http',
    url,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(lists)),
    decode: ({ body }) => flattenAll(JSON.parse(body.toString()) as Record<string, Nested>),
  };
}

/** The tensors' bytes, one after the other, and nothing else. */
export function plainBinaryCall(url: string, { inputs, expected }: Workload): HttpCall {
  return {
    kind: 'http',
    url,
    headers: { 'content-type': 'application/octet-stream' },
    body: Buffer.concat(inputs.map(bytesOf)),
    decode: ({ body }) => {
      let at = 0;
      const decoded: Record<string, readonly number[]> = {};
      for (const { name, datatype, data } of expected) {
        const end = at + data.length * 4;
        decoded[name] = numbersIn(body.subarray(at, end), datatype);
        at = end;
      }
      return decoded;
    },
  };
}

/** BentoML's: one array, in which the inputs of a row lie side by side; the answer is one array alike. */
export function stackedJsonCall(url: string, { inputs, expected }: Workload): HttpCall {
  const nested = inputs.map(({ data, shape }) => nest(data, shape) as readonly Nested[]);
  const [first = []] = nested;
  const input = nested.length === 1 ? first : first.map((_, row) => nested.map((tensor) => tensor[row] ?? []));
  return {
    kind: 'http',
    url,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ input })),
    decode: (reply) => decodeStacked(reply, expected),
  };
}

function decodeStacked({ body }: Reply, expected: readonly BenchTensor[]): Record<string, readonly number[]> {
  const answer = JSON.parse(body.toString()) as readonly Nested[];
  const [only] = expected;
  if (expected.length === 1 && only !== undefined) return { [only.name]: flatten(answer) };
  return Object.fromEntries(
    expected.map(({ name }, index) => [
      name,
      answer.flatMap((row) => flatten((row as readonly Nested[])[index] ?? [])),
    ]),
  );
}

type Nested = number | readonly Nested[];

function nest(data: readonly number[], shape: readonly number[]): Nested {
  const [count = 0, ...rest] = shape;
  if (rest.length === 0) return data;
  const size = data.length / count;
  return Array.from({ length: count }, (_, index) => nest(data.slice(index * size, (index + 1) * size), rest));
}

function flatten(nested: Nested): number[] {
  return typeof nested === 'number' ? [nested] : nested.flatMap(flatten);
}

function flattenAll(outputs: Readonly<Record<string, Nested>>): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(outputs).map(([name, nested]) => [name, flatten(nested)]));
}
