import { stringify } from 'yaml';
import type { HardwareTarget, KnownFormat, ModelFormat } from '#domain/registry';
import { isForTriton } from './archive-layout.ts';

/** A variant of a version, as KServe is to run it. */
export interface ExportedVariant {
  readonly namespace: string;
  readonly model: string;
  readonly version: number;
  readonly target: HardwareTarget;
  readonly precision: string;
  readonly format: ModelFormat;
  /** Of the file that the runtime opens. */
  readonly digest: string;
}

interface KserveFormat {
  readonly name: string;
  readonly version?: string;
}

/** KServe's names of formats, with the version of the format where it asks for one. */
const FORMATS: Readonly<Record<string, KserveFormat>> = {
  onnx: { name: 'onnx', version: '1' },
  tensorrt_plan: { name: 'tensorrt', version: '8' },
  torchscript: { name: 'pytorch', version: '1' },
  openvino_ir: { name: 'openvino_ir' },
  savedmodel: { name: 'tensorflow', version: '2' },
  sklearn: { name: 'sklearn', version: '1' },
  xgboost: { name: 'xgboost', version: '1' },
  lightgbm: { name: 'lightgbm', version: '3' },
  mlflow: { name: 'mlflow', version: '1' },
  safetensors: { name: 'huggingface' },
} satisfies Partial<Record<KnownFormat, KserveFormat>>;

/** The archive of a variant that a KServe runtime can use: Triton wants its own repository, the others the files. */
export function kserveArchivePath({ namespace, model, version, target, precision, format }: ExportedVariant): string {
  const layout = isForTriton(format) ? 'triton' : 'files';
  return `/v1/namespaces/${namespace}/models/${model}/versions/${version}/variants/${target}-${precision}/${layout}.tar`;
}

/**
 * A version as an `InferenceService` of KServe.
 *
 * @param storageUri where the cluster finds the files; KServe unpacks `.tar` archives that it fetches by HTTP.
 * @see https://kserve.github.io/website/docs/reference/crd-api
 */
export function kserveManifest(variant: ExportedVariant, name: string, storageUri: string): string {
  const { namespace, model, version, target, format, digest } = variant;
  const isOnGpu = target === 'cuda' || target === 'tensorrt';
  const gpu = { 'nvidia.com/gpu': '1' };
  return stringify({
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: {
      name,
      namespace,
      labels: { 'slipway.dev/model': model, 'slipway.dev/version': String(version) },
      annotations: { 'slipway.dev/digest': digest },
    },
    spec: {
      predictor: {
        model: {
          modelFormat: FORMATS[format] ?? { name: format },
          protocolVersion: 'v2',
          storageUri,
          ...(isOnGpu ? { resources: { limits: gpu, requests: gpu } } : {}),
        },
      },
    },
  });
}
