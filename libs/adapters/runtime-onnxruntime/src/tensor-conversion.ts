import { Tensor as OrtTensor } from 'onnxruntime-node';
import { DomainError } from '#domain/errors';
import { type Datatype, elementCount, type Tensor } from '#domain/inference';

type OrtType = OrtTensor.Type;
type NumericArray = Exclude<OrtTensor.DataType, string[]>;
type NumericArrayConstructor = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericArray;
  readonly BYTES_PER_ELEMENT: number;
};

/** ONNX Runtime's name and array for each datatype that its JavaScript binding can carry. */
const NUMERIC: Partial<Record<Datatype, { readonly type: OrtType; readonly array: NumericArrayConstructor }>> = {
  BOOL: { type: 'bool', array: Uint8Array as unknown as NumericArrayConstructor },
  UINT8: { type: 'uint8', array: Uint8Array as unknown as NumericArrayConstructor },
  UINT16: { type: 'uint16', array: Uint16Array as unknown as NumericArrayConstructor },
  UINT32: { type: 'uint32', array: Uint32Array as unknown as NumericArrayConstructor },
  UINT64: { type: 'uint64', array: BigUint64Array as unknown as NumericArrayConstructor },
  INT8: { type: 'int8', array: Int8Array as unknown as NumericArrayConstructor },
  INT16: { type: 'int16', array: Int16Array as unknown as NumericArrayConstructor },
  INT32: { type: 'int32', array: Int32Array as unknown as NumericArrayConstructor },
  INT64: { type: 'int64', array: BigInt64Array as unknown as NumericArrayConstructor },
  FP16: { type: 'float16', array: Float16Array as unknown as NumericArrayConstructor },
  FP32: { type: 'float32', array: Float32Array as unknown as NumericArrayConstructor },
  FP64: { type: 'float64', array: Float64Array as unknown as NumericArrayConstructor },
};

const DATATYPE_OF: Readonly<Record<string, Datatype>> = Object.fromEntries(
  Object.entries(NUMERIC).map(([datatype, { type }]) => [type as string, datatype as Datatype]),
);

/**
 * A tensor for ONNX Runtime: a view over the same bytes where their alignment allows, else over one copy of them.
 *
 * @throws UNSUPPORTED for datatypes that the binding cannot carry.
 */
export function toOrt(tensor: Tensor): OrtTensor {
  const dims = [...tensor.shape];
  if (tensor.datatype === 'BYTES') return new OrtTensor('string', decodeStrings(tensor), dims);
  const mapping = NUMERIC[tensor.datatype];
  if (mapping === undefined)
    throw new DomainError('UNSUPPORTED', `ONNX Runtime's binding cannot carry ${tensor.datatype}`);
  const bytes = aligned(tensor.data, mapping.array.BYTES_PER_ELEMENT);
  const data = new mapping.array(bytes.buffer, bytes.byteOffset, elementCount(tensor.shape, tensor.name));
  const ortTensor = new OrtTensor(mapping.type as 'float32', data as Float32Array, dims);
  return tensor.datatype === 'FP16' ? withHalfBits(ortTensor, data) : ortTensor;
}

/**
 * The binding's JavaScript half takes 16-bit floats as Float16Array alone, its native half (1.30) as Uint16Array alone: it reads this
 * property, and takes the other array for an empty one.
 */
function withHalfBits(tensor: OrtTensor, { buffer, byteOffset, length }: NumericArray): OrtTensor {
  return Object.defineProperty(tensor, 'cpuData', { value: new Uint16Array(buffer, byteOffset, length) });
}

/**
 * An output of ONNX Runtime as a tensor: a view over the same memory, which stays valid as long as it is referenced.
 *
 * @throws UNSUPPORTED for element types that cannot travel.
 */
export function fromOrt(name: string, output: OrtTensor): Tensor {
  const shape = [...output.dims];
  if (output.type === 'string') return { name, datatype: 'BYTES', shape, data: encodeStrings(output.data as string[]) };
  const datatype = DATATYPE_OF[output.type];
  if (datatype === undefined) throw new DomainError('UNSUPPORTED', `output ${name} has element type ${output.type}`);
  const { buffer, byteOffset, byteLength } = output.data as NumericArray;
  return { name, datatype, shape, data: new Uint8Array(buffer, byteOffset, byteLength) };
}

function aligned(bytes: Uint8Array, elementBytes: number): Uint8Array {
  return bytes.byteOffset % elementBytes === 0 ? bytes : Uint8Array.from(bytes);
}

function decodeStrings({ data }: Tensor): string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const decoder = new TextDecoder();
  const strings: string[] = [];
  for (let at = 0; at < data.byteLength; ) {
    const length = view.getUint32(at, true);
    strings.push(decoder.decode(data.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return strings;
}

function encodeStrings(strings: readonly string[]): Uint8Array {
  const encoded = strings.map((text) => new TextEncoder().encode(text));
  const bytes = new Uint8Array(encoded.reduce((total, text) => total + 4 + text.byteLength, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const text of encoded) {
    view.setUint32(at, text.byteLength, true);
    bytes.set(text, at + 4);
    at += 4 + text.byteLength;
  }
  return bytes;
}
