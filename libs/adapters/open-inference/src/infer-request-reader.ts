import type {
  InferParameter,
  InferTensorContents,
  ModelInferRequest,
  ModelInferRequest_InferInputTensor,
  ModelInferRequest_InferRequestedOutputTensor,
} from '#generated/inference/open_inference';
import { readTensorContents } from './tensor-contents-reader.ts';
import { malformed, WIRE_TYPE, WireReader } from './wire-reader.ts';

const MAX_TENSORS = 1000;
const MAX_PARAMETERS = 1000;
const MAX_AXES = 64;

type Parameters = Record<string, InferParameter>;
type ParameterChoice = NonNullable<InferParameter['parameterChoice']>;

/**
 * Reads an inference request from its bytes. A generated reader makes an object of every axis and element before anybody can look at
 * them, which turns a message of a few megabytes into seconds and gigabytes; here the numbers of axes, tensors and parameters have
 * bounds, and typed contents go into typed arrays.
 *
 * @returns a message whose arrays of numbers are typed arrays, and whose bytes are views.
 * @throws REQUEST_MALFORMED
 */
export function readInferRequest(bytes: Buffer): ModelInferRequest {
  const reader = new WireReader(bytes);
  const request: ModelInferRequest = {
    modelName: '',
    modelVersion: '',
    id: '',
    parameters: {},
    inputs: [],
    outputs: [],
    rawInputContents: [],
  };
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === delimited(1)) request.modelName = reader.string();
    else if (tag === delimited(2)) request.modelVersion = reader.string();
    else if (tag === delimited(3)) request.id = reader.string();
    else if (tag === delimited(4)) readParameter(reader.inner(), request.parameters);
    else if (tag === delimited(5)) bounded(request.inputs, 'inputs').push(readInput(reader.inner()));
    else if (tag === delimited(6)) bounded(request.outputs, 'outputs').push(readOutput(reader.inner()));
    else if (tag === delimited(7)) bounded(request.rawInputContents, 'raw_input_contents').push(reader.bytes());
    else reader.skip(tag);
  }
  return request;
}

function readInput(reader: WireReader): ModelInferRequest_InferInputTensor {
  const shape: bigint[] = [];
  const parameters: Parameters = {};
  let name = '';
  let datatype = '';
  let contents: InferTensorContents | undefined;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === delimited(1)) name = reader.string();
    else if (tag === delimited(2)) datatype = reader.string();
    else if (tag === delimited(3)) readAxes(reader.inner(), shape);
    else if (tag === varint(3)) readAxis(reader, shape);
    else if (tag === delimited(4)) readParameter(reader.inner(), parameters);
    else if (tag === delimited(5)) contents = readTensorContents(reader.inner());
    else reader.skip(tag);
  }
  return { name, datatype, shape, parameters, contents };
}

function readOutput(reader: WireReader): ModelInferRequest_InferRequestedOutputTensor {
  const parameters: Parameters = {};
  let name = '';
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === delimited(1)) name = reader.string();
    else if (tag === delimited(2)) readParameter(reader.inner(), parameters);
    else reader.skip(tag);
  }
  return { name, parameters };
}

function readAxes(reader: WireReader, shape: bigint[]): void {
  while (!reader.isAtEnd) readAxis(reader, shape);
}

function readAxis(reader: WireReader, shape: bigint[]): void {
  if (shape.length === MAX_AXES) throw malformed(`has a shape of more than ${MAX_AXES} axes`);
  shape.push(reader.int64());
}

/** An entry of a map. */
function readParameter(reader: WireReader, into: Parameters): void {
  let key = '';
  let value: InferParameter = { parameterChoice: undefined };
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === delimited(1)) key = reader.string();
    else if (tag === delimited(2)) value = { parameterChoice: readChoice(reader.inner()) };
    else reader.skip(tag);
  }
  if (!Object.hasOwn(into, key) && Object.keys(into).length === MAX_PARAMETERS)
    throw malformed(`has more than ${MAX_PARAMETERS} parameters in one place`);
  // A key may be any word, `__proto__` too.
  Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
}

function readChoice(reader: WireReader): ParameterChoice | undefined {
  let choice: ParameterChoice | undefined;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === varint(1)) choice = { $case: 'boolParam', value: reader.bool() };
    else if (tag === varint(2)) choice = { $case: 'int64Param', value: reader.int64() };
    else if (tag === delimited(3)) choice = { $case: 'stringParam', value: reader.string() };
    else if (tag === fixed64(4)) choice = { $case: 'doubleParam', value: reader.take(8).readDoubleLE() };
    else if (tag === varint(5)) choice = { $case: 'uint64Param', value: BigInt.asUintN(64, reader.int64()) };
    else reader.skip(tag);
  }
  return choice;
}

function bounded<T>(tensors: T[], what: string): T[] {
  if (tensors.length === MAX_TENSORS) throw malformed(`has more than ${MAX_TENSORS} ${what}`);
  return tensors;
}

const varint = (field: number) => field * 8 + WIRE_TYPE.varint;
const fixed64 = (field: number) => field * 8 + WIRE_TYPE.fixed64;
const delimited = (field: number) => field * 8 + WIRE_TYPE.delimited;
