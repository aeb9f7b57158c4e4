import type { InferenceResult } from '#application/serving';
import type { Tensor } from '#domain/inference';
import { FALLBACK_ENTRY } from './fallback-parameter.ts';
import { sizeOfDelimited, sizeOfVarint, WireWriter } from './wire-writer.ts';

/** What stands before a message on a gRPC stream: whether it is compressed, and its length. */
export const FRAME_HEADER_BYTES = 5;

/**
 * Writes an answer as gRPC frames it, in one pass, with raw contents: whatever form the request had, every client reads them, and they
 * need no conversion. Nothing that the generated writer makes on its way is needed for that.
 *
 * @returns an uncompressed length-prefixed message; the `ModelInferResponse` begins after {@link FRAME_HEADER_BYTES}.
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export function writeInferResponse(
  { modelName, modelVersion, outputs, isFallback }: InferenceResult,
  id: string,
): Buffer {
  const version = String(modelVersion);
  const nameBytes = Buffer.byteLength(modelName);
  const idBytes = Buffer.byteLength(id);
  const sizes = outputs.map(sizesOf);
  let size = sizeOfText(nameBytes) + sizeOfText(version.length) + sizeOfText(idBytes);
  if (isFallback) size += sizeOfDelimited(FALLBACK_ENTRY.byteLength);
  for (const { head, data } of sizes) size += sizeOfDelimited(head) + sizeOfDelimited(data);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + size);
  frame[0] = 0;
  frame.writeUInt32BE(size, 1);
  const writer = new WireWriter(frame, FRAME_HEADER_BYTES);
  if (nameBytes > 0) writer.string(1, modelName, nameBytes);
  writer.string(2, version, version.length);
  if (idBytes > 0) writer.string(3, id, idBytes);
  if (isFallback) writer.bytes(4, FALLBACK_ENTRY);
  outputs.forEach((output, index) => void writeOutput(writer, output, sizes[index] as OutputSizes));
  for (const { data } of outputs) writer.bytes(6, data);
  return frame;
}

/** Bytes of an output and of its parts. */
interface OutputSizes {
  readonly name: number;
  readonly shape: number;
  readonly head: number;
  readonly data: number;
}

function sizesOf({ name: text, datatype, shape: axes, data }: Tensor): OutputSizes {
  const name = Buffer.byteLength(text);
  let shape = 0;
  for (const axis of axes) shape += sizeOfVarint(axis);
  const head = sizeOfText(name) + sizeOfDelimited(datatype.length) + (axes.length === 0 ? 0 : sizeOfDelimited(shape));
  return { name, shape, head, data: data.byteLength };
}

function writeOutput(writer: WireWriter, { name, datatype, shape }: Tensor, sizes: OutputSizes): void {
  writer.head(5, sizes.head);
  if (sizes.name > 0) writer.string(1, name, sizes.name);
  writer.string(2, datatype, datatype.length);
  if (shape.length === 0) return;
  writer.head(3, sizes.shape);
  for (const axis of shape) writer.varint(axis);
}

/** Texts that are empty are left out. */
function sizeOfText(byteLength: number): number {
  return byteLength === 0 ? 0 : sizeOfDelimited(byteLength);
}
