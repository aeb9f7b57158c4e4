import type { ModelSignature } from '#domain/inference';
import type { HardwareTarget, ModelFormat } from '#domain/registry';

/** A file on this machine, and its path inside the version. */
export interface LocalFile {
  /** `/`-separated. */
  readonly path: string;
  readonly localPath: string;
}

/** A version as it lies on the disk. */
export interface LocalVersion {
  /** What it is called where it lies, such as `3` in a Triton repository. */
  readonly name?: string;
  readonly format: ModelFormat;
  /** The hardware that the files are for, where the layout says so. */
  readonly target?: HardwareTarget;
  /** The first file is the one that the runtime opens. */
  readonly files: readonly [LocalFile, ...LocalFile[]];
  /** Where the files' format does not say it but the layout does. */
  readonly signature?: ModelSignature;
  readonly labels: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The layouts that are understood. */
export type ModelLayout = 'file' | 'folder' | 'mlflow' | 'triton';

/** A model as it lies on the disk. */
export interface LocalModel {
  readonly layout: ModelLayout;
  /** In the order of their numbers. */
  readonly versions: readonly [LocalVersion, ...LocalVersion[]];
}
