import type { RunnerHostOptions, RunnerProgram, VariantRuntime } from '#adapters/runner-client';
import type { LoadedPlugin } from '#application/plugin';
import type { RuntimeInventory, RuntimeReport } from '#application/serving';
import type { ProgramPlugins } from '#apps/plugins';
import { isSelected, selectionInWords } from '#domain/plugin';
import type { Runtimes } from './runtimes.module.ts';

const MIB = 1024 * 1024;

/** What a gateway's variants run in, its plugins included. */
export interface VariantRuntimes extends Pick<RunnerHostOptions, 'runtimeFor'> {
  readonly inventory: RuntimeInventory;
}

/**
 * Adds runtimes that are plugins: each runs the variants that the operator says, as far as Slipway's own runtimes do not.
 *
 * @param program of a runner that has no runtime yet.
 */
export function withPluginRuntimes(
  { program: own, providerFor, inventory }: Runtimes,
  program: RunnerProgram,
  plugins: Pick<ProgramPlugins, 'runtimes' | 'logOutput'>,
): VariantRuntimes {
  const others = plugins.runtimes.map((plugin) => ({
    serves: plugin.options.serves,
    runtime: runtimeOf(plugin, program, plugins.logOutput),
  }));
  return {
    runtimeFor: (variant) => {
      const provider = providerFor(variant);
      if (provider !== undefined) return { program: own, provider };
      return others.find(({ serves }) => serves.some((selection) => isSelected(selection, variant)))?.runtime;
    },
    inventory: { ...inventory, runtimes: [...inventory.runtimes, ...plugins.runtimes.map(reportOf)] },
  };
}

function runtimeOf(
  { manifest: { name, version, entry }, options, folder }: LoadedPlugin,
  program: RunnerProgram,
  logOutput: ProgramPlugins['logOutput'],
): VariantRuntime {
  const { config, grants, memoryMib, initMs, shutdownMs } = options;
  return {
    program: {
      ...program,
      nodeArguments: [
        // Or the heap would grow towards the limit of the process, which ends it, before anything in it is collected.
        `--max-old-space-size=${memoryMib}`,
        '--disable-warning=ExperimentalWarning',
        ...program.nodeArguments,
        'plugin',
      ],
      loadLimitMs: initMs,
      shutdownMs,
      onOutput: (stream, stdio) => logOutput(name, stream, stdio),
    },
    provider: 'plugin',
    plugin: { name, version, folder, entry, config, grants },
    maxMemoryBytes: memoryMib * MIB,
  };
}

function reportOf({ manifest: { name, version }, options }: LoadedPlugin): RuntimeReport {
  return { name, version, isUsed: true, serves: options.serves.map(selectionInWords) };
}
