import type { ModelSignature, Tensor } from '#domain/inference';
import type { ServedFile } from './serving-snapshot.ts';

/** A request that was recorded when the version was made, and ships with it. */
export interface RecordedRequest {
  /** Its path in the variant. */
  readonly file: string;
  readonly inputs: readonly Tensor[];
  /** None means all. */
  readonly outputNames: readonly string[];
}

/** Most recorded requests that a version is warmed up with, the first by name. */
export const MAX_RECORDED_REQUESTS = 32;

/** Reads recorded requests. */
export interface RecordedRequests {
  /**
   * The requests of a variant, in the order of their names.
   *
   * @param modelPath where the variant's first file lies; the others lie around it by their own paths.
   * @param signature that the requests must fit.
   * @throws MODEL_LOAD_FAILED naming the file that cannot be used, and why.
   */
  read(modelPath: string, files: readonly ServedFile[], signature: ModelSignature): Promise<readonly RecordedRequest[]>;
}

/** The files of a variant that hold recorded requests: JSON in a folder `warmup`, beside the model or above it. */
export function recordedFiles(files: readonly ServedFile[]): readonly ServedFile[] {
  return files
    .filter(({ path }) => /(^|\/)warmup\/[^/]+\.json$/.test(path))
    .toSorted((left, right) => (left.path < right.path ? -1 : 1))
    .slice(0, MAX_RECORDED_REQUESTS);
}
