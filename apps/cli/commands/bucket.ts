import { type Command, Option } from 'commander';
import type { CopyProgress, CopyReport } from '#application/registry';
import { DomainError } from '#domain/errors';
import type { CliContext } from '../context.ts';
import { humanBytes, printResult } from '../output.ts';

const jsonOption = () => new Option('--json', 'print JSON');
const SETTINGS = `
The bucket is the one that the registry's settings name (SLIPWAY_STORE, SLIPWAY_STORE_DIR, SLIPWAY_S3_…); no registry needs to run.`;

/** `slipway registry backup|restore|verify` */
export function registerBucketCommands(registry: Command, context: CliContext): void {
  registerBackup(registry, context);
  registerRestore(registry, context);
  registerVerify(registry, context);
}

function registerBackup(registry: Command, { buckets }: CliContext): void {
  registry
    .command('backup')
    .description('copy the bucket into a folder, while the registry works; repeated, it copies what is new')
    .argument('<folder>', 'an absent or empty folder, or an earlier backup of the same bucket')
    .addOption(jsonOption())
    .addHelpText('after', SETTINGS)
    .action(async (folder: string, { json }: { json?: boolean }) => {
      const report = await buckets.backup(folder, progressLine(json));
      printResult(json, report, () => `${folder} holds ${describe(report)}`);
    });
}

function registerRestore(registry: Command, { buckets }: CliContext): void {
  registry
    .command('restore')
    .description('copy a backup into an empty bucket; cut off, it is repeated')
    .argument('<folder>', 'a backup')
    .addOption(jsonOption())
    .addHelpText('after', SETTINGS)
    .action(async (folder: string, { json }: { json?: boolean }) => {
      const report = await buckets.restore(folder, progressLine(json));
      printResult(json, report, () => `the bucket holds ${describe(report)}`);
    });
}

function registerVerify(registry: Command, { buckets }: CliContext): void {
  registry
    .command('verify')
    .description('read the whole bucket again, or a backup, and check every record, reference and digest')
    .argument('[folder]', 'a backup (default: the bucket itself)')
    .option('--quick', 'compare the sizes of blobs, and leave their bytes unread')
    .addOption(jsonOption())
    .addHelpText('after', SETTINGS)
    .action(async (folder: string | undefined, { quick, json }: { quick?: boolean; json?: boolean }) => {
      const { copied } = progressLine(json);
      const report = await buckets.verify(folder, quick === true, (what, done, total) =>
        copied(what as 'blobs', done, total),
      );
      const { problems, versions, blobs, readBytes, unreferencedBlobs, position } = report;
      printResult(json, report, () =>
        [
          ...problems.map(({ key, message }) => `${key} ${message}`),
          `${versions} versions and ${blobs} blobs at batch ${position} of the log, ${humanBytes(readBytes)} read again; ` +
            `${unreferencedBlobs} blobs that no version refers to`,
        ].join('\n'),
      );
      if (problems.length > 0) throw new DomainError('ARTIFACT_CORRUPT', `${problems.length} things are wrong`);
    });
}

function describe({ versions, blobs, copiedBlobs, copiedBytes, position }: CopyReport): string {
  return `${versions} versions and ${blobs} blobs at batch ${position} of the log; ${copiedBlobs} blobs copied (${humanBytes(copiedBytes)})`;
}

/** A line on a terminal's standard error that tells how far a copy is; nothing elsewhere. */
function progressLine(isQuiet: boolean | undefined): CopyProgress {
  const { stderr } = process;
  if (isQuiet === true || !stderr.isTTY) return { copied() {} };
  let shownMs = 0;
  return {
    copied(what, done, total) {
      const nowMs = performance.now();
      if (done < total && nowMs - shownMs < 100) return;
      shownMs = nowMs;
      stderr.write(`\r\x1b[K${what} ${done}/${total}${done === total ? '\n' : ''}`);
    },
  };
}
