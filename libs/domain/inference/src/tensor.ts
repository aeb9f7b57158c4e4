import type { Datatype } from './datatype.ts';

/**
 * A tensor in flight.
 *
 * `data` holds the elements row-major and little-endian without padding, exactly as the binary tensor extension and gRPC's
 * raw contents carry them. It is usually a view over the request's own buffer: treat it as read-only.
 * Its alignment is not guaranteed; a consumer that needs a typed array copies when `byteOffset` is not a multiple of the
 * element size.
 */
export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  /** Sizes of the axes, outermost first; no entry is negative. */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** What a model declares of one input or output. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  /** -1 stands for an axis whose size the request chooses. */
  readonly shape: readonly number[];
}

/** The inputs and outputs of a model, in the order in which the model declares them. */
export interface ModelSignature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}
