/** What a kind of plugin begins with. */
export interface PluginTemplate {
  /** JSON Schema of the configuration. */
  readonly config: object;
  /** What the host and such a plugin say to each other. */
  readonly types: string;
  readonly code: string;
  readonly test: string;
}

/** The type of what processors and runtimes are given and give. */
export const TENSOR_TYPE = `
export interface Tensor {
  readonly name: string;
  /** Of Open Inference: FP32, INT64, BYTES and so on. */
  readonly datatype: string;
  readonly shape: readonly number[];
  /** Row-major: a typed array of the datatype, or byte strings for BYTES. An answer may have an array of numbers or texts. */
  readonly data: ArrayBufferView | readonly Uint8Array[] | readonly (number | bigint | string)[];
}
`;
