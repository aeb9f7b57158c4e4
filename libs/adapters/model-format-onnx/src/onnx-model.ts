import type { ExternalData, ModelInspection } from '#application/registry';
import { DomainError } from '#domain/errors';
import type { Datatype, TensorSpec } from '#domain/inference';
import type { ByteSource } from './byte-source.ts';
import { type ProtoField, ProtoReader } from './proto-reader.ts';

/** Bounds on what is looked at; real models stay far below. */
const MAX_DEPTH = 32;
const MAX_VALUES = 10_000;
const MAX_NAME_BYTES = 1024;
const MAX_AXES = 64;
const MAX_OPERATORS = 2000;
const MAX_EXTERNAL = 100_000;
const MAX_LOCATION_BYTES = 1024;

/** Field numbers of onnx.proto3. */
const MODEL = { irVersion: 1, producerName: 2, producerVersion: 3, graph: 7, opsetImport: 8, functions: 25 };
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 };
const NODE = { operator: 4, attribute: 5, domain: 7 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 };
const TENSOR = { dims: 1, name: 8, externalData: 13, dataLocation: 14 };
const ENTRY = { key: 1, value: 2 };
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
 * Reads what an ONNX ModelProto says of itself: signature, operator sets, producer, operators, and every reference to data outside
 * the file, wherever a tensor can stand (initializers, attributes, sparse tensors, subgraphs, functions). Weights are skipped, not
 * read; work is linear in the number of fields.
 *
 * @throws MODEL_FILE_INVALID saying what is wrong, and where.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
export function readOnnxModel(source: ByteSource): ModelInspection {
  const findings: Findings = { external: [], operators: new Map(), parameterCount: 0 };
  let graph: ProtoReader | undefined;
  let irVersion = 0n;
  let producer = '';
  let producerVersion = '';
  const opsets: Record<string, number> = {};
  for (const field of new ProtoReader(source).fields()) {
    if (field.number === MODEL.irVersion && field.kind === 'varint') irVersion = field.value;
    if (field.kind !== 'bytes') continue;
    if (field.number === MODEL.producerName) producer = field.value.text(MAX_NAME_BYTES);
    if (field.number === MODEL.producerVersion) producerVersion = field.value.text(MAX_NAME_BYTES);
    if (field.number === MODEL.opsetImport) Object.assign(opsets, readOpset(field.value));
    if (field.number === MODEL.functions) readFunction(field.value, findings);
    if (field.number === MODEL.graph) {
      // Protocol Buffers merges repeated singular messages; no exporter writes that, and readers differ over it.
      if (graph !== undefined) throw invalid('has two graphs');
      graph = field.value;
    }
  }
  if (irVersion === 0n) throw invalid('has no IR version');
  if (graph === undefined) throw invalid('has no graph');
  if (Object.keys(opsets).length === 0) throw invalid('imports no operator set');
  const signature = readGraph(graph, findings);
  return {
    signature,
    opsets,
    producer: `${producer} ${producerVersion}`.trim(),
    summary: {
      irVersion: Number(BigInt.asUintN(31, irVersion)),
      operators: Object.fromEntries([...findings.operators].sort(([left], [right]) => (left < right ? -1 : 1))),
      parameterCount: findings.parameterCount,
    },
    external: findings.external,
  };
}

/** What is gathered while walking through the graphs. */
interface Findings {
  readonly external: ExternalData[];
  readonly operators: Map<string, number>;
  parameterCount: number;
}

function readGraph(graph: ProtoReader, findings: Findings): { inputs: TensorSpec[]; outputs: TensorSpec[] } {
  const inputs: TensorSpec[] = [];
  const outputs: TensorSpec[] = [];
  const initialized = new Set<string>();
  for (const field of graph.fields()) {
    if (field.kind !== 'bytes') continue;
    if (field.number === GRAPH.input) inputs.push(readValue(field.value, 'input', inputs.length));
    if (field.number === GRAPH.output) outputs.push(readValue(field.value, 'output', outputs.length));
    if (field.number === GRAPH.initializer) initialized.add(readTensor(field.value, findings, true));
    else readPart(field, 0, findings);
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

/** The parts of a graph, a subgraph or a function in which operators and tensors stand. */
function readPart(field: ProtoField, depth: number, findings: Findings): void {
  if (field.kind !== 'bytes') return;
  if (field.number === GRAPH.node) readNode(field.value, depth, findings);
  if (field.number === GRAPH.initializer) readTensor(field.value, findings, true);
  if (field.number === GRAPH.sparseInitializer) readSparse(field.value, findings);
}

function readSubgraph(graph: ProtoReader, depth: number, findings: Findings): void {
  if (depth > MAX_DEPTH) throw invalid(`nests graphs deeper than ${MAX_DEPTH}`);
  for (const field of graph.fields()) readPart(field, depth, findings);
}

function readFunction(definition: ProtoReader, findings: Findings): void {
  for (const field of definition.fields()) {
    if (field.number === FUNCTION.node && field.kind === 'bytes') readNode(field.value, 0, findings);
  }
}

function readNode(node: ProtoReader, depth: number, findings: Findings): void {
  let operator = '';
  let domain = '';
  for (const field of node.fields()) {
    if (field.kind !== 'bytes') continue;
    if (field.number === NODE.operator) operator = field.value.text(MAX_NAME_BYTES);
    if (field.number === NODE.domain) domain = field.value.text(MAX_NAME_BYTES);
    if (field.number !== NODE.attribute) continue;
    for (const attribute of field.value.fields()) readAttribute(attribute, depth, findings);
  }
  const name = domain === '' || domain === 'ai.onnx' ? operator : `${domain}.${operator}`;
  const { operators } = findings;
  if (!operators.has(name) && operators.size >= MAX_OPERATORS)
    throw invalid(`has more than ${MAX_OPERATORS} operators`);
  operators.set(name, (operators.get(name) ?? 0) + 1);
}

function readAttribute(field: ProtoField, depth: number, findings: Findings): void {
  if (field.kind !== 'bytes') return;
  const { number, value } = field;
  if (number === ATTRIBUTE.tensor || number === ATTRIBUTE.tensors) readTensor(value, findings, false);
  if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) readSubgraph(value, depth + 1, findings);
  if (number === ATTRIBUTE.sparseTensor || number === ATTRIBUTE.sparseTensors) readSparse(value, findings);
}

function readSparse(sparse: ProtoReader, findings: Findings): void {
  for (const field of sparse.fields()) {
    const isTensor = field.number === SPARSE.values || field.number === SPARSE.indices;
    if (isTensor && field.kind === 'bytes') readTensor(field.value, findings, field.number === SPARSE.values);
  }
}

/** @returns the tensor's name. */
function readTensor(tensor: ProtoReader, findings: Findings, isParameter: boolean): string {
  let name = '';
  let isExternal = false;
  let size = 1;
  const entries: Record<string, string> = {};
  for (const field of tensor.fields()) {
    if (field.number === TENSOR.dims && field.kind === 'varint') size *= Number(BigInt.asIntN(64, field.value));
    if (field.number === TENSOR.dims && field.kind === 'bytes') {
      for (const axis of field.value.varints()) size *= Number(BigInt.asIntN(64, axis));
    }
    if (field.number === TENSOR.name && field.kind === 'bytes') name = field.value.text(MAX_NAME_BYTES);
    if (field.number === TENSOR.externalData) isExternal = true;
    if (field.number === TENSOR.externalData && field.kind === 'bytes') Object.assign(entries, readEntry(field.value));
    if (field.number === TENSOR.dataLocation && field.kind === 'varint')
      isExternal ||= field.value === EXTERNAL_LOCATION;
  }
  if (isParameter && size > 0 && Number.isSafeInteger(findings.parameterCount + size)) findings.parameterCount += size;
  if (isExternal) addExternal(findings, name, entries);
  return name;
}

function readEntry(entry: ProtoReader): Record<string, string> {
  let key = '';
  let value = '';
  for (const field of entry.fields()) {
    if (field.number === ENTRY.key && field.kind === 'bytes') key = field.value.text(MAX_NAME_BYTES);
    if (field.number === ENTRY.value && field.kind === 'bytes') value = field.value.text(MAX_LOCATION_BYTES);
  }
  return { [key]: value };
}

function addExternal({ external }: Findings, tensor: string, entries: Readonly<Record<string, string>>): void {
  if (external.length >= MAX_EXTERNAL) throw invalid(`keeps more than ${MAX_EXTERNAL} tensors in other files`);
  const place = `tensor ${JSON.stringify(tensor)}`;
  external.push({
    tensor,
    location: entries['location'] ?? '',
    offset: wholeNumber(entries['offset'], `the offset of ${place}`) ?? 0,
    length: wholeNumber(entries['length'], `the length of ${place}`),
  });
}

function wholeNumber(text: string | undefined, what: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalid(`has ${JSON.stringify(text.slice(0, 30))} as ${what} in another file`);
}

function assertDistinct(specs: readonly TensorSpec[], role: string): void {
  const names = new Set(specs.map((spec) => spec.name));
  if (names.size !== specs.length) throw invalid(`has two ${role}s of one name`);
}

function invalid(problem: string): DomainError {
  return new DomainError('MODEL_FILE_INVALID', `the ONNX model ${problem}`);
}
