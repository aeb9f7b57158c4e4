// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
/**
 * What a plugin says of itself: `slipway-plugin.json` in its folder.
 */
export interface PluginManifestDocument {
  /**
   * By which manifests and messages name it.
   */
  name: string;
  /**
   * Semantic version, such as 1.4.0.
   */
  version: string;
  /**
   * The host's plugin interface that it needs at least, as `major.minor`.
   */
  interface: string;
  kind: "preprocessor" | "postprocessor" | "gate" | "auth-source" | "runtime";
  /**
   * The module that is loaded, relative to the folder: a .ts, .mts, .js or .mjs file.
   */
  entry: string;
  description?: string;
  /**
   * JSON Schema (draft-07) of its configuration. Default: it takes none.
   */
  config?: {};
  /**
   * Of a preprocessor: what clients send instead of the model's inputs. Default: the model's own.
   *
   * @minItems 1
   * @maxItems 64
   */
  inputs?: [Tensor, ...Tensor[]];
  /**
   * Of a postprocessor: what clients get instead of the model's outputs. Default: the model's own.
   *
   * @minItems 1
   * @maxItems 64
   */
  outputs?: [Tensor, ...Tensor[]];
}
export interface Tensor {
  name: string;
  datatype:
    | "BOOL"
    | "UINT8"
    | "UINT16"
    | "UINT32"
    | "UINT64"
    | "INT8"
    | "INT16"
    | "INT32"
    | "INT64"
    | "FP16"
    | "BF16"
    | "FP32"
    | "FP64"
    | "BYTES";
  /**
   * -1 for an axis whose size the request chooses.
   *
   * @maxItems 32
   */
  shape: number[];
}
