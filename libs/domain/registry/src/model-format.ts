import { DomainError } from '#domain/errors';

/**
 * The file formats that Slipway knows. ONNX is read and served, offline models of Ascend (`om`) are served; all but ONNX are stored as
 * declared.
 */
export const KNOWN_FORMATS = [
  'onnx',
  'om',
  'tensorrt_plan',
  'openvino_ir',
  'torchscript',
  'pytorch',
  'savedmodel',
  'safetensors',
  'gguf',
  'sklearn',
  'xgboost',
  'lightgbm',
  'mlflow',
  'other',
] as const;
export type KnownFormat = (typeof KNOWN_FORMATS)[number];

declare const brand: unique symbol;
/** A file format that a variant can have: one that Slipway knows, or a word that means something to a plugin of somebody's gateways. */
export type ModelFormat = KnownFormat | (string & { readonly [brand]: 'ModelFormat' });

const WORD = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** @throws INPUT_INVALID when the word is neither a known format nor such as others are named. */
export function parseModelFormat(word: string, field: string): ModelFormat {
  if (isKnownFormat(word) || WORD.test(word)) return word as ModelFormat;
  const rule = `use ${KNOWN_FORMATS.join(', ')}, or for a format of your own lower-case letters, digits and inner hyphens, 1 to 63 characters`;
  throw new DomainError('INPUT_INVALID', `${field} ${JSON.stringify(word.slice(0, 80))} is no format: ${rule}`, {
    field,
  });
}

export function isKnownFormat(word: string): word is KnownFormat {
  return (KNOWN_FORMATS as readonly string[]).includes(word);
}
