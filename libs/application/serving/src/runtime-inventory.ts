/** A runtime that a gateway has, or could have. */
export interface RuntimeReport {
  /** `onnxruntime-node`, `native`, `ascendcl`, or the name of a plugin. */
  readonly name: string;
  /** Whether this gateway's models run in it. */
  readonly isUsed: boolean;
  /** Of ONNX Runtime, or of the plugin; absent where it was not looked for. */
  readonly version?: string;
  /** Of ONNX Runtime, or AscendCL, as the settings name it. */
  readonly library?: string;
  /** Why it cannot be used. */
  readonly problem?: string;
  /** Of a plugin: the variants that it runs, in words such as `gguf for cuda`. Absent: it is none. */
  readonly serves?: readonly string[];
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
