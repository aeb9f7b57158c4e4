import { type Command, Option } from 'commander';
import type { FoundVersion, RegistryClient } from '#adapters/registry-client';
import { DomainError } from '#domain/errors';
import { STAGES } from '#domain/registry';
import type * as wire from '#generated/graphql';
import type { CliContext } from '../context.ts';
import { stageOf } from '../describe-model.ts';
import { parsePairs } from '../metadata-file.ts';
import { parseModelReference } from '../model-reference.ts';
import { printResult } from '../output.ts';

interface ChangeOptions {
  readonly namespace: string;
  readonly reason: string;
  readonly json?: boolean;
}

interface VersionInput {
  readonly namespace: string;
  readonly model: string;
  readonly version: number;
  readonly reason: string;
}

/** The commands of `slipway model` that change what can change about a version. */
export function registerGovernanceCommands(model: Command, context: CliContext): void {
  registerStage(model, context);
  const change = (
    name: string,
    description: string,
    act: (registry: RegistryClient, input: VersionInput) => Promise<FoundVersion>,
  ) => {
    changeCommand(model, name, description).action(async (reference: string, options: ChangeOptions) => {
      const input = await inputOf(context, reference, options);
      report(options, await act(context.registry(), input));
    });
  };
  change('deprecate', 'tell people not to use a version any more; it can still be served', (registry, input) =>
    registry.call('deprecateVersion', { input }),
  );
  change('undeprecate', 'take a deprecation back', (registry, input) =>
    registry.call('deprecateVersion', { input: { ...input, isDeprecated: false } }),
  );
  change('withdraw', 'withdraw a version that nothing uses; its files go after a grace period', (registry, input) =>
    registry.call('tombstoneVersion', { input }),
  );
  change('restore', 'take a withdrawal back while the files are still there', (registry, input) =>
    registry.call('restoreVersion', { input }),
  );
  registerAnnotate(model, context);
}

function registerStage(model: Command, context: CliContext): void {
  const stage = model.command('stage').description('move versions through development, staging, production, archived');
  changeCommand(stage, 'request', 'ask for another stage; enters it at once unless the namespace demands approval')
    .argument('<stage>', STAGES.join(', '))
    .action(async (reference: string, stageName: string, options: ChangeOptions) => {
      const known = STAGES.find((word) => word === stageName);
      if (known === undefined) {
        throw new DomainError('INPUT_INVALID', `${stageName} is no stage: use ${STAGES.join(', ')}`);
      }
      const input = await inputOf(context, reference, options);
      const wireStage = known.toUpperCase() as wire.Stage;
      report(options, await context.registry().call('requestStage', { input: { ...input, stage: wireStage } }));
    });
  for (const isApproved of [true, false]) {
    const name = isApproved ? 'approve' : 'reject';
    changeCommand(stage, name, `${name} the stage that waits`).action(
      async (reference: string, options: ChangeOptions) => {
        const input = { ...(await inputOf(context, reference, options)), isApproved };
        report(options, await context.registry().call('decideStage', { input }));
      },
    );
  }
}

function registerAnnotate(model: Command, context: CliContext): void {
  model
    .command('annotate')
    .description('set annotations of a version; an empty value removes one')
    .argument('<model@version>')
    .argument('<name=value...>')
    .addOption(new Option('-n, --namespace <name>', 'namespace of the model').default('default'))
    .addOption(new Option('--json', 'print JSON'))
    .action(async (reference: string, pairs: string[], options: Omit<ChangeOptions, 'reason'>) => {
      const { reason: _, ...place } = await inputOf(context, reference, { ...options, reason: '' });
      const annotations = Object.entries(parsePairs('an annotation', pairs)).map(([name, value]) => ({
        name,
        value: value === '' ? null : value,
      }));
      const version = await context.registry().call('annotateVersion', { input: { ...place, annotations } });
      printResult(options.json, version, () =>
        (version.annotations ?? []).map(({ name, value }) => `${name}=${value}`).join('\n'),
      );
    });
}

function changeCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .argument('<model@version>', 'name@version or name@alias')
    .addOption(new Option('-n, --namespace <name>', 'namespace of the model').default('default'))
    .option('--reason <text>', 'why; kept with the change', '')
    .addOption(new Option('--json', 'print JSON'));
}

async function inputOf(context: CliContext, reference: string, options: ChangeOptions): Promise<VersionInput> {
  const { namespace, reason } = options;
  const { name, which } = parseModelReference(reference);
  if (which === undefined)
    throw new DomainError('INPUT_INVALID', `${reference} must name a version, such as ${name}@3`);
  if ('version' in which) return { namespace, model: name, version: which.version, reason };
  const found = await context.registry().version(namespace, name, which);
  if (found === null) throw new DomainError('MODEL_VERSION_NOT_FOUND', `there is no ${reference} in ${namespace}`);
  return { namespace, model: name, version: found.version, reason };
}

function report(options: ChangeOptions, version: FoundVersion): void {
  printResult(options.json, version, () => `${version.model}@${version.version} is in ${stageOf(version)}`);
}
