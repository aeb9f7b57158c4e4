import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { LocalModel, LocalVersion } from '#adapters/model-layout';
import { DomainError } from '#domain/errors';
import { HARDWARE_TARGETS, KNOWN_FORMATS, type ModelFormat, PRECISIONS, parseModelFormat } from '#domain/registry';
import type * as wire from '#generated/graphql';
import type { CliContext } from '../context.ts';
import { type MetadataDraft, mergeMetadata, parsePairs, readMetadataFile, toPushMetadata } from '../metadata-file.ts';
import { printResult } from '../output.ts';
import { type PushedVersion, pushModel } from '../push-model.ts';
import { createTransferProgress, type TransferProgress } from '../transfer-progress.ts';

interface PushOptions {
  readonly namespace: string;
  readonly format?: ModelFormat;
  readonly metadata?: string;
  readonly metric: readonly string[];
  readonly param: readonly string[];
  readonly label: readonly string[];
  readonly dataset: readonly string[];
  readonly parent: readonly string[];
  readonly description?: string;
  readonly semanticVersion?: string;
  readonly sourceCommit?: string;
  readonly variant?: string;
  readonly idempotencyKey?: string;
  readonly new?: boolean;
  readonly alias?: string;
  readonly create: boolean;
  readonly json?: boolean;
}

const collect = (value: string, all: readonly string[]) => [...all, value];
const namespaceOption = () => new Option('-n, --namespace <name>', 'namespace of the model').default('default');
const variantOption = () =>
  new Option(
    '--variant <target/precision>',
    'what the files are built for (default: what the layout says, or cpu/fp32)',
  );

const formatOption = (description: string) =>
  new Option(
    '--format <format>',
    `${description}: ${KNOWN_FORMATS.join(', ')}, or the name of one that a plugin of your gateways runs`,
  ).argParser((word) => parseModelFormat(word, '--format'));

/** `slipway model push` and `slipway model import` */
export function registerPushCommands(model: Command, context: CliContext): void {
  registerPush(model, context);
  registerImport(model, context);
}

function registerPush(model: Command, context: CliContext): void {
  model
    .command('push')
    .description('register a version from local files; pushing the same content twice makes one version')
    .argument('<model>', 'name of the model; created when it does not exist')
    .argument('<path>', 'a model file, a folder with one, a model that MLflow saved, or a model of a Triton repository')
    .addOption(namespaceOption())
    .addOption(formatOption('format of the files, where their names do not tell it'))
    .option(
      '--metadata <file>',
      'JSON or YAML with description, metrics, parameters, labels, trainingData, signature …',
    )
    .option('--metric <name=number>', 'a metric, such as accuracy=0.97 (repeatable)', collect, [])
    .option('--param <name=value>', 'a training parameter (repeatable)', collect, [])
    .option('--label <name=value>', 'a label (repeatable)', collect, [])
    .option('--dataset <name=uri>', 'a training data set (repeatable)', collect, [])
    .option('--parent <number>', 'a version that this one was derived from (repeatable)', collect, [])
    .option('--description <text>', 'what this version is')
    .option('--semantic-version <version>', 'a name beside the number, such as 1.4.0')
    .option('--source-commit <commit>', 'commit of the training code')
    .addOption(variantOption())
    .option('--alias <name>', 'point an alias at the version afterwards')
    .option('--idempotency-key <key>', 'makes repeated pushes one version; default: the digest of the content')
    .option('--new', 'make a new version even of content that is registered already')
    .option('--no-create', 'fail when the model does not exist')
    .addOption(new Option('--json', 'print JSON'))
    .addHelpText(
      'after',
      '\nOf a Triton repository all numbered versions are pushed, in their order.\n\nExamples:' +
        '\n  $ slipway model push digits model.onnx --metric accuracy=0.97 --alias champion' +
        '\n  $ slipway model push churn mlruns/1/models/m-1/artifacts --semantic-version 1.4.0' +
        '\n  $ slipway model push resnet model_repository/resnet',
    )
    .action(async (name: string, path: string, options: PushOptions) => {
      const metadata = metadataOf(options);
      const local = await context.localModels.read(path, options.format);
      if (local.versions.length > 1 && (options.semanticVersion ?? options.idempotencyKey) !== undefined) {
        throw new DomainError(
          'INPUT_INVALID',
          `${path} has ${local.versions.length} versions: push them one by one to give each its own name or key`,
        );
      }
      const pushed = await withProgress(options, (progress) =>
        pushAll(context, { name, local, metadata, options }, progress),
      );
      const latest = pushed.at(-1);
      if (options.alias !== undefined && latest !== undefined) {
        const { namespace } = options;
        const { version } = latest.version;
        await context.registry().call('setAlias', { input: { namespace, model: name, alias: options.alias, version } });
      }
      const results = pushed.map(({ version, isNew }) => ({ ...version, isNew }));
      printResult(options.json, results.length === 1 ? results[0] : results, () => describe(name, local, pushed));
    });
}

interface ImportOptions extends Pick<PushOptions, 'namespace' | 'format' | 'variant' | 'json'> {
  readonly label: readonly string[];
}

function registerImport(model: Command, context: CliContext): void {
  model
    .command('import')
    .description('register every model of a Triton repository, with all versions')
    .argument('<repository>', 'a folder of models, each with a config.pbtxt or numbered versions')
    .addOption(namespaceOption())
    .addOption(formatOption('format of the files, where neither names nor configuration tell it'))
    .option('--label <name=value>', 'a label (repeatable)', collect, [])
    .addOption(variantOption())
    .addOption(new Option('--json', 'print JSON'))
    .action(async (repository: string, given: ImportOptions) => {
      const names = await context.localModels.modelsIn(repository);
      if (names.length === 0)
        throw new DomainError('INPUT_INVALID', `${repository} holds no models of a Triton repository`);
      const options: PushOptions = { ...given, metric: [], param: [], dataset: [], parent: [], create: true };
      const metadata = metadataOf(options);
      const imported: (PushedVersion & { readonly model: string })[] = [];
      await withProgress(options, async (progress) => {
        for (const name of names) {
          const local = await context.localModels.read(join(repository, name), options.format);
          const pushed = await pushAll(context, { name, local, metadata, options }, progress);
          imported.push(...pushed.map((version) => ({ ...version, model: name })));
          if (options.json !== true) process.stdout.write(`${describe(name, local, pushed)}\n`);
        }
      });
      const results = imported.map(({ version, isNew }) => ({ ...version, isNew }));
      printResult(options.json, results, () => `${names.length} models, ${results.length} versions`);
    });
}

interface LocalPush {
  readonly name: string;
  readonly local: LocalModel;
  readonly metadata: MetadataDraft;
  readonly options: PushOptions;
}

async function pushAll(
  context: CliContext,
  { name, local, metadata, options }: LocalPush,
  progress: TransferProgress,
): Promise<PushedVersion[]> {
  const pushed: PushedVersion[] = [];
  for (const version of local.versions) {
    const { labels, parameters, signature } = version;
    const own = { labels, parameters, ...(signature === undefined ? {} : { signature: wireSignature(signature) }) };
    const request = {
      namespace: options.namespace,
      model: name,
      version,
      ...variantOf(options.variant, version),
      metadata: toPushMetadata(mergeMetadata(own, metadata)),
      idempotencyKey: options.new === true ? randomUUID() : options.idempotencyKey,
      createsModel: options.create,
    };
    pushed.push(await pushModel(context.registry(), request, progress));
  }
  return pushed;
}

async function withProgress<T>(
  { json }: Pick<PushOptions, 'json'>,
  act: (progress: TransferProgress) => Promise<T>,
): Promise<T> {
  const progress = createTransferProgress('uploaded', json === true);
  try {
    return await act(progress);
  } finally {
    progress.stop();
  }
}

function describe(model: string, { versions }: LocalModel, pushed: readonly PushedVersion[]): string {
  const lines = pushed.map(({ version, isNew }, at) => {
    const source = versions[at]?.name === undefined ? '' : `${model}/${versions[at].name} `;
    return `${source}${isNew ? 'registered' : 'was registered already as'} ${model}@${version.version}`;
  });
  return lines.join('\n');
}

function wireSignature({ inputs, outputs }: NonNullable<LocalVersion['signature']>): wire.SignatureInput {
  const tensors = (specs: typeof inputs) => specs.map((spec) => ({ ...spec, shape: [...spec.shape] }));
  return { inputs: tensors(inputs), outputs: tensors(outputs) };
}

/** @throws INPUT_INVALID */
function variantOf(
  given: string | undefined,
  { target: known = 'cpu' }: LocalVersion,
): { target: wire.HardwareTarget; precision: wire.Precision } {
  const text = given ?? `${known}/fp32`;
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
    ...(options.semanticVersion === undefined ? {} : { semanticVersion: options.semanticVersion }),
    ...(options.sourceCommit === undefined ? {} : { sourceCommit: options.sourceCommit }),
    metrics: Object.fromEntries(metrics),
    parameters: parsePairs('--param', options.param),
    labels: parsePairs('--label', options.label),
    parents: options.parent.map(parentIn),
    trainingData: Object.entries(parsePairs('--dataset', options.dataset)).map(([name, uri]) => ({ name, uri })),
  });
}

/** @throws INPUT_INVALID */
function parentIn(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new DomainError('INPUT_INVALID', `--parent must be the number of a version, not ${text}`);
}
