import { type Command, Option } from 'commander';
import { DomainError } from '#domain/errors';
import type { CliContext } from '../context.ts';
import { describeModel, describeVersion, pairsOf } from '../describe-model.ts';
import { parseModelReference } from '../model-reference.ts';
import { printResult, table } from '../output.ts';
import { registerExportCommands } from './export.ts';
import { registerFindCommands } from './find.ts';
import { registerGovernanceCommands } from './governance.ts';
import { registerPushCommands } from './push.ts';
import { registerSigningCommands } from './sign.ts';
import { registerStagesCommand } from './stages.ts';

interface ListOptions {
  readonly namespace: string;
  readonly limit: string;
  readonly filter?: string;
  readonly search?: string;
  readonly json?: boolean;
}

const namespaceOption = () => new Option('-n, --namespace <name>', 'namespace of the model').default('default');
const jsonOption = () => new Option('--json', 'print JSON');

/** `slipway model …` */
export function registerModelCommands(program: Command, context: CliContext): void {
  const model = program.command('model').description('register and look up models');
  registerPushCommands(model, context);
  registerList(model, context);
  registerShow(model, context);
  registerAlias(model, context);
  registerExportCommands(model, context);
  registerFindCommands(model, context);
  registerGovernanceCommands(model, context);
  registerSigningCommands(model, context);
  registerStagesCommand(model, context);
}

function registerList(model: Command, context: CliContext): void {
  model
    .command('list')
    .description('list the models of a namespace')
    .addOption(namespaceOption())
    .option('--filter <expression>', "such as labels.team = 'vision'; see docs/reference/filters.md")
    .option('--search <words>', 'words of names, descriptions, cards and labels')
    .option('--limit <count>', 'at most so many', '200')
    .addOption(jsonOption())
    .action(async (options: ListOptions) => {
      const { namespace, limit, filter, search } = options;
      const { nodes } = await context.registry().call('models', { namespace, filter, search, first: Number(limit) });
      printResult(options.json, nodes, () =>
        nodes.length === 0
          ? `no models in namespace ${options.namespace}: register one with \`slipway model push\``
          : table(
              ['MODEL', 'VERSIONS', 'LATEST', 'METRICS', 'ALIASES'],
              nodes.map((node) => [
                node.name,
                String(node.versions.totalCount),
                node.latestVersion === null ? '-' : `@${node.latestVersion.version}`,
                node.latestVersion === null ? '-' : pairsOf(node.latestVersion.metrics),
                node.aliases.map(({ alias, version }) => `${alias}=${version}`).join(', ') || '-',
              ]),
            ),
      );
    });
}

function registerShow(model: Command, context: CliContext): void {
  model
    .command('show')
    .description('show a model, or one of its versions')
    .argument('<model>', 'name, name@version or name@alias')
    .addOption(namespaceOption())
    .addOption(jsonOption())
    .action(async (reference: string, options: { namespace: string; json?: boolean }) => {
      const { name, which } = parseModelReference(reference);
      const registry = context.registry();
      if (which === undefined) {
        const found = await registry.model(options.namespace, name);
        if (found === null)
          throw new DomainError('MODEL_NOT_FOUND', `namespace ${options.namespace} has no model ${name}`);
        printResult(options.json, found, () => describeModel(found));
        return;
      }
      const found = await registry.version(options.namespace, name, which);
      if (found === null)
        throw new DomainError('MODEL_VERSION_NOT_FOUND', `there is no ${reference} in namespace ${options.namespace}`);
      printResult(options.json, found, () => describeVersion(found));
    });
}

function registerAlias(model: Command, context: CliContext): void {
  const alias = model.command('alias').description('move aliases');
  alias
    .command('set')
    .description('point an alias at a version')
    .argument('<alias>')
    .argument('<model@version>')
    .addOption(namespaceOption())
    .action(async (name: string, reference: string, { namespace }: { namespace: string }) => {
      const { name: modelName, which } = parseModelReference(reference);
      if (which === undefined || !('version' in which)) {
        throw new DomainError('INPUT_INVALID', `${reference} must name a version, such as ${modelName}@3`);
      }
      const input = { namespace, model: modelName, alias: name, version: which.version };
      const set = await context.registry().call('setAlias', { input });
      process.stdout.write(`${set.alias} is ${modelName}@${set.version}\n`);
    });
  alias
    .command('delete')
    .description('remove an alias')
    .argument('<alias>')
    .argument('<model>')
    .addOption(namespaceOption())
    .action(async (name: string, modelName: string, { namespace }: { namespace: string }) => {
      const isGone = await context.registry().call('deleteAlias', { namespace, model: modelName, alias: name });
      if (!isGone) throw new DomainError('ALIAS_NOT_FOUND', `${modelName} has no alias ${name}`);
      process.stdout.write(`${modelName} has no alias ${name} any more\n`);
    });
}
