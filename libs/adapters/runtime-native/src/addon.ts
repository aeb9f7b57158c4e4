import { createRequire } from 'node:module';
import { DomainError } from '#domain/errors';

/** A tensor on its way to the addon. */
export interface NativeInput {
  readonly name: string;
  /** A number of ONNX's `TensorProto.DataType`. */
  readonly elementType: number;
  readonly shape: readonly number[];
  /** Row-major; read where it lies. */
  readonly data: Uint8Array;
}

/** A tensor that the addon answers. */
export interface NativeOutput {
  readonly elementType: number;
  readonly shape: number[];
  readonly data: Uint8Array;
}

/** Memory for an output. */
export interface NativePlace {
  readonly shape: readonly number[];
  /** Written to where it lies, aligned for its elements. */
  readonly data: Uint8Array;
}

/** An input or output of a model. */
export interface NativePort {
  readonly name: string;
  /** Absent for what cannot cross. */
  readonly elementType?: number;
  /** -1 where a size is free. */
  readonly shape: number[];
  /** The model's names of free sizes, by axis; empty where it has none. */
  readonly symbols: string[];
}

/** A model that was loaded. */
export interface NativeSession {
  readonly inputs: NativePort[];
  readonly outputs: NativePort[];
  /** @returns `null` for outputs that were written into their places. */
  runHere(
    inputs: readonly NativeInput[],
    outputNames: readonly string[],
    limitMs?: number,
    places?: readonly (NativePlace | undefined)[],
  ): (NativeOutput | null)[];
  run(
    inputs: readonly NativeInput[],
    outputNames: readonly string[],
    limitMs?: number,
    cancellation?: RunCancellation,
  ): Promise<NativeOutput[]>;
  release(): void;
}

/** An offline model that was loaded. */
export type OfflineSession = Pick<NativeSession, 'inputs' | 'outputs' | 'runHere' | 'release'>;

/** What AscendCL can use. */
export interface AscendDescription {
  /** The kind of processor on the devices. */
  readonly processor: string;
  /** The memory of each device. */
  readonly deviceMemoryBytes: readonly number[];
}

/** Cancels the run that it is given to. */
export interface RunCancellation {
  cancel(): void;
}

/** What an ONNX Runtime library can use. */
export interface LibraryDescription {
  readonly version: string;
  /** `problem`: why it cannot be used here. */
  readonly providers: readonly { readonly name: string; readonly problem?: string }[];
  readonly devices: readonly {
    readonly provider: string;
    readonly kind: string;
    readonly vendor: string;
    readonly modelId: number;
    readonly metadata: Readonly<Record<string, string>>;
  }[];
}

/** How a model is loaded. */
export interface NativeModelOptions {
  readonly path: string;
  readonly provider: string;
  readonly device?: number;
  readonly intraOpThreads: number;
}

/** The addon; native/README.md says of each entry point where it computes and what its caller owes. */
export interface NativeAddon {
  openLibrary(path: string): void;
  describeLibrary(): LibraryDescription;
  sealLibrary(digest: string, bytes: Uint8Array): string;
  loadModel(options: NativeModelOptions): Promise<NativeSession>;
  prepareModel(options: NativeModelOptions, into: string): Promise<void>;
  openAscend(path: string): void;
  describeAscend(): AscendDescription;
  loadOfflineModel(path: string, device: number): Promise<OfflineSession>;
  readonly RunCancellation: new () => RunCancellation;
}

const require = createRequire(import.meta.url);

/** What to do about it. */
export const NOT_BUILT = 'the native runtime is not built: install Rust, then run `npm run build:native`';

/** Whether the addon was built. */
export function isAddonBuilt(): boolean {
  try {
    return require.resolve('#native') !== '';
  } catch {
    return false;
  }
}

/**
 * The addon. Node.js keeps it once it is loaded.
 *
 * @throws UNSUPPORTED when it was not built, or not for this machine
 */
export function loadAddon(): NativeAddon {
  try {
    return require('#native') as NativeAddon;
  } catch (error) {
    const problem = isAddonBuilt() ? `the native runtime cannot be loaded: ${(error as Error).message}` : NOT_BUILT;
    throw new DomainError('UNSUPPORTED', problem, {}, { cause: error });
  }
}
