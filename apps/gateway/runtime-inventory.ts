import { cpus } from 'node:os';
import type { AscendDescription, NativeRuntimeDescription } from '#adapters/runtime-native';

/** A runtime that a gateway has, or could have. */
export interface RuntimeReport {
  readonly name: 'onnxruntime-node' | 'native' | 'ascendcl';
  /** Whether this gateway's models run in it. */
  readonly isUsed: boolean;
  /** Of ONNX Runtime; absent where it was not looked for. */
  readonly version?: string;
  /** Of ONNX Runtime, or AscendCL, as the settings name it. */
  readonly library?: string;
  /** Why it cannot be used. */
  readonly problem?: string;
}

/** A hardware target that the runtime in use knows of. */
export interface TargetReport {
  /** As variants name it. */
  readonly target: string;
  /** Why variants for it cannot be run; absent when they can. */
  readonly problem?: string;
}

/** A device that models can run on. */
export interface DeviceReport {
  readonly target: string;
  /** `cpu`, `gpu` or `npu`. */
  readonly kind: string;
  readonly name: string;
  /** Absent where that cannot be told. */
  readonly memoryBytes?: number;
  readonly driver?: string;
}

/** What a gateway can run models with, found out when it starts. */
export interface RuntimeInventory {
  readonly runtimes: readonly RuntimeReport[];
  readonly targets: readonly TargetReport[];
  readonly devices: readonly DeviceReport[];
}

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
