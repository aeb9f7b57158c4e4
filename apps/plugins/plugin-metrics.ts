import { Counter, Gauge, type Registry } from 'prom-client';
import type { PluginSet } from '#application/plugin';

/** What plugins do, in a program's metrics; nothing where there are none. */
export function addPluginMetrics(registry: Registry, plugins: PluginSet): void {
  if (plugins.statuses.length === 0) return;
  const labelNames = ['plugin'] as const;
  const registers = [registry];
  const total = (name: string, help: string, of: 'calls' | 'failures' | 'losses') =>
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const status of plugins.statuses) this.inc({ plugin: status.name }, status[of]);
      },
    });
  total('slipway_plugin_calls_total', 'Calls that a plugin has answered, well or with an error.', 'calls');
  total('slipway_plugin_failures_total', 'Calls that a plugin threw at, hung in or answered wrongly.', 'failures');
  total('slipway_plugin_workers_lost_total', 'Workers of a plugin that ended before they were told to.', 'losses');
  new Gauge({
    name: 'slipway_plugin_ready',
    help: 'Whether a plugin takes calls: 1, or 0.',
    labelNames,
    registers,
    collect() {
      for (const { name, state } of plugins.statuses) this.set({ plugin: name }, state === 'ready' ? 1 : 0);
    },
  });
}
