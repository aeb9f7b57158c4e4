/**
 * What a gateway and a runner say to each other, over a duplex byte stream (a socket pair on the runner's file descriptor 3).
 *
 * A frame, all numbers little-endian:
 *
 *     uint32  length of the rest of the frame
 *     uint32  request id; the answer carries the same
 *     uint32  length of the header
 *     bytes   header: JSON, a {@link FrameHeader}
 *     bytes   the raw bytes of the header's tensors, one after the other, each padded to a multiple of 8
 *
 * Tensor bytes are written from where they lie and read as views over the received chunk: the only copies are the kernel's.
 */
import type { Datatype, Tensor } from '#domain/inference';

/** Requests go to the runner, answers come back. Every request has exactly one answer. */
export type FrameHeader =
  | { readonly kind: 'load'; readonly modelPath: string; readonly intraOpThreads: number }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'infer'; readonly tensors: readonly TensorHeader[]; readonly outputNames: readonly string[] }
  | { readonly kind: 'result'; readonly tensors: readonly TensorHeader[] }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

/** A tensor without its bytes. */
export interface TensorHeader {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly byteLength: number;
}

/** A frame as it was read. */
export interface Frame {
  readonly id: number;
  readonly header: FrameHeader;
  /** Empty where the header has no tensors. */
  readonly tensors: readonly Tensor[];
}

const LENGTH_BYTES = 4;
const FIXED_BYTES = 8;
const ALIGNMENT = 8;
/** Far above every request that the gateway lets in; a larger one is a broken stream. */
const MAX_FRAME_BYTES = 2 ** 31;
const PADDING = new Uint8Array(ALIGNMENT);

/** The tensors' part of a header. */
export function headersOf(tensors: readonly Tensor[]): TensorHeader[] {
  return tensors.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, byteLength: data.byteLength }));
}

/** Writes a frame in as few pieces as there are tensors, none of them copied. */
export function writeFrame(
  write: (bytes: Uint8Array) => void,
  id: number,
  header: FrameHeader,
  tensors: readonly Tensor[] = [],
): void {
  const text = Buffer.from(JSON.stringify(header));
  const bodyBytes = tensors.reduce((total, { data }) => total + padded(data.byteLength), 0);
  const prefix = Buffer.allocUnsafe(LENGTH_BYTES + FIXED_BYTES);
  prefix.writeUInt32LE(FIXED_BYTES + text.byteLength + bodyBytes, 0);
  prefix.writeUInt32LE(id, 4);
  prefix.writeUInt32LE(text.byteLength, 8);
  write(Buffer.concat([prefix, text]));
  for (const { data } of tensors) {
    write(data);
    const gap = padded(data.byteLength) - data.byteLength;
    if (gap > 0) write(PADDING.subarray(0, gap));
  }
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws Error when the bytes are no frames: the stream is of no more use then. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.byteLength;
    while (this.#length >= LENGTH_BYTES) {
      const first = this.#contiguous(LENGTH_BYTES);
      const frameBytes = LENGTH_BYTES + first.readUInt32LE(0);
      if (frameBytes > MAX_FRAME_BYTES) throw new Error(`a frame of ${frameBytes} bytes`);
      if (this.#length < frameBytes) return;
      const whole = this.#contiguous(frameBytes);
      this.#chunks[0] = whole.subarray(frameBytes);
      if (this.#chunks[0].byteLength === 0) this.#chunks.shift();
      this.#length -= frameBytes;
      this.#onFrame(parseFrame(whole.subarray(LENGTH_BYTES, frameBytes)));
    }
  }

  /** The first chunk, joined with as many others as it takes to hold so many bytes. */
  #contiguous(byteLength: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.byteLength >= byteLength) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

function parseFrame(frame: Buffer): Frame {
  const id = frame.readUInt32LE(0);
  const headerEnd = FIXED_BYTES + frame.readUInt32LE(4);
  const header = JSON.parse(frame.toString('utf8', FIXED_BYTES, headerEnd)) as FrameHeader;
  let at = headerEnd;
  const tensors = ('tensors' in header ? header.tensors : []).map(({ name, datatype, shape, byteLength }) => {
    // A plain Uint8Array: what a Buffer calls `slice` is a view, and consumers rely on a copy.
    const data = new Uint8Array(frame.buffer, frame.byteOffset + at, byteLength);
    at += padded(byteLength);
    return { name, datatype, shape, data };
  });
  return { id, header, tensors };
}

function padded(byteLength: number): number {
  return Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT;
}
