import type { ModelSignature } from '#domain/inference';
import type { ModelFormat } from '#domain/registry';

/** What a model file says of itself. */
export interface ModelInspection {
  readonly signature: ModelSignature;
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
}

/** Reads model files without running them. */
export interface ModelInspector {
  /** Whether files of the format can be read; others are stored as they are declared. */
  canRead(format: ModelFormat): boolean;
  /** @throws MODEL_FILE_INVALID when the bytes are no model of the format, or one that may not be served. */
  inspect(format: ModelFormat, bytes: Uint8Array): ModelInspection;
}
