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
