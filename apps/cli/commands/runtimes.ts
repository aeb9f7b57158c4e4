import type { Command } from 'commander';
import type { RuntimeInventory } from '#adapters/inference-client';
import type { CliContext } from '../context.ts';
import { humanBytes, printResult, table } from '../output.ts';

/** `slipway runtimes` */
export function registerRuntimesCommand(program: Command, context: CliContext): void {
  program
    .command('runtimes')
    .description('show what a gateway can run models with: runtimes, hardware targets and devices')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const gateway = context.gateway();
      const inventory = await gateway.runtimes();
      printResult(options.json, inventory, () => describe(inventory));
      gateway.close();
    });
}

function useOf({ isUsed, library, problem, serves }: RuntimeInventory['runtimes'][number]): string {
  if (!isUsed) return problem ?? 'not in use';
  if (serves !== undefined) return `a plugin, for ${serves.join(', ')}`;
  return library === undefined ? 'in use' : `in use, with ${library}`;
}

function describe({ runtimes, targets, devices }: RuntimeInventory): string {
  return [
    table(
      ['RUNTIME', 'VERSION', ''],
      runtimes.map((runtime) => [runtime.name, runtime.version ?? '', useOf(runtime)]),
    ),
    table(
      ['TARGET', ''],
      targets.map(({ target, problem }) => [target, problem ?? 'can be run']),
    ),
    table(
      ['DEVICE', 'TARGET', 'MEMORY', 'DRIVER'],
      devices.map(({ name, target, memoryBytes, driver }) => [
        name,
        target,
        memoryBytes === undefined ? 'unknown' : humanBytes(memoryBytes),
        driver ?? '',
      ]),
    ),
  ].join('\n\n');
}
