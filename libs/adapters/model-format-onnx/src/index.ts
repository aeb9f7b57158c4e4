import type { ModelInspection, ModelInspector } from '#application/registry';
import { assertNever } from '#domain/errors';
import type { ModelFormat } from '#domain/registry';
import { readOnnxModel } from './onnx-model.ts';

/** Inspects model files of every format that can be registered. */
export class FormatInspector implements ModelInspector {
  inspect(format: ModelFormat, bytes: Uint8Array): ModelInspection {
    switch (format) {
      case 'onnx':
        return readOnnxModel(bytes);
      default:
        return assertNever(format);
    }
  }
}
