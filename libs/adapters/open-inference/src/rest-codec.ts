import type { InferenceRequest, InferenceResult } from '#application/serving';
import { DomainError } from '#domain/errors';
import type { ModelSignature, Tensor } from '#domain/inference';
import { type BinaryTail, decodeBinaryTensor, decodeRawInput } from './binary-tensor.ts';
import { FALLBACK_JSON } from './fallback-parameter.ts';
import { decodeJsonTensor, encodeJsonData, type JsonInput } from './json-tensor.ts';
import {
  NO_PARAMETERS,
  type RequestParameters,
  readRequestParameters,
  refuseTensorParameters,
} from './request-parameters.ts';
import { parseTensorJson } from './tensor-json.ts';

/** A request body, decoded; the model is named by the URL. */
export interface DecodedBody extends Pick<InferenceRequest, 'inputs' | 'outputNames'>, RequestParameters {
  readonly id: string | undefined;
  /** Whether an output is wanted as binary data. */
  readonly isBinary: (outputName: string) => boolean;
}

/** A body to be sent. */
export interface EncodedBody {
  readonly body: string | Uint8Array;
  /** Set when binary data follows the JSON: for the header `Inference-Header-Content-Length`. */
  readonly headerLength: number | undefined;
}

/** What is told of an answer. */
export type EncodedResult = Pick<InferenceResult, 'outputs' | 'modelName' | 'modelVersion'> &
  Partial<Pick<InferenceResult, 'isFallback'>>;

const MAX_TENSORS = 1000;

/**
 * Decodes the body of an inference request: JSON, or JSON with the tensors' bytes behind it, or nothing but the bytes of the only input.
 *
 * @param headerLength bytes of JSON at the beginning, as `Inference-Header-Content-Length` says; without it all of the body.
 * @param signature of the model; asked for only where the body does not describe its tensor.
 * @throws REQUEST_MALFORMED when it is not JSON or not of the protocol's form
 * @throws TENSOR_INVALID when an input contradicts itself
 * @throws UNSUPPORTED for extensions that this server does not have
 * @see Open Inference Protocol v2, "Inference Request JSON Object", and Triton's binary tensor data extension
 */
export function decodeRestRequest(
  body: Buffer,
  headerLength: number | undefined,
  signature: () => ModelSignature,
): DecodedBody {
  if (headerLength === 0) {
    const inputs = [decodeRawInput(signature(), body)];
    return { id: undefined, inputs, outputNames: [], isBinary: () => true, ...NO_PARAMETERS };
  }
  if (headerLength !== undefined && headerLength > body.byteLength) {
    const problem = `the header says ${headerLength} bytes of JSON, the body has ${body.byteLength}`;
    throw new DomainError('REQUEST_MALFORMED', `inference-header-content-length: ${problem}`);
  }
  const { id, inputs, outputs, parameters } = parseObject(body.subarray(0, headerLength ?? body.byteLength));
  if (id !== undefined && typeof id !== 'string') throw malformed('id', 'must be a string');
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw malformed('inputs', 'must be an array with at least one tensor');
  if (inputs.length > MAX_TENSORS) throw malformed('inputs', `must have at most ${MAX_TENSORS} tensors`);
  const tail: BinaryTail = { bytes: body.subarray(headerLength ?? body.byteLength), taken: 0 };
  const decoded = inputs.map((input: JsonInput, index) => decodeInput(input, tail, `inputs[${index}]`));
  if (tail.taken < tail.bytes.byteLength) {
    const problem = `${tail.bytes.byteLength - tail.taken} bytes of binary data belong to no input`;
    throw new DomainError('REQUEST_MALFORMED', problem);
  }
  const parameter = (name: string) => parameterOf(parameters, name, 'parameters');
  const { timeoutMs, priority, sequence } = parameters === undefined ? NO_PARAMETERS : readRequestParameters(parameter);
  const { outputNames, isBinary } = decodeOutputs(outputs, readBinaryDefault(parameter('binary_data_output')));
  return { id, inputs: decoded, outputNames, isBinary, timeoutMs, priority, sequence, parameter };
}

/** Encodes an answer: outputs become text, or follow the JSON as they are. */
export function encodeRestResponse(
  { outputs, modelName, modelVersion, isFallback }: EncodedResult,
  { id, isBinary }: Pick<DecodedBody, 'id' | 'isBinary'>,
): EncodedBody {
  const binary: Uint8Array[] = [];
  const echo = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
  let json = `{${echo}"model_name":${JSON.stringify(modelName)},"model_version":"${modelVersion}",`;
  if (isFallback === true) json += FALLBACK_JSON;
  json += '"outputs":';
  let separator = '[';
  for (const output of outputs) {
    const { name, datatype, shape, data } = output;
    json += `${separator}{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}],`;
    separator = ',';
    if (isBinary(name)) {
      binary.push(data);
      json += `"parameters":{"binary_data_size":${data.byteLength}}}`;
    } else json += `"data":${encodeJsonData(output)}}`;
  }
  json += outputs.length === 0 ? '[]}' : ']}';
  if (binary.length === 0) return { body: json, headerLength: undefined };
  const header = Buffer.from(json);
  return { body: Buffer.concat([header, ...binary]), headerLength: header.byteLength };
}

function decodeInput(input: JsonInput, tail: BinaryTail, field: string): Tensor {
  const parameter = (name: string) => parameterOf(input?.parameters, name, `${field}.parameters`);
  refuseTensorParameters(parameter, field);
  const size = parameter('binary_data_size');
  return size === undefined ? decodeJsonTensor(input, field) : decodeBinaryTensor(input, size, tail, field);
}

function parseObject(body: Buffer): Record<string, unknown> {
  let document: unknown;
  try {
    document = parseTensorJson(body, hasLongIntegers);
  } catch (error) {
    throw new DomainError('REQUEST_MALFORMED', `the body is not JSON: ${(error as Error).message}`);
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document))
    return document as Record<string, unknown>;
  throw new DomainError('REQUEST_MALFORMED', 'the body must be a JSON object with `inputs`');
}

function hasLongIntegers(document: unknown): boolean {
  const { inputs, parameters } = (document ?? {}) as {
    inputs?: unknown;
    parameters?: { sequence_id?: unknown } | null;
  };
  // Of a sequence's number every digit counts.
  const sequence = parameters?.sequence_id;
  if (typeof sequence === 'number' && !Number.isSafeInteger(sequence)) return true;
  return (
    Array.isArray(inputs) &&
    inputs.some((input: JsonInput | null) => input?.datatype === 'INT64' || input?.datatype === 'UINT64')
  );
}

function decodeOutputs(outputs: unknown, isBinaryByDefault: boolean): Pick<DecodedBody, 'outputNames' | 'isBinary'> {
  if (outputs === undefined) return { outputNames: [], isBinary: () => isBinaryByDefault };
  if (!Array.isArray(outputs) || outputs.length > MAX_TENSORS)
    throw malformed('outputs', 'must be an array of objects');
  const isBinary = new Map<string, boolean>();
  outputs.forEach((output: { name?: unknown; parameters?: unknown } | null, index) => {
    const field = `outputs[${index}]`;
    if (typeof output?.name !== 'string') throw malformed(`${field}.name`, 'must be a string');
    const parameter = (name: string) => parameterOf(output.parameters, name, `${field}.parameters`);
    refuseTensorParameters(parameter, field);
    const own = parameter('binary_data');
    if (own !== undefined && typeof own !== 'boolean')
      throw malformed(`${field}.parameters.binary_data`, 'must be true or false');
    isBinary.set(output.name, own ?? isBinaryByDefault);
  });
  return { outputNames: [...isBinary.keys()], isBinary: (name) => isBinary.get(name) ?? isBinaryByDefault };
}

function readBinaryDefault(value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  throw malformed('parameters.binary_data_output', 'must be true or false');
}

function parameterOf(parameters: unknown, name: string, field: string): unknown {
  if (parameters === undefined || parameters === null) return undefined;
  if (typeof parameters !== 'object' || Array.isArray(parameters)) throw malformed(field, 'must be an object');
  return Object.hasOwn(parameters, name) ? (parameters as Record<string, unknown>)[name] : undefined;
}

function malformed(field: string, problem: string): DomainError {
  return new DomainError('REQUEST_MALFORMED', `${field} ${problem}`, { field });
}
