import type { PluginManifest, VariantSelection, WorkerKind } from '#domain/plugin';

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
  /** Of a runtime: the variants that it runs; none of any other kind. */
  readonly serves: readonly VariantSelection[];
  /** Worker threads, each with the plugin loaded; without meaning for a runtime. */
  readonly instances: number;
  /** Of one worker, or one runner. */
  readonly memoryMib: number;
  readonly initMs: number;
  /** Without meaning for a runtime: each request has a deadline of its own. */
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

/** One that worker threads of a program hold. */
export type WorkerPlugin = LoadedPlugin & { readonly manifest: { readonly kind: WorkerKind } };

/** Whether worker threads hold it; runtimes are held by runners. */
export function isForWorkers(plugin: LoadedPlugin): plugin is WorkerPlugin {
  return plugin.manifest.kind !== 'runtime';
}

/** What stands for it in logs and messages. */
export function pluginInWords({ manifest: { name, version } }: LoadedPlugin): string {
  return `plugin ${name} ${version}`;
}
