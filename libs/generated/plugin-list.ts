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
     * Worker threads that hold it; each takes one call at a time. Default: 1.
     */
    instances?: number;
    /**
     * Most that one worker may take, heap and buffers together. Default: 128Mi; at least 32Mi.
     */
    memory?: string;
    /**
     * A worker that takes longer is ended and replaced.
     */
    deadlines?: {
      /**
       * To load it and run `init`. Default: 10s.
       */
      init?: string;
      /**
       * Of one call. Default: 250ms.
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
