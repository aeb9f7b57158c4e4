import type { HardwareTarget } from '#domain/registry';

/** What of ONNX Runtime runs a variant for a hardware target. */
export const PROVIDER_OF_TARGET: Readonly<Record<HardwareTarget, string>> = {
  cpu: 'cpu',
  cuda: 'cuda',
  tensorrt: 'tensorrt',
  ascend: 'cann',
  openvino: 'openvino',
};
