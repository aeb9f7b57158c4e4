/** What a worker is started with. */
export interface WorkerStart {
  /** Where the plugin's bytes are. */
  readonly folder: string;
  /** The module in it. */
  readonly entry: string;
  readonly name: string;
  readonly version: string;
  readonly config: unknown;
  readonly grants: readonly string[];
}

/** A tensor on its way: row-major and little-endian, as Open Inference has it. */
export interface SentTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBuffer;
}

/** What a worker is told. */
export type ToWorker = { readonly kind: 'execute'; readonly call: unknown } | { readonly kind: 'shutdown' };

/** What a worker tells. */
export type FromWorker =
  | { readonly kind: 'ready' }
  /** It cannot be loaded, or `init` threw. */
  | { readonly kind: 'unusable'; readonly message: string }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'threw' | 'refused'; readonly message: string }
  | { readonly kind: 'ended' };
