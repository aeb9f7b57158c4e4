import type { KnownFormat, ModelFormat } from '#domain/registry';

/** How a variant's files lie in an archive: by their own paths, or as a model repository of Triton. */
export const ARCHIVE_LAYOUTS = ['files', 'triton'] as const;
export type ArchiveLayout = (typeof ARCHIVE_LAYOUTS)[number];

/** What a layout needs to know of a variant. */
export interface LaidOutVariant {
  readonly model: string;
  readonly version: number;
  readonly format: ModelFormat;
  /** Paths inside the version; the first is the one that the runtime opens. */
  readonly paths: readonly string[];
}

const TRITON_CONFIG = 'config.pbtxt';
/** The names by which Triton's backends look for a model, unless its configuration has another. */
const TRITON_NAMES: Readonly<Record<string, string>> = {
  onnx: 'model.onnx',
  tensorrt_plan: 'model.plan',
  torchscript: 'model.pt',
  openvino_ir: 'model.xml',
} satisfies Partial<Record<KnownFormat, string>>;

/** Whether Triton has a backend that opens the format by itself. */
export function isForTriton(format: ModelFormat): boolean {
  return TRITON_NAMES[format] !== undefined;
}

/**
 * Where each file of a variant lies in an archive, in the order of the paths.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_repository.html
 */
export function archiveNames(layout: ArchiveLayout, { model, version, format, paths }: LaidOutVariant): string[] {
  if (layout === 'files') return [...paths];
  const hasConfig = paths.includes(TRITON_CONFIG);
  return paths.map((path, at) => {
    if (path === TRITON_CONFIG) return `${model}/${TRITON_CONFIG}`;
    const isOpened = at === 0 && !hasConfig;
    return `${model}/${version}/${isOpened ? (TRITON_NAMES[format] ?? path) : path}`;
  });
}
