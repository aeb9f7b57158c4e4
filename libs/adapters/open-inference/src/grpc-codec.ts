import type { InferenceRequest, InferenceResult } from '#application/serving';
import { DomainError, shown } from '#domain/errors';
import {
  type Datatype,
  elementCount,
  isDatatype,
  shownShape,
  type Tensor,
  validateByteLength,
} from '#domain/inference';
import type {
  InferParameter,
  InferTensorContents,
  ModelInferRequest,
  ModelInferRequest_InferInputTensor,
  ModelInferResponse,
} from '#generated/inference/open_inference';
import { FALLBACK_PARAMETERS } from './fallback-parameter.ts';
import { readRequestParameters, refuseTensorParameters } from './request-parameters.ts';

/**
 * Decodes a gRPC inference request. Raw contents become views over the message; typed contents are packed once.
 *
 * @throws REQUEST_MALFORMED, TENSOR_INVALID, UNSUPPORTED
 */
export function decodeGrpcRequest(request: ModelInferRequest): InferenceRequest {
  const { modelName, modelVersion, inputs, outputs, rawInputContents, parameters } = request;
  if (rawInputContents.length > 0 && rawInputContents.length !== inputs.length) {
    const counts = `${rawInputContents.length} raw_input_contents for ${inputs.length} inputs`;
    throw new DomainError('REQUEST_MALFORMED', `${counts}: give one for each, or none`);
  }
  return {
    modelName,
    modelVersion,
    inputs: inputs.map((input, index) => decodeInput(input, rawInputContents[index], `inputs[${index}]`)),
    outputNames: outputs.map((output, index) => {
      refuseTensorParameters(valueIn(output.parameters), `outputs[${index}]`);
      return output.name;
    }),
    ...readRequestParameters(valueIn(parameters)),
  };
}

/** Encodes an answer with raw contents, whatever form the request had: every client reads them, and they need no conversion. */
export function encodeGrpcResponse(result: InferenceResult, id: string): ModelInferResponse {
  return {
    modelName: result.modelName,
    modelVersion: String(result.modelVersion),
    id,
    parameters: result.isFallback ? FALLBACK_PARAMETERS : {},
    outputs: result.outputs.map(({ name, datatype, shape }) => ({
      name,
      datatype,
      shape: shape.map(BigInt),
      parameters: {},
      contents: undefined,
    })),
    rawOutputContents: result.outputs.map((output) => output.data),
  };
}

function valueIn(parameters: Readonly<Record<string, InferParameter>>): (name: string) => unknown {
  return (name) => (Object.hasOwn(parameters, name) ? parameters[name]?.parameterChoice?.value : undefined);
}

function decodeInput(
  { name, datatype, shape, contents, parameters }: ModelInferRequest_InferInputTensor,
  raw: Uint8Array | undefined,
  field: string,
): Tensor {
  if (!isDatatype(datatype)) throw invalid(`${field}.datatype`, `${shown(datatype)} is not a datatype of the protocol`);
  refuseTensorParameters(valueIn(parameters), field);
  const sizes = shape.map(Number);
  if (raw !== undefined) {
    const tensor = { name, datatype, shape: sizes, data: raw };
    validateByteLength(tensor, `raw_${field}`);
    return tensor;
  }
  if (contents === undefined)
    throw invalid(`${field}.contents`, `input ${shown(name)} has neither typed nor raw contents`);
  const values = valuesOf(datatype, contents, field);
  const count = elementCount(sizes, `${field}.shape`);
  if (values.length !== count) {
    throw invalid(`${field}.contents`, `shape ${shownShape(sizes)} needs ${count} elements, got ${values.length}`);
  }
  return { name, datatype, shape: sizes, data: pack(datatype, values) };
}

type Values = readonly boolean[] | readonly number[] | readonly bigint[] | readonly Uint8Array[];

/** The repeated field that the protocol assigns to a datatype. */
function valuesOf(datatype: Datatype, contents: InferTensorContents, field: string): Values {
  switch (datatype) {
    case 'BOOL':
      return contents.boolContents;
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return contents.intContents;
    case 'INT64':
      return contents.int64Contents;
    case 'UINT8':
    case 'UINT16':
    case 'UINT32':
      return contents.uintContents;
    case 'UINT64':
      return contents.uint64Contents;
    case 'FP32':
      return contents.fp32Contents;
    case 'FP64':
      return contents.fp64Contents;
    case 'BYTES':
      return contents.bytesContents;
    default:
      throw invalid(`${field}.contents`, `${datatype} has no typed contents: send it as raw_input_contents`);
  }
}

function pack(datatype: Datatype, values: Values): Uint8Array {
  switch (datatype) {
    case 'BOOL':
      return Uint8Array.from(values as boolean[], (value) => (value ? 1 : 0));
    case 'INT8':
      return bytesOf(Int8Array.from(values as number[]));
    case 'INT16':
      return bytesOf(Int16Array.from(values as number[]));
    case 'INT32':
      return bytesOf(Int32Array.from(values as number[]));
    case 'UINT8':
      return Uint8Array.from(values as number[]);
    case 'UINT16':
      return bytesOf(Uint16Array.from(values as number[]));
    case 'UINT32':
      return bytesOf(Uint32Array.from(values as number[]));
    case 'INT64':
      return bytesOf(BigInt64Array.from(values as bigint[]));
    case 'UINT64':
      return bytesOf(BigUint64Array.from(values as bigint[]));
    case 'FP32':
      return bytesOf(Float32Array.from(values as number[]));
    case 'FP64':
      return bytesOf(Float64Array.from(values as number[]));
    default:
      return packBytes(values as Uint8Array[]);
  }
}

function packBytes(elements: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.alloc(elements.reduce((total, element) => total + 4 + element.byteLength, 0));
  let at = 0;
  for (const element of elements) {
    bytes.writeUInt32LE(element.byteLength, at);
    bytes.set(element, at + 4);
    at += 4 + element.byteLength;
  }
  return bytes;
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function invalid(field: string, problem: string): DomainError {
  return new DomainError('TENSOR_INVALID', `${field}: ${problem}`, { field });
}
