import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { ArchiveFile } from '#adapters/model-export';
import type { DownloadableFile, FoundVersion, RegistryClient } from '#adapters/registry-client';
import { DomainError, isDomainError } from '#domain/errors';
import type { HardwareTarget, ModelFormat } from '#domain/registry';
import type { CliContext } from '../context.ts';
import { parseModelReference } from '../model-reference.ts';
import { humanBytes, printResult } from '../output.ts';
import { createTransferProgress } from '../transfer-progress.ts';

interface PullOptions {
  readonly namespace: string;
  readonly variant?: string;
  readonly json?: boolean;
}

interface KserveOptions extends PullOptions {
  readonly name?: string;
  readonly storageUri?: string;
  readonly output?: string;
}

const namespaceOption = () => new Option('-n, --namespace <name>', 'namespace of the model').default('default');
const variantOption = () => new Option('--variant <target/precision>', 'which variant, where the version has several');

/** `slipway model pull` and `slipway model export …` */
export function registerExportCommands(model: Command, context: CliContext): void {
  registerPull(model, context);
  const exports = model.command('export').description('write a version in the forms that other systems read');
  registerKserve(exports, context);
  registerOci(exports, context);
}

function registerPull(model: Command, context: CliContext): void {
  model
    .command('pull')
    .description("download a version's files, each checked against its digest")
    .argument('<model@version>', 'name@version or name@alias')
    .argument('[folder]', 'where to; files that are there already are left as they are', '.')
    .addOption(namespaceOption())
    .addOption(variantOption())
    .addOption(new Option('--json', 'print JSON'))
    .action(async (reference: string, folder: string, options: PullOptions) => {
      const registry = context.registry();
      const version = await requireVersion(registry, options.namespace, reference);
      const { files } = await chooseVariant(registry, version, options.variant);
      const pathOf = (file: DownloadableFile) => join(folder, file.path);
      const pulled = await download(registry, { version, files, pathOf, isQuiet: options.json === true });
      printResult(options.json, { model: version.model, version: version.version, files: pulled }, () => {
        const fetched = pulled.filter(({ isFetched }) => isFetched);
        const bytes = humanBytes(fetched.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
        return `${version.model}@${version.version} is in ${folder}: ${fetched.length} of ${pulled.length} files fetched (${bytes})`;
      });
    });
}

function registerKserve(exports: Command, context: CliContext): void {
  exports
    .command('kserve')
    .description('print a version as an InferenceService of KServe')
    .argument('<model@version>', 'name@version or name@alias')
    .addOption(namespaceOption())
    .addOption(variantOption())
    .option('--name <name>', 'name of the InferenceService (default: the name of the model)')
    .option(
      '--storage-uri <uri>',
      'where the cluster finds the files (default: the registry, by the URL that is used here)',
    )
    .option('-o, --output <file>', 'write to a file')
    .action(async (reference: string, options: KserveOptions) => {
      const registry = context.registry();
      const version = await requireVersion(registry, options.namespace, reference);
      const variant = await chooseVariant(registry, version, options.variant);
      const exported = {
        namespace: version.namespace,
        model: version.model,
        version: version.version,
        target: variant.target,
        precision: variant.precision,
        format: variant.format,
        digest: variant.files[0]?.digest ?? '',
      };
      const { kserveArchivePath, kserveManifest } = context.exports;
      const name = options.name ?? version.model.replaceAll(/[._]/g, '-');
      const uri = options.storageUri ?? `${registry.baseUrl}${kserveArchivePath(exported)}`;
      const text = kserveManifest(exported, name, uri);
      if (options.output === undefined) process.stdout.write(text);
      else await writeFile(options.output, text);
    });
}

function registerOci(exports: Command, context: CliContext): void {
  exports
    .command('oci')
    .description('write a version as an OCI image layout, with its files under /models')
    .argument('<model@version>', 'name@version or name@alias')
    .argument('<folder>', 'an empty folder, or a new one')
    .addOption(namespaceOption())
    .addOption(variantOption())
    .addOption(new Option('--json', 'print JSON'))
    .addHelpText(
      'after',
      '\nExample:\n  $ slipway model export oci digits@3 image' +
        '\n  $ skopeo copy oci:image docker://registry.example.com/models/digits:3',
    )
    .action(async (reference: string, folder: string, options: PullOptions) => {
      const registry = context.registry();
      const version = await requireVersion(registry, options.namespace, reference);
      const { files } = await chooseVariant(registry, version, options.variant);
      const temporary = await mkdtemp(`${resolve(folder)}-`);
      let digest: string;
      try {
        const pathOf = (file: DownloadableFile) => join(temporary, file.path);
        await download(registry, { version, files, pathOf, isQuiet: options.json === true });
        const archived = files.map((file): ArchiveFile => {
          const { path: name, sizeBytes } = file;
          return { name, sizeBytes, open: async () => createReadStream(pathOf(file), { highWaterMark: 1 << 20 }) };
        });
        digest = await context.exports.writeOciLayout(folder, descriptionOf(version), archived);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
      printResult(options.json, { folder: resolve(folder), digest }, () => `${folder} holds the image ${digest}`);
    });
}

function descriptionOf({ model, version, createdAt, description, sourceCommit }: FoundVersion) {
  return {
    model,
    version,
    createdAt,
    ...(description === null ? {} : { description }),
    ...(sourceCommit === null ? {} : { sourceCommit }),
  };
}

interface Download {
  readonly version: FoundVersion;
  readonly files: readonly DownloadableFile[];
  readonly pathOf: (file: DownloadableFile) => string;
  readonly isQuiet: boolean;
}

async function download(
  registry: RegistryClient,
  { version, files, pathOf, isQuiet }: Download,
): Promise<{ path: string; digest: string; sizeBytes: number; isFetched: boolean }[]> {
  const progress = createTransferProgress('downloaded', isQuiet);
  const downloaded = [];
  try {
    for (const file of files) {
      const { path, digest, sizeBytes } = file;
      const isFetched = await registry.downloadFile(file, pathOf(file), (received) =>
        progress.moving(path, received, sizeBytes),
      );
      if (!isFetched) progress.skipped(path, 'is there already');
      downloaded.push({ path, digest, sizeBytes, isFetched });
    }
    return downloaded;
  } catch (error) {
    if (isDomainError(error) && error.code === 'ARTIFACT_NOT_FOUND') await requireDownload(registry, version);
    throw error;
  } finally {
    progress.stop();
  }
}

/** Bytes are asked for by their digest, and whoever may not have them is told that there are none: of a version that is seen there is more to say. */
async function requireDownload(registry: RegistryClient, { namespace, model, version }: FoundVersion): Promise<void> {
  const input = { action: 'version.download', resource: `${namespace}/${model}@${version}` };
  const { isAllowed, reason } = await registry.call('access', { input });
  if (!isAllowed) throw new DomainError('ACCESS_DENIED', reason);
}

async function requireVersion(registry: RegistryClient, namespace: string, reference: string): Promise<FoundVersion> {
  const { name, which } = parseModelReference(reference);
  if (which === undefined)
    throw new DomainError('INPUT_INVALID', `say which version, such as ${name}@3 or ${name}@champion`);
  const found = await registry.version(namespace, name, which);
  if (found !== null) return found;
  throw new DomainError('MODEL_VERSION_NOT_FOUND', `there is no ${reference} in namespace ${namespace}`);
}

interface ChosenVariant {
  readonly target: HardwareTarget;
  readonly precision: string;
  readonly format: ModelFormat;
  readonly files: readonly DownloadableFile[];
}

/** @throws INPUT_INVALID naming the variants that there are. */
async function chooseVariant(
  registry: RegistryClient,
  { namespace, model, version }: FoundVersion,
  wanted: string | undefined,
): Promise<ChosenVariant> {
  const variants = (await registry.call('files', { namespace, model, version }))?.variants ?? [];
  const named = variants.map((variant) => ({
    ...variant,
    name: `${variant.target}/${variant.precision}`.toLowerCase(),
  }));
  const [only] = named;
  const chosen = wanted === undefined && named.length === 1 ? only : named.find(({ name }) => name === wanted);
  if (chosen === undefined) {
    const known = named.map(({ name }) => name).join(', ');
    const problem = wanted === undefined ? 'has several variants' : `has no variant ${wanted}`;
    throw new DomainError('INPUT_INVALID', `${model}@${version} ${problem}: choose one of ${known} with --variant`);
  }
  return {
    target: chosen.target.toLowerCase() as HardwareTarget,
    precision: chosen.precision.toLowerCase(),
    format: chosen.format.toLowerCase() as ModelFormat,
    files: chosen.files,
  };
}
