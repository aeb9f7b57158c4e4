import type { ModelInspection } from '#application/registry';
import { DomainError } from '#domain/errors';
import type { Datatype, TensorSpec } from '#domain/inference';
import { type ProtoField, ProtoReader } from './proto-reader.ts';

/** Bounds on what is looked at; real models stay far below. */
const MAX_DEPTH = 32;
const MAX_VALUES = 10_000;
const MAX_NAME_BYTES = 1024;
const MAX_AXES = 64;

/** Field numbers of onnx.proto3. */
const MODEL = { irVersion: 1, producerName: 2, producerVersion: 3, graph: 7, opsetImport: 8, functions: 25 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 };
const NODE = { attribute: 5 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 };
const TENSOR = { name: 8, externalData: 13, dataLocation: 14 };
const SPARSE = { values: 1, indices: 2 };
const FUNCTION = { node: 7 };
const VALUE = { name: 1, type: 2 };
const TYPE = { tensor: 1 };
const TENSOR_TYPE = { elementType: 1, shape: 2 };
const SHAPE = { dimension: 1 };
const DIMENSION = { value: 1 };
const OPSET = { domain: 1, version: 2 };
const EXTERNAL_LOCATION = 1n;

/** TensorProto.DataType to the protocol's datatypes; the others (complex, 8-bit and 4-bit floats) cannot travel. */
const DATATYPES: Readonly<Record<number, Datatype>> = {
  1: 'FP32',
  2: 'UINT8',
  3: 'INT8',
  4: 'UINT16',
  5: 'INT16',
  6: 'INT32',
  7: 'INT64',
  8: 'BYTES',
  9: 'BOOL',
  10: 'FP16',
  11: 'FP64',
  12: 'UINT32',
  13: 'UINT64',
  16: 'BF16',
};

/**
 * Reads the signature, operator sets and producer of an ONNX ModelProto, and refuses models that reach outside their own bytes.
 * Weights are skipped, not copied; work is linear in the number of fields.
 *
 * External data is refused wherever a tensor can stand (initializers, attributes, sparse tensors, subgraphs, functions): given a
 * model as bytes, ONNX Runtime resolves it against the working directory of its process.
 *
 * @throws MODEL_FILE_INVALID saying what is wrong, and where.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
export function readOnnxModel(bytes: Uint8Array): ModelInspection {
  let graph: ProtoReader | undefined;
  let irVersion = 0n;
  let producer = '';
  let producerVersion = '';
  const opsets: Record<string, number> = {};
  for (const field of new ProtoReader(bytes).fields()) {
    if (field.number === MODEL.irVersion && field.kind === 'varint') irVersion = field.value;
    if (field.kind !== 'bytes') continue;
    if (field.number === MODEL.producerName) producer = field.value.text(MAX_NAME_BYTES);
    if (field.number === MODEL.producerVersion) producerVersion = field.value.text(MAX_NAME_BYTES);
    if (field.number === MODEL.opsetImport) Object.assign(opsets, readOpset(field.value));
    if (field.number === MODEL.functions) assertFunctionIsInline(field.value);
    if (field.number === MODEL.graph) {
      // Protocol Buffers merges repeated singular messages; no exporter writes that, and readers differ over it.
      if (graph !== undefined) throw invalid('has two graphs');
      graph = field.value;
    }
  }
  if (irVersion === 0n) throw invalid('has no IR version');
  if (graph === undefined) throw invalid('has no graph');
  if (Object.keys(opsets).length === 0) throw invalid('imports no operator set');
  return { signature: readGraph(graph), opsets, producer: `${producer} ${producerVersion}`.trim() };
}

function readGraph(graph: ProtoReader): { inputs: TensorSpec[]; outputs: TensorSpec[] } {
  const inputs: TensorSpec[] = [];
  const outputs: TensorSpec[] = [];
  const initialized = new Set<string>();
  for (const field of graph.fields()) {
    if (field.kind !== 'bytes') continue;
    if (field.number === GRAPH.input) inputs.push(readValue(field.value, 'input', inputs.length));
    if (field.number === GRAPH.output) outputs.push(readValue(field.value, 'output', outputs.length));
    if (field.number === GRAPH.initializer) initialized.add(assertTensorIsInline(field.value));
    else assertPartIsInline(field, 0);
  }
  const fed = inputs.filter((input) => !initialized.has(input.name));
  if (fed.length === 0) throw invalid('has no inputs');
  if (outputs.length === 0) throw invalid('has no outputs');
  assertDistinct(fed, 'input');
  assertDistinct(outputs, 'output');
  return { inputs: fed, outputs };
}

function readValue(value: ProtoReader, role: string, count: number): TensorSpec {
  if (count >= MAX_VALUES) throw invalid(`has more than ${MAX_VALUES} ${role}s`);
  let name = '';
  let tensorType: ProtoReader | undefined;
  for (const field of value.fields()) {
    if (field.kind !== 'bytes') continue;
    if (field.number === VALUE.name) name = field.value.text(MAX_NAME_BYTES);
    if (field.number !== VALUE.type) continue;
    for (const type of field.value.fields()) {
      if (type.number === TYPE.tensor && type.kind === 'bytes') tensorType = type.value;
    }
  }
  if (name === '') throw invalid(`has an ${role} without a name`);
  if (tensorType === undefined) throw invalid(`has an ${role} ${JSON.stringify(name)} that is not a tensor`);
  return { name, ...readTensorType(tensorType, `${role} ${JSON.stringify(name)}`) };
}

function readTensorType(type: ProtoReader, what: string): { datatype: Datatype; shape: number[] } {
  let datatype: Datatype | undefined;
  let shape: number[] | undefined;
  for (const field of type.fields()) {
    if (field.number === TENSOR_TYPE.elementType && field.kind === 'varint') {
      datatype = DATATYPES[Number(field.value)];
      if (datatype === undefined)
        throw invalid(`has an ${what} of element type ${field.value}, which cannot be served`);
    }
    if (field.number === TENSOR_TYPE.shape && field.kind === 'bytes') shape = readShape(field.value, what);
  }
  if (datatype === undefined) throw invalid(`has an ${what} without an element type`);
  if (shape === undefined)
    throw invalid(`has an ${what} without a shape: export it with one, with free axes where needed`);
  return { datatype, shape };
}

function readShape(shape: ProtoReader, what: string): number[] {
  const axes: number[] = [];
  for (const field of shape.fields()) {
    if (field.number !== SHAPE.dimension || field.kind !== 'bytes') continue;
    if (axes.length >= MAX_AXES) throw invalid(`has an ${what} of more than ${MAX_AXES} axes`);
    let size = -1;
    for (const dimension of field.value.fields()) {
      if (dimension.number !== DIMENSION.value || dimension.kind !== 'varint') continue;
      const signed = BigInt.asIntN(64, dimension.value);
      if (signed > 2n ** 31n - 1n) throw invalid(`has an ${what} with an axis of ${signed}`);
      // Some exporters write 0 or -1 for a free axis.
      size = signed > 0n ? Number(signed) : -1;
    }
    axes.push(size);
  }
  return axes;
}

function readOpset(opset: ProtoReader): Record<string, number> {
  let domain = '';
  let version = 0;
  for (const field of opset.fields()) {
    if (field.number === OPSET.domain && field.kind === 'bytes') domain = field.value.text(MAX_NAME_BYTES);
    if (field.number === OPSET.version && field.kind === 'varint') version = Number(BigInt.asUintN(31, field.value));
  }
  return { [domain === '' ? 'ai.onnx' : domain]: version };
}

/** The parts of a graph, a subgraph or a function in which a tensor can hide. */
function assertPartIsInline(field: ProtoField, depth: number): void {
  if (field.kind !== 'bytes') return;
  if (field.number === GRAPH.node) assertNodeIsInline(field.value, depth);
  if (field.number === GRAPH.initializer) assertTensorIsInline(field.value);
  if (field.number === GRAPH.sparseInitializer) assertSparseIsInline(field.value);
}

function assertGraphIsInline(graph: ProtoReader, depth: number): void {
  if (depth > MAX_DEPTH) throw invalid(`nests graphs deeper than ${MAX_DEPTH}`);
  for (const field of graph.fields()) assertPartIsInline(field, depth);
}

function assertFunctionIsInline(definition: ProtoReader): void {
  for (const field of definition.fields()) {
    if (field.number === FUNCTION.node && field.kind === 'bytes') assertNodeIsInline(field.value, 0);
  }
}

function assertNodeIsInline(node: ProtoReader, depth: number): void {
  for (const field of node.fields()) {
    if (field.number !== NODE.attribute || field.kind !== 'bytes') continue;
    for (const attribute of field.value.fields()) assertAttributeIsInline(attribute, depth);
  }
}

function assertAttributeIsInline(field: ProtoField, depth: number): void {
  if (field.kind !== 'bytes') return;
  const { number, value } = field;
  if (number === ATTRIBUTE.tensor || number === ATTRIBUTE.tensors) assertTensorIsInline(value);
  if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) assertGraphIsInline(value, depth + 1);
  if (number === ATTRIBUTE.sparseTensor || number === ATTRIBUTE.sparseTensors) assertSparseIsInline(value);
}

function assertSparseIsInline(sparse: ProtoReader): void {
  for (const field of sparse.fields()) {
    const isTensor = field.number === SPARSE.values || field.number === SPARSE.indices;
    if (isTensor && field.kind === 'bytes') assertTensorIsInline(field.value);
  }
}

/** @returns the tensor's name. */
function assertTensorIsInline(tensor: ProtoReader): string {
  let name = '';
  let isExternal = false;
  for (const field of tensor.fields()) {
    if (field.number === TENSOR.name && field.kind === 'bytes') name = field.value.text(MAX_NAME_BYTES);
    if (field.number === TENSOR.externalData) isExternal = true;
    if (field.number === TENSOR.dataLocation && field.kind === 'varint')
      isExternal ||= field.value === EXTERNAL_LOCATION;
  }
  if (isExternal) throw invalid(`keeps tensor ${JSON.stringify(name)} in another file: export it as one file`);
  return name;
}

function assertDistinct(specs: readonly TensorSpec[], role: string): void {
  const names = new Set(specs.map((spec) => spec.name));
  if (names.size !== specs.length) throw invalid(`has two ${role}s of one name`);
}

function invalid(problem: string): DomainError {
  return new DomainError('MODEL_FILE_INVALID', `the ONNX model ${problem}`);
}
