import { DomainError } from '#domain/errors';
import { isKnownFormat, KNOWN_FORMATS, type KnownFormat, type ModelFormat } from '#domain/registry';
import type { LocalFile } from './local-model.ts';

/** The file of each format that a runtime opens. */
const OPENED: Readonly<Record<KnownFormat, RegExp>> = {
  onnx: /\.onnx$/i,
  om: /\.om$/i,
  tensorrt_plan: /\.(plan|engine|trt)$/i,
  openvino_ir: /\.xml$/i,
  savedmodel: /(^|\/)saved_model\.pb(txt)?$/i,
  gguf: /\.gguf$/i,
  safetensors: /\.safetensors$/i,
  torchscript: /\.(pt|ts|torchscript)$/i,
  pytorch: /\.(pt|pth|bin|pkl)$/i,
  sklearn: /\.(joblib|pkl|pickle)$/i,
  xgboost: /\.(ubj|json|bst|model|xgb)$/i,
  lightgbm: /\.(txt|bst|lgb|model)$/i,
  mlflow: /(^|\/)MLmodel$/,
  other: /./,
};
/** Formats that a file's name tells for sure. */
const TOLD_BY_NAME = ['onnx', 'om', 'tensorrt_plan', 'savedmodel', 'gguf', 'safetensors', 'mlflow'] as const;

/**
 * The format of some files, and the files with the one that is opened first.
 *
 * @param declared the format, where a person says it.
 * @throws INPUT_INVALID when no file is of the format, or the format cannot be told.
 */
export function formatOf(
  files: readonly LocalFile[],
  declared: ModelFormat | undefined,
  where: string,
): { readonly format: ModelFormat; readonly files: readonly [LocalFile, ...LocalFile[]] } {
  const format = declared ?? TOLD_BY_NAME.find((known) => files.some(({ path }) => OPENED[known].test(path)));
  if (format === undefined) {
    throw new DomainError(
      'INPUT_INVALID',
      `${where}: the format cannot be told from the names of the files: say --format ${KNOWN_FORMATS.join('|')}, or another name`,
    );
  }
  // Nothing is known of the files of other formats.
  const pattern = OPENED[isKnownFormat(format) ? format : 'other'];
  // Of several, the one that lies least deep.
  const [opened] = files
    .filter(({ path }) => pattern.test(path))
    .toSorted((left, right) => depthOf(left) - depthOf(right));
  if (opened === undefined) {
    throw new DomainError('INPUT_INVALID', `${where} holds no file of the format ${format} (${pattern})`);
  }
  return { format, files: [opened, ...files.filter((file) => file !== opened)] };
}

function depthOf({ path }: LocalFile): number {
  return path.split('/').length;
}
