import type { WorkerKind } from '#domain/plugin';
import type { HostedPlugin, PluginStatus } from './hosted-plugin.ts';

/** The plugins that a program holds in worker threads. */
export class PluginSet {
  readonly #plugins: readonly HostedPlugin[];

  constructor(plugins: readonly HostedPlugin[]) {
    this.#plugins = plugins;
  }

  /** `undefined` when none of that name and kind runs here. */
  find(name: string, kind: WorkerKind): HostedPlugin | undefined {
    return this.ofKind(kind).find((plugin) => plugin.name === name);
  }

  /** In the order of the operator's file. */
  ofKind(kind: WorkerKind): readonly HostedPlugin[] {
    return this.#plugins.filter(({ plugin }) => plugin.manifest.kind === kind);
  }

  get statuses(): readonly PluginStatus[] {
    return this.#plugins.map(({ status }) => status);
  }

  start(): void {
    for (const plugin of this.#plugins) plugin.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#plugins.map((plugin) => plugin.stop()));
  }
}
