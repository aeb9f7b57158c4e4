import { type Command, Option } from 'commander';
import { DomainError } from '#domain/errors';
import { STAGES } from '#domain/registry';
import type * as wire from '#generated/graphql';
import type { CliContext } from '../context.ts';
import { parsePairs } from '../metadata-file.ts';
import { humanBytes, printResult, table } from '../output.ts';
import { registerBucketCommands } from './bucket.ts';

/** `slipway registry …` and `slipway namespace …` */
export function registerRegistryCommands(program: Command, context: CliContext): void {
  const registry = program.command('registry').description('look after the registry and its bucket');
  registerCollect(registry, context);
  registerBucketCommands(registry, context);
  const namespace = program.command('namespace').description('create and list namespaces');
  registerCreateNamespace(namespace, context);
  registerListNamespaces(namespace, context);
}

function registerCollect(registry: Command, context: CliContext): void {
  registry
    .command('gc')
    .description('remove bytes that nothing refers to: condemn them first, remove them a grace period later')
    .option('--dry-run', 'tell what would be done, and do nothing')
    .addOption(new Option('--json', 'print JSON'))
    .action(async (options: { dryRun?: boolean; json?: boolean }) => {
      const isDryRun = options.dryRun === true;
      const report = await context.registry().call('collectGarbage', { dryRun: isDryRun });
      printResult(options.json, report, () => {
        const verb = isDryRun ? 'would have' : 'has';
        return [
          `${verb} removed ${report.removed.length} blobs (${humanBytes(report.removedBytes)})`,
          `${verb} condemned ${report.condemned.length} blobs, spared ${report.spared.length}`,
          `${verb} given up ${report.abandonedDrafts} registrations and ${report.removedSegments} pieces of uploads`,
          ...report.removed.map((digest) => `  removed ${digest}`),
          ...report.condemned.map((digest) => `  condemned ${digest}`),
        ].join('\n');
      });
    });
}

interface NamespaceOptions {
  readonly description?: string;
  readonly owner?: string;
  readonly label: readonly string[];
  readonly requireApproval: readonly string[];
  readonly json?: boolean;
}

function registerCreateNamespace(namespace: Command, context: CliContext): void {
  const collect = (value: string, all: readonly string[]) => [...all, value];
  namespace
    .command('create')
    .description('create a namespace')
    .argument('<name>')
    .option('--description <text>', 'what it is for')
    .option('--owner <name>', 'a person or team')
    .option('--label <name=value>', 'a label (repeatable)', collect, [])
    .option('--require-approval <stage>', 'a stage that somebody else must approve (repeatable)', collect, [])
    .addOption(new Option('--json', 'print JSON'))
    .action(async (name: string, options: NamespaceOptions) => {
      const labels = Object.entries(parsePairs('--label', options.label)).map(([label, value]) => ({
        name: label,
        value,
      }));
      const approvalStages = options.requireApproval.map((word) => {
        const known = STAGES.find((stage) => stage === word);
        if (known === undefined)
          throw new DomainError('INPUT_INVALID', `${word} is no stage: use ${STAGES.join(', ')}`);
        return known.toUpperCase() as wire.Stage;
      });
      const { description, owner } = options;
      const created = await context.registry().call('createNamespace', {
        input: { name, description, owner, labels, approvalStages },
      });
      printResult(options.json, created, () => `namespace ${created.name} is there`);
    });
}

function registerListNamespaces(namespace: Command, context: CliContext): void {
  namespace
    .command('list')
    .description('list the namespaces')
    .addOption(new Option('--json', 'print JSON'))
    .action(async (options: { json?: boolean }) => {
      const { nodes } = await context.registry().call('namespaces', { first: 200 });
      printResult(options.json, nodes, () =>
        table(
          ['NAMESPACE', 'OWNER', 'APPROVAL FOR', 'DESCRIPTION'],
          nodes.map((node) => [
            node.name,
            node.owner ?? '-',
            node.approvalStages.map((stage) => stage.toLowerCase()).join(', ') || '-',
            node.description ?? '-',
          ]),
        ),
      );
    });
}
