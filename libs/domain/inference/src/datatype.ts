/**
 * The tensor datatypes of the Open Inference Protocol, with the size of one element in bytes.
 * BYTES elements vary in size: each is a little-endian uint32 length followed by that many bytes.
 *
 * @see Open Inference Protocol v2, "Tensor Data Types"; BF16 as in KServe's required_api.md.
 */
export const DATATYPE_SIZE_BYTES = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
  BYTES: undefined,
} as const satisfies Record<string, number | undefined>;

/** A tensor datatype of the Open Inference Protocol. */
export type Datatype = keyof typeof DATATYPE_SIZE_BYTES;

/** Whether a word from a request names a datatype. */
export function isDatatype(word: string): word is Datatype {
  return Object.hasOwn(DATATYPE_SIZE_BYTES, word);
}
