// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
/**
 * The plugins that an operator allows a program to load: the file that SLIPWAY_PLUGINS names.
 */
export interface PluginListDocument {
  /**
   * @maxItems 64
   */
  plugins: {
    /**
     * Its folder, absolute or relative to this file.
     */
    path: string;
    /**
     * Of the folder, as `slipway plugin check` prints it. With other content the program does not start.
     */
    digest: string;
    /**
     * Its configuration, by its own JSON Schema. Default: `{}`.
     */
    config?: {
      [k: string]: unknown;
    };
    /**
     * Of a runtime, which must have it: the variants that it runs.
     *
     * @minItems 1
     * @maxItems 32
     */
    serves?: [
      {
        /**
         * As variants name it, but onnx and om, which Slipway's own runtimes run. Default: any but these.
         */
        format?: string;
        /**
         * Default: any.
         */
        target?: "cpu" | "cuda" | "tensorrt" | "ascend" | "openvino";
      },
      ...{
        /**
         * As variants name it, but onnx and om, which Slipway's own runtimes run. Default: any but these.
         */
        format?: string;
        /**
         * Default: any.
         */
        target?: "cpu" | "cuda" | "tensorrt" | "ascend" | "openvino";
      }[]
    ];
    /**
     * Worker threads that hold it; each takes one call at a time. Default: 1. Not of a runtime: its runners are as many as deployments ask for.
     */
    instances?: number;
    /**
     * Most that one worker may take, heap and buffers together; of a runtime one runner, beside what it takes when it is empty. Default: 128Mi; at least 32Mi.
     */
    memory?: string;
    /**
     * A worker that takes longer is ended and replaced.
     */
    deadlines?: {
      /**
       * To load it and run `init`; of a runtime also to load a version. Default: 10s.
       */
      init?: string;
      /**
       * Of one call. Default: 250ms. Not of a runtime: each request has its own.
       */
      execute?: string;
      /**
       * Of `shutdown`. Default: 2s.
       */
      shutdown?: string;
    };
    /**
     * Modules of Node.js that it may load beside those that only compute. Default: none.
     */
    allow?: ("network" | "files")[];
  }[];
}
