import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AuditReport, ChainReport, ExpectedHead, ListedEntry } from '#application/audit';
import { principalInWords } from '#domain/audit';
import { DomainError } from '#domain/errors';
import type { CliContext } from '../context.ts';
import { printResult, table } from '../output.ts';

const jsonOption = () => new Option('--json', 'print JSON');
const SETTINGS = `
The bucket is the one that the registry's settings name (SLIPWAY_STORE, SLIPWAY_STORE_DIR, SLIPWAY_S3_…); no program needs to run.`;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 10_000;

/** `slipway audit …` */
export function registerAuditCommands(program: Command, context: CliContext): void {
  const audit = program
    .command('audit')
    .description('read and verify the audit log: who did what, and who was not let');
  registerVerify(audit, context);
  registerList(audit, context);
}

interface VerifyOptions {
  readonly expectHead: readonly ExpectedHead[];
  readonly json?: boolean;
}

function registerVerify(audit: Command, { buckets }: CliContext): void {
  audit
    .command('verify')
    .description('read the audit log from its beginning, and check that nothing was changed or taken out')
    .argument('[folder]', 'a backup (default: the bucket itself)')
    .addOption(
      new Option('--expect-head <head>', 'a head that was printed before, and must still be there (repeatable)')
        .argParser((text: string, all: readonly ExpectedHead[]) => [...all, parseHead(text)])
        .default([], 'none'),
    )
    .addOption(jsonOption())
    .addHelpText('after', SETTINGS)
    .action(async (folder: string | undefined, { expectHead, json }: VerifyOptions) => {
      const report = await buckets.verifyAudit(folder, expectHead, progressLine(json));
      printResult(json, withHeads(report), () =>
        [...report.problems.map(({ key, message }) => `${key} ${message}`), ...report.chains.map(describe)].join('\n'),
      );
      const { length } = report.problems;
      if (length > 0)
        throw new DomainError('AUDIT_LOG_BROKEN', `${length} ${length === 1 ? 'thing is' : 'things are'} wrong`);
    });
}

interface ListOptions {
  readonly since?: string;
  readonly until?: string;
  readonly principal?: string;
  readonly action?: string;
  readonly denied?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

function registerList(audit: Command, { buckets }: CliContext): void {
  audit
    .command('list')
    .description('list entries of the audit log, the newest first')
    .argument('[folder]', 'a backup (default: the bucket itself)')
    .addOption(
      new Option('--since <time>', 'from then on: 2026-11-30T08:00:00Z, or 30m, 12h, 7d ago').argParser(parseTime),
    )
    .addOption(
      new Option('--until <time>', 'before then; the time of the last line shown gives the next page').argParser(
        parseTime,
      ),
    )
    .option('--principal <name>', 'of one user or program')
    .option('--action <action>', 'such as model.update, version-registered, key.* or RolledBack')
    .option('--denied', 'only what was denied, and credentials that were refused')
    .addOption(new Option('--limit <count>', 'how many at most').argParser(parseLimit).default(DEFAULT_LIMIT))
    .addOption(jsonOption())
    .addHelpText('after', SETTINGS)
    .action(async (folder: string | undefined, { json, denied, ...query }: ListOptions) => {
      const entries = await buckets.listAudit(folder, { ...query, isDenied: denied });
      printResult(json, entries, () =>
        table(['TIME', 'KIND', 'WHO', 'ACTION', 'ON', 'MORE', 'BATCH'], entries.map(rowOf)),
      );
    });
}

function rowOf({ at, kind, principal, action, resource, field, ruleId, detail, count, key }: ListedEntry): string[] {
  const more = [
    field === undefined ? undefined : `field ${field}`,
    ruleId === undefined ? undefined : `denied by ${ruleId}`,
    detail,
    count === undefined ? undefined : `${count} times`,
  ];
  const who = principal === undefined ? '-' : principalInWords(principal);
  const said = more.filter((part) => part !== undefined).join('; ');
  return [at, kind, who, action ?? '-', resource ?? '-', said || '-', key].map(onOneLine);
}

/** Names and reasons come from outside: no control character of theirs reaches the terminal. */
function onOneLine(text: string): string {
  return text.replace(/\p{C}+/gu, ' ');
}

function describe({ prefix, batches, entries, chainedFrom, head }: ChainReport): string {
  const counts = `${prefix} ${batches} batches with ${entries} entries`;
  if (batches === 0) return counts;
  const since =
    chainedFrom === undefined ? ', not chained' : chainedFrom === 1 ? '' : `, chained from batch ${chainedFrom}`;
  return `${counts}${since}; head ${headInWords(prefix, head)}`;
}

function withHeads({ chains, problems }: AuditReport) {
  return { chains: chains.map((chain) => ({ ...chain, head: headInWords(chain.prefix, chain.head) })), problems };
}

function headInWords(prefix: string, { sequence, sha256 }: ChainReport['head']): string {
  return `${prefix}:${sequence}:${sha256}`;
}

function parseHead(text: string): ExpectedHead {
  const match = /^(audit\/|log\/):(\d{1,12}):([0-9a-f]{64})$/.exec(text);
  if (match === null) {
    throw new InvalidArgumentError(
      'A head is audit/ or log/, a sequence and a SHA-256, as `slipway audit verify` prints it.',
    );
  }
  const [, prefix = '', sequence, sha256 = ''] = match;
  return { prefix, sequence: Number(sequence), sha256 };
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function parseTime(text: string): string {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  const ms = ago === null ? Date.parse(text) : Date.now() - Number(ago[1]) * UNITS_MS[ago[2] as keyof typeof UNITS_MS];
  if (Number.isNaN(ms)) throw new InvalidArgumentError('A time is such as 2026-11-30T08:00:00Z, or 30m, 12h, 7d ago.');
  return new Date(ms).toISOString();
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new InvalidArgumentError(`A limit is from 1 to ${MAX_LIMIT}.`);
}

/** A line on a terminal's standard error that tells how far the verification is; nothing elsewhere. */
function progressLine(isQuiet: boolean | undefined): (prefix: string, batches: number) => void {
  const { stderr } = process;
  if (isQuiet === true || !stderr.isTTY) return () => {};
  let shownMs = 0;
  return (prefix, batches) => {
    const nowMs = performance.now();
    if (nowMs - shownMs < 100) return;
    shownMs = nowMs;
    stderr.write(`\r\x1b[K${prefix} ${batches} batches\r`);
  };
}
