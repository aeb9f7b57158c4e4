import { type Command, Option } from 'commander';
import type { FoundVersion } from '#adapters/registry-client';
import type { CliContext } from '../context.ts';
import { pairsOf } from '../describe-model.ts';
import { parseModelReference } from '../model-reference.ts';
import { printResult, table } from '../output.ts';

interface FindOptions {
  readonly namespace?: string;
  readonly model?: string;
  readonly filter?: string;
  readonly sort?: string;
  readonly limit: string;
  readonly after?: string;
  readonly json?: boolean;
}

/** The commands of `slipway model` that look for things: `find` and `history`. */
export function registerFindCommands(model: Command, context: CliContext): void {
  registerFind(model, context);
  registerHistory(model, context);
}

function registerFind(model: Command, context: CliContext): void {
  model
    .command('find')
    .description('find versions by words, by a filter, or both; newest first')
    .argument('[words...]', 'words of names, descriptions, labels and parameters')
    .option('-n, --namespace <name>', 'only in this namespace')
    .option('--model <name>', 'only versions of this model')
    .option('--filter <expression>', 'such as: metrics.accuracy > 0.9 AND labels.team = "fraud"')
    .option('--sort <field>', 'a field, such as metrics.accuracy; with - before it the largest first')
    .option('--limit <count>', 'at most so many, up to 200', '50')
    .option('--after <cursor>', 'go on where an earlier list ended')
    .addOption(new Option('--json', 'print JSON'))
    .addHelpText(
      'after',
      '\nThe fields and the grammar: docs/reference/filters.md\n\nExample:\n  $ slipway model find --filter "metrics.accuracy > 0.9 AND stage = \'production\'" --sort -metrics.accuracy',
    )
    .action(async (words: string[], options: FindOptions) => {
      const { sort } = options;
      const found = await context.registry().call('versions', {
        namespace: options.namespace,
        model: options.model,
        filter: options.filter,
        search: words.length === 0 ? undefined : words.join(' '),
        orderBy:
          sort === undefined
            ? undefined
            : { field: sort.replace(/^-/, ''), direction: sort.startsWith('-') ? 'DESC' : 'ASC' },
        first: Number(options.limit),
        after: options.after,
      });
      printResult(options.json, found, () => describeFound(found));
    });
}

function describeFound(found: {
  totalCount: number;
  nodes: readonly FoundVersion[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}): string {
  if (found.totalCount === 0) return 'no version is like that';
  const rows = found.nodes.map((version) => [
    version.namespace,
    `${version.model}@${version.version}`,
    version.stage.toLowerCase(),
    pairsOf(version.metrics),
    version.aliases.join(', ') || '-',
  ]);
  const list = table(['NAMESPACE', 'VERSION', 'STAGE', 'METRICS', 'ALIASES'], rows);
  const more = found.pageInfo.hasNextPage ? `; go on with --after ${found.pageInfo.endCursor}` : '';
  return `${list}\n\n${found.nodes.length} of ${found.totalCount}${more}`;
}

function registerHistory(model: Command, context: CliContext): void {
  model
    .command('history')
    .description('what happened to a model or a version: who, when, what; newest first')
    .argument('<model>', 'name or name@version')
    .addOption(new Option('-n, --namespace <name>', 'namespace of the model').default('default'))
    .option('--limit <count>', 'at most so many, up to 200', '50')
    .addOption(new Option('--json', 'print JSON'))
    .action(async (reference: string, options: { namespace: string; limit: string; json?: boolean }) => {
      const { name, which } = parseModelReference(reference);
      const version = which !== undefined && 'version' in which ? which.version : undefined;
      const { namespace, limit } = options;
      const { nodes } = await context
        .registry()
        .call('events', { namespace, model: name, version, first: Number(limit) });
      printResult(options.json, nodes, () =>
        table(
          ['WHEN', 'WHO', 'WHAT', 'WHICH'],
          nodes.map((event) => [
            event.at,
            event.actor,
            event.action.toLowerCase().replaceAll('_', ' '),
            event.alias === null
              ? event.version === null
                ? name
                : `${name}@${event.version}`
              : `${event.alias} -> ${event.version === 0 ? 'nothing' : `${name}@${event.version}`}`,
          ]),
        ),
      );
    });
}
