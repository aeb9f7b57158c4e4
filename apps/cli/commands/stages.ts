import type { Command } from 'commander';
import type { VersionStages } from '#adapters/inference-client';
import type { CliContext } from '../context.ts';
import { printResult, table } from '../output.ts';

/** `slipway model stages` */
export function registerStagesCommand(model: Command, context: CliContext): void {
  model
    .command('stages')
    .description(
      'show where the time of inferences goes on a gateway, which stage is the slowest, and what to do about it',
    )
    .argument('<deployment>', 'name of the deployment')
    .option('--json', 'print JSON')
    .action(async (name: string, options: { json?: boolean }) => {
      const gateway = context.gateway();
      const stages = await gateway.stages(name);
      printResult(options.json, stages, () =>
        stages.versions.length === 0
          ? `nobody has asked ${name} for anything yet`
          : stages.versions.map((version) => describe(name, version)).join('\n\n'),
      );
      gateway.close();
    });
}

function describe(
  name: string,
  { version, role, requests, averageMs, stages, slowest, advice }: VersionStages,
): string {
  const rows = stages.map(({ stage, sharePercent, averageMs: ms }) => [
    stage,
    `${sharePercent.toFixed(1)} %`,
    `${ms.toFixed(3)} ms`,
    stage === slowest ? 'slowest' : '',
  ]);
  return [
    `${name}@${version} (${role}): ${requests} requests, ${averageMs.toFixed(3)} ms on average`,
    ...(rows.length === 0 ? [] : [table(['STAGE', 'SHARE', 'AVERAGE', ''], rows)]),
    advice,
  ].join('\n');
}
