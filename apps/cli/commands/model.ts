import { randomUUID } from 'node:crypto';
import { type Command, Option } from 'commander';
import { DomainError } from '#domain/errors';
import { HARDWARE_TARGETS, PRECISIONS } from '#domain/registry';
import type * as wire from '#generated/graphql';
import type { CliContext } from '../context.ts';
import { describeModel, describeVersion, metricsOf } from '../describe-model.ts';
import { type MetadataDraft, mergeMetadata, parsePairs, readMetadataFile, toPushMetadata } from '../metadata-file.ts';
import { parseModelReference } from '../model-reference.ts';
import { printResult, table } from '../output.ts';
import { pushModel } from '../push-model.ts';
import { createUploadProgress } from '../upload-progress.ts';
import { registerFindCommands } from './find.ts';
import { registerGovernanceCommands } from './governance.ts';

interface PushOptions {
  readonly namespace: string;
  readonly metadata?: string;
  readonly metric: readonly string[];
  readonly param: readonly string[];
  readonly label: readonly string[];
  readonly dataset: readonly string[];
  readonly description?: string;
  readonly sourceCommit?: string;
  readonly variant: string;
  readonly idempotencyKey?: string;
  readonly new?: boolean;
  readonly alias?: string;
  readonly create: boolean;
  readonly json?: boolean;
}

interface ListOptions {
  readonly namespace: string;
  readonly limit: string;
  readonly filter?: string;
  readonly search?: string;
  readonly json?: boolean;
}

const collect = (value: string, all: readonly string[]) => [...all, value];
const namespaceOption = () => new Option('-n, --namespace <name>', 'namespace of the model').default('default');
const jsonOption = () => new Option('--json', 'print JSON');

/** `slipway model …` */
export function registerModelCommands(program: Command, context: CliContext): void {
  const model = program.command('model').description('register and look up models');
  registerPush(model, context);
  registerList(model, context);
  registerShow(model, context);
  registerAlias(model, context);
  registerFindCommands(model, context);
  registerGovernanceCommands(model, context);
}

function registerPush(model: Command, context: CliContext): void {
  model
    .command('push')
    .description('register a version from a model file or a folder; pushing the same content twice makes one version')
    .argument('<model>', 'name of the model; created when it does not exist')
    .argument('<path>', 'an .onnx file, or a folder with one')
    .addOption(namespaceOption())
    .option('--metadata <file>', 'JSON or YAML with description, metrics, parameters, labels, trainingData')
    .option('--metric <name=number>', 'a metric, such as accuracy=0.97 (repeatable)', collect, [])
    .option('--param <name=value>', 'a training parameter (repeatable)', collect, [])
    .option('--label <name=value>', 'a label (repeatable)', collect, [])
    .option('--dataset <name=uri>', 'a training data set (repeatable)', collect, [])
    .option('--description <text>', 'what this version is')
    .option('--source-commit <commit>', 'commit of the training code')
    .option('--variant <target/precision>', 'what the files are built for', 'cpu/fp32')
    .option('--alias <name>', 'point an alias at the version afterwards')
    .option('--idempotency-key <key>', 'makes repeated pushes one version; default: the digest of the content')
    .option('--new', 'make a new version even of content that is registered already')
    .option('--no-create', 'fail when the model does not exist')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ slipway model push digits model.onnx --metric accuracy=0.97 --alias champion',
    )
    .action(async (name: string, path: string, options: PushOptions) => {
      const registry = context.registry();
      const progress = createUploadProgress(options.json === true);
      const { target, precision } = parseVariant(options.variant);
      try {
        const { version, isNew } = await pushModel(
          registry,
          {
            namespace: options.namespace,
            model: name,
            path,
            target,
            precision,
            metadata: toPushMetadata(metadataOf(options)),
            idempotencyKey: options.new === true ? randomUUID() : options.idempotencyKey,
            createsModel: options.create,
          },
          progress,
        );
        if (options.alias !== undefined) {
          const { namespace } = options;
          await registry.call('setAlias', {
            input: { namespace, model: name, alias: options.alias, version: version.version },
          });
        }
        const verb = isNew ? 'registered' : 'was registered already as';
        printResult(options.json, { ...version, isNew }, () => `${verb} ${name}@${version.version}`);
      } finally {
        progress.stop();
      }
    });
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
                metricsOf(node.latestVersion) || '-',
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

/** @throws INPUT_INVALID */
function parseVariant(text: string): { target: wire.HardwareTarget; precision: wire.Precision } {
  const [target, precision, ...rest] = text.split('/');
  const knownTarget = HARDWARE_TARGETS.find((word) => word === target);
  const knownPrecision = PRECISIONS.find((word) => word === precision);
  if (knownTarget === undefined || knownPrecision === undefined || rest.length > 0) {
    const rule = `<target>/<precision> with target ${HARDWARE_TARGETS.join('|')} and precision ${PRECISIONS.join('|')}`;
    throw new DomainError('INPUT_INVALID', `--variant ${text} is not known: use ${rule}`);
  }
  return {
    target: knownTarget.toUpperCase() as wire.HardwareTarget,
    precision: knownPrecision.toUpperCase() as wire.Precision,
  };
}

function metadataOf(options: PushOptions): MetadataDraft {
  const file = options.metadata === undefined ? {} : readMetadataFile(options.metadata);
  const metrics = Object.entries(parsePairs('--metric', options.metric)).map(([name, value]) => [name, Number(value)]);
  return mergeMetadata(file, {
    ...(options.description === undefined ? {} : { description: options.description }),
    ...(options.sourceCommit === undefined ? {} : { sourceCommit: options.sourceCommit }),
    metrics: Object.fromEntries(metrics),
    parameters: parsePairs('--param', options.param),
    labels: parsePairs('--label', options.label),
    trainingData: Object.entries(parsePairs('--dataset', options.dataset)).map(([name, uri]) => ({ name, uri })),
  });
}
