import type { LoadedPlugin } from './loaded-plugin.ts';

/** How a call ended in a worker. */
export type WorkerAnswer =
  | { readonly kind: 'value'; readonly value: unknown }
  /** `execute` threw. */
  | { readonly kind: 'threw'; readonly message: string }
  /** `execute` threw because the call cannot be answered as it stands: an error with the code `INPUT_INVALID`. */
  | { readonly kind: 'refused'; readonly message: string };

/** What is told of a worker. */
export interface WorkerEvents {
  /** `init` has ended. Once, before any answer. */
  readonly onReady: () => void;
  readonly onAnswer: (answer: WorkerAnswer) => void;
  /** It is gone, and why. Once, the last that is told. */
  readonly onGone: (reason: string) => void;
}

/**
 * One worker thread that holds a plugin.
 *
 * 1. It begins to load the plugin at once; `onReady` or `onGone` follows.
 * 2. It gets one call at a time, after `onReady`; `onAnswer` or `onGone` follows.
 * 3. `kill` ends it whatever it does, a loop without end included; `onGone` follows with the reason.
 * 4. `shutdown` has it run the plugin's own `shutdown` and then end; `onGone` follows.
 * 5. What the plugin does wrong outside of a call, an exit or too much memory ends it: `onGone` with the reason in words.
 */
export interface PluginWorker {
  /** @param call can be cloned; buffers that belong to nobody else are in `transfer`, and are gone here afterwards. */
  execute(call: unknown, transfer: readonly ArrayBuffer[]): void;
  shutdown(): void;
  kill(reason: string): void;
}

/** Starts workers. */
export interface PluginWorkers {
  start(plugin: LoadedPlugin, events: WorkerEvents): PluginWorker;
}
