import type { ModelSignature } from '#domain/inference';
import type { ModelFormat, VariantSummary } from '#domain/registry';

/** A tensor whose data lies in another file. */
export interface ExternalData {
  readonly tensor: string;
  /** Path as it stands in the model file: relative to that file's folder, unless it means harm. */
  readonly location: string;
  /** Bytes. */
  readonly offset: number;
  /** Bytes; `undefined` reaches to the end of the file. */
  readonly length: number | undefined;
}

/** What a model file says of itself. */
export interface ModelInspection {
  readonly signature: ModelSignature;
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly summary: VariantSummary;
  readonly external: readonly ExternalData[];
}

/** Reads model files without running them. */
export interface ModelInspector {
  /** Whether files of the format can be read; others are stored as they are declared. */
  canRead(format: ModelFormat): boolean;
  /**
   * Reads a file with bounded memory, however large it is.
   *
   * @throws MODEL_FILE_INVALID when the bytes are no model of the format, or one that may not be served; whatever the stream throws.
   */
  inspect(format: ModelFormat, bytes: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<ModelInspection>;
}
