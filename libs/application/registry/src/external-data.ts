import { DomainError } from '#domain/errors';
import type { VariantDeclaration } from '#domain/registry';
import type { ExternalData } from './model-inspector.ts';

/**
 * Checks that a model keeps no data outside its own variant. A location counts only when it is, letter by letter, the path of a
 * declared file beside the model: nothing is normalised, so nothing can be meant differently by whoever opens the model later.
 *
 * @throws MODEL_FILE_INVALID naming the tensor and the location.
 */
export function assertExternalDataIsOwn(external: readonly ExternalData[], { files }: VariantDeclaration): void {
  const [main, ...others] = files;
  const folder = main.path.slice(0, main.path.lastIndexOf('/') + 1);
  const sizes = new Map(others.map((file) => [file.path, file.sizeBytes]));
  for (const { tensor, location, offset, length } of external) {
    const size = sizes.get(`${folder}${location}`);
    const place = `tensor ${JSON.stringify(tensor)} in ${JSON.stringify(location.slice(0, 100))}`;
    if (size === undefined) {
      const advice =
        others.length === 0 ? 'export it as one file, or register that file with it' : 'register that file with it';
      throw invalid(`keeps ${place}, which is no file of the variant: ${advice}`);
    }
    if (offset + (length ?? 0) > size) throw invalid(`keeps ${place} beyond the ${size} bytes of that file`);
  }
}

function invalid(problem: string): DomainError {
  return new DomainError('MODEL_FILE_INVALID', `the ONNX model ${problem}`);
}
