import { cpus } from 'node:os';
import type { AscendDescription, NativeRuntimeDescription } from '#adapters/runtime-native';
import type { DeviceReport } from '#application/serving';

/** The devices that AscendCL has. */
export function ascendDevices({ processor: name, deviceMemoryBytes }: AscendDescription): DeviceReport[] {
  return deviceMemoryBytes.map((memoryBytes) => ({ target: 'ascend', kind: 'npu', name, memoryBytes }));
}

/** The processor, as the system tells of it. */
export function processor(memoryBytes: number): DeviceReport {
  return { target: 'cpu', kind: 'cpu', name: cpus()[0]?.model.trim() || process.arch, memoryBytes };
}

/**
 * The devices that a library has found. ONNX Runtime tells no memory; of NVIDIA's the kernel tells the driver.
 *
 * @param targetOf the target that a provider runs; `undefined` for providers of no target.
 * @param nvidiaDriver the text of /proc/driver/nvidia/version, empty where there is none.
 */
export function devicesIn(
  { devices }: NativeRuntimeDescription,
  targetOf: (provider: string) => string | undefined,
  memoryBytes: number,
  nvidiaDriver: string,
): DeviceReport[] {
  return devices.flatMap(({ provider, kind, vendor, modelId, metadata }) => {
    const target = targetOf(provider);
    if (target === undefined) return [];
    if (kind === 'cpu') return [{ ...processor(memoryBytes), target }];
    const name = metadata['Description'] ?? `${vendor || 'unknown'} ${kind} 0x${modelId.toString(16)}`;
    const driver = /nvidia/i.test(vendor) ? /Kernel Module.*?\s(\d+(?:\.\d+)+)/.exec(nvidiaDriver)?.[1] : undefined;
    return [{ target, kind, name, ...(driver === undefined ? {} : { driver }) }];
  });
}
