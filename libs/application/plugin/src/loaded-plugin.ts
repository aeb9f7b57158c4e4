import type { PluginManifest } from '#domain/plugin';

/** Parts of Node.js that a plugin does not have unless it is allowed to. */
export const PLUGIN_GRANTS = ['network', 'files'] as const;
export type PluginGrant = (typeof PLUGIN_GRANTS)[number];

/** What the operator says of a plugin. */
export interface PluginOptions {
  /** Its folder, absolute. */
  readonly path: string;
  /** Of its folder: `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly config: unknown;
  /** Worker threads, each with the plugin loaded. */
  readonly instances: number;
  /** Of one worker. */
  readonly memoryMib: number;
  readonly initMs: number;
  readonly executeMs: number;
  readonly shutdownMs: number;
  readonly grants: readonly PluginGrant[];
}

/** A plugin whose bytes are those that the operator allows, and whose configuration is one that it takes. */
export interface LoadedPlugin {
  readonly manifest: PluginManifest;
  readonly options: PluginOptions;
  /** Folder with the bytes that were verified, which nobody else writes. */
  readonly folder: string;
}

/** What stands for it in logs and messages. */
export function pluginInWords({ manifest: { name, version } }: LoadedPlugin): string {
  return `plugin ${name} ${version}`;
}
