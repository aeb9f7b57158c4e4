import type { InferenceRequest, InferenceResult } from '#application/serving';
import { DomainError } from '#domain/errors';
import { elementCount, type ModelSignature, type Tensor, type TensorSpec } from '#domain/inference';
import { parseExactly } from './exact-json.ts';
import { decodeJsonTensor, encodeJsonData } from './json-tensor.ts';
import { type RequestParameters, readRequestParameters } from './request-parameters.ts';

/** A decoded request of the generate extension; the model is named by the URL. */
export interface GenerateRequest extends Pick<InferenceRequest, 'inputs' | 'outputNames'>, RequestParameters {
  readonly id: string | undefined;
}

/**
 * Decodes a request of the generate extension: a JSON object whose keys are the model's inputs, beside `id` and `parameters`. What is
 * no input is a parameter. Values are flat or nested; how they fill the input's shape follows from their number, and open axes other
 * than the innermost are 1.
 *
 * @throws REQUEST_MALFORMED, TENSOR_INVALID
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_generate.md
 */
export function decodeGenerateRequest(body: Buffer, signature: ModelSignature): GenerateRequest {
  const { id, parameters, ...values } = parseObject(body);
  if (id !== undefined && typeof id !== 'string') throw malformed('id', 'must be a string');
  const named = parametersOf(parameters);
  const inputs: Tensor[] = [];
  for (const [name, value] of Object.entries(values)) {
    const spec = signature.inputs.find((input) => input.name === name);
    if (spec !== undefined) inputs.push(tensorOf(spec, value));
    else if (isParameter(value)) named.set(name, value);
    else throw malformed(name, `is no input of the model, and no parameter: ${namesOf(signature)}`);
  }
  return { id, inputs, outputNames: [], ...readRequestParameters((name) => named.get(name)) };
}

/** Encodes an answer: a key for each output, with its elements in a flat array, or alone where it is one. */
export function encodeGenerateResponse(
  { outputs, modelName, modelVersion }: InferenceResult,
  { id }: Pick<GenerateRequest, 'id'>,
): string {
  const echo = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
  const head = `"model_name":${JSON.stringify(modelName)},"model_version":"${modelVersion}"`;
  const values = outputs.map((output) => {
    const elements = encodeJsonData(output);
    const isOne = output.shape.every((size) => size === 1);
    return `,${JSON.stringify(output.name)}:${isOne ? elements.slice(1, -1) : elements}`;
  });
  return `{${echo}${head}${values.join('')}}`;
}

function parseObject(body: Buffer): Record<string, unknown> {
  let document: unknown;
  try {
    document = parseExactly(body.toString('utf8'), () => true);
  } catch (error) {
    throw new DomainError('REQUEST_MALFORMED', `the body is not JSON: ${(error as Error).message}`);
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document))
    return document as Record<string, unknown>;
  throw new DomainError('REQUEST_MALFORMED', 'the body must be a JSON object with a key for each input');
}

function parametersOf(parameters: unknown): Map<string, unknown> {
  if (parameters === undefined || parameters === null) return new Map();
  if (typeof parameters !== 'object' || Array.isArray(parameters)) throw malformed('parameters', 'must be an object');
  return new Map(Object.entries(parameters));
}

function isParameter(value: unknown): boolean {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
}

function tensorOf(spec: TensorSpec, value: unknown): Tensor {
  const data = Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
  const { name, datatype } = spec;
  return decodeJsonTensor({ name, datatype, shape: shapeFor(spec, data.length), data }, name);
}

/** The shape that so many elements fill. */
function shapeFor({ name, shape }: TensorSpec, count: number): number[] {
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const innermost = shape.lastIndexOf(-1);
  const open = known === 0 ? 0 : Math.floor(count / known);
  const filled = shape.map((size, axis) => (axis === innermost ? open : size === -1 ? 1 : size));
  if (elementCount(filled, name) === count) return filled;
  const problem = `${count} elements do not fill shape [${shape.join(',')}] (-1: any size)`;
  throw new DomainError('TENSOR_INVALID', `${name}: ${problem}`, { field: name });
}

function namesOf({ inputs }: ModelSignature): string {
  return `the inputs are ${inputs.map(({ name }) => name).join(', ')}`;
}

function malformed(field: string, problem: string): DomainError {
  return new DomainError('REQUEST_MALFORMED', `${field.slice(0, 100)} ${problem}`, { field });
}
