import type { ModelInspection, ModelInspector } from '#application/registry';
import { DomainError } from '#domain/errors';
import type { ModelFormat } from '#domain/registry';
import { readOnnxModel } from './onnx-model.ts';

/** Inspects ONNX models; the other formats are stored without being read. */
export class FormatInspector implements ModelInspector {
  canRead(format: ModelFormat): boolean {
    return format === 'onnx';
  }

  inspect(format: ModelFormat, bytes: Uint8Array): ModelInspection {
    if (this.canRead(format)) return readOnnxModel(bytes);
    throw new DomainError('MODEL_FILE_INVALID', `files of format ${format} cannot be read`);
  }
}
