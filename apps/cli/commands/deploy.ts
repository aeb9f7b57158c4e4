import { type Command, Option } from 'commander';
import type { FoundVersion } from '#adapters/registry-client';
import { DomainError } from '#domain/errors';
import type { CliContext, ManifestTexts } from '../context.ts';
import { parseModelReference } from '../model-reference.ts';
import { printResult } from '../output.ts';
import { followRollout } from '../rollout/follow-rollout.ts';

interface DeployOptions {
  readonly namespace: string;
  readonly name?: string;
  readonly branch: string;
  readonly path: string;
  readonly strategy?: string;
  readonly message?: string;
  readonly dryRun?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** `slipway deploy` */
export function registerDeployCommand(program: Command, context: CliContext, texts: ManifestTexts): void {
  program
    .command('deploy')
    .description('write a deployment’s manifest, commit it and push it; an alias is resolved to its version now')
    .argument('<model>', 'name (its latest version), name@version or name@alias')
    .option('--name <name>', 'name of the deployment; default: that of the model')
    .option('-n, --namespace <name>', 'namespace of the model and the deployment', 'default')
    .option('--branch <name>', 'branch to push to', 'main')
    .option('--path <folder>', 'folder of the manifests in the repository', '')
    .addOption(new Option('--strategy <name>', 'for a new manifest').choices(['canary', 'allAtOnce']))
    .option('--message <text>', 'commit message')
    .option('--watch', 'follow the rollout to its end')
    .option('--dry-run', 'print the manifest and change nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ slipway deploy digits@2 --message "Release digits 2" --watch')
    .action(async (reference: string, options: DeployOptions) => {
      const { namespace } = options;
      const { name: model } = parseModelReference(reference);
      const version = await resolveVersion(context, namespace, reference);
      const name = options.name ?? model;
      const file = [options.path.replace(/\/+$/, ''), namespace === 'default' ? '' : namespace, `${name}.yaml`]
        .filter((part) => part !== '')
        .join('/');
      const edit = (current: string | undefined) =>
        current === undefined
          ? texts.newManifest({ namespace, name, model, version, strategy: options.strategy })
          : texts.manifestWithVersion(current, file, version);
      if (options.dryRun === true) {
        process.stdout.write(edit(undefined));
        return;
      }
      const message = options.message ?? `Serve ${model} ${version} as ${name}`;
      const { commit, isNew } = await context.repository(undefined, options.branch).commit({ file, edit, message });
      printResult(options.json, { name, version, commit, isNew }, () =>
        isNew
          ? `committed ${commit.slice(0, 10)}: ${name} shall serve ${model}@${version}`
          : `nothing to do: ${file} names version ${version} already`,
      );
      if (options.watch !== true) return;
      await followRollout(context, namespace, name, {
        exits: true,
        json: options.json,
        commit: isNew ? commit : undefined,
      });
    });
}

async function resolveVersion(context: CliContext, namespace: string, reference: string): Promise<number> {
  const found = await findVersion(context, namespace, reference);
  const { model, version, tombstone, deprecation } = found;
  if (tombstone !== null) {
    const told = `by ${tombstone.by}${tombstone.reason === '' ? '' : `: ${tombstone.reason}`}`;
    throw new DomainError('VERSION_TOMBSTONED', `${model}@${version} was withdrawn ${told}`);
  }
  if (deprecation !== null) {
    process.stderr.write(`warning: ${model}@${version} is deprecated by ${deprecation.by}: ${deprecation.reason}\n`);
  }
  return version;
}

async function findVersion(context: CliContext, namespace: string, reference: string): Promise<FoundVersion> {
  const { name, which } = parseModelReference(reference);
  if (which !== undefined) {
    const found = await context.registry().version(namespace, name, which);
    if (found !== null) return found;
    throw new DomainError(
      'MODEL_VERSION_NOT_FOUND',
      `there is no ${reference} in namespace ${namespace}: see \`slipway model show ${name}\``,
    );
  }
  const latest = (await context.registry().model(namespace, name, 1))?.latestVersion;
  if (latest != null) return latest;
  throw new DomainError(
    'MODEL_NOT_FOUND',
    `namespace ${namespace} has no model ${name} with a version: push one first`,
  );
}
