import { type Command, Option } from 'commander';
import { DomainError, shown } from '#domain/errors';
import type { RegistryOperations } from '#generated/registry-operations';
import type { CliContext } from '../context.ts';
import { printResult, table } from '../output.ts';

type ApiKey = RegistryOperations['apiKeys']['data']['apiKeys']['nodes'][number];

const PAGE = 200;
const jsonOption = () => new Option('--json', 'print JSON');

/** `slipway auth keys list|create|revoke` */
export function registerKeyCommands(auth: Command, context: CliContext): void {
  const keys = auth.command('keys').description('make, list and revoke API keys');
  registerList(keys, context);
  registerCreate(keys, context);
  registerRevoke(keys, context);
}

function registerList(keys: Command, context: CliContext): void {
  keys
    .command('list')
    .description('list your API keys, the newest first')
    .option('--all', 'those of everybody')
    .addOption(jsonOption())
    .action(async ({ all, json }: { all?: boolean; json?: boolean }) => {
      const found = await allKeys(context, all === true);
      printResult(json, found, () => (found.length === 0 ? 'no API keys' : keyTable(found)));
    });
}

async function allKeys(context: CliContext, ofEverybody: boolean): Promise<readonly ApiKey[]> {
  const found: ApiKey[] = [];
  for (let after: string | null = null; ; ) {
    const page: RegistryOperations['apiKeys']['data']['apiKeys'] = await context
      .registry()
      .call('apiKeys', { ofEverybody, first: PAGE, after });
    found.push(...page.nodes);
    if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === null) return found;
    after = page.pageInfo.endCursor;
  }
}

interface CreateOptions {
  readonly workload?: string;
  readonly action: readonly string[];
  readonly namespace: readonly string[];
  readonly days?: string;
  readonly json?: boolean;
}

function registerCreate(keys: Command, context: CliContext): void {
  const collect = (value: string, all: readonly string[]) => [...all, value];
  keys
    .command('create')
    .description('make an API key, and print it this once')
    .argument('<description>', 'what it is for')
    .option('--workload <name>', 'the program that it is for; without it, the key is yours')
    .option('--action <pattern>', 'narrow it to actions, such as version.* (repeatable)', collect, [])
    .option('-n, --namespace <name>', 'narrow it to a namespace (repeatable)', collect, [])
    .option('--days <number>', 'how long it is good for, 1 to 366 (default: 90)')
    .addOption(jsonOption())
    .addHelpText('after', '\nStandard output gets the key alone, so that a script can keep it.')
    .action(async (description: string, { workload, action, namespace, days, json }: CreateOptions) => {
      const created = await context.registry().call('createApiKey', {
        input: {
          description,
          ...(days === undefined ? {} : { lifetimeDays: wholeNumber(days) }),
          ...(workload === undefined ? {} : { workload }),
          ...(action.length === 0 ? {} : { actions: [...action] }),
          ...(namespace.length === 0 ? {} : { namespaces: [...namespace] }),
        },
      });
      printResult(json, created, () => created.key);
      const { id, owner, expiresAt } = created.apiKey;
      process.stderr.write(`key ${id} of ${owner}, until ${expiresAt}; it is shown this once\n`);
    });
}

function wholeNumber(days: string): number {
  if (/^\d{1,6}$/.test(days)) return Number(days);
  throw new DomainError('INPUT_INVALID', `--days must be a whole number, not ${shown(days)}`);
}

function registerRevoke(keys: Command, context: CliContext): void {
  keys
    .command('revoke')
    .description('revoke an API key; every program knows within seconds')
    .argument('<id>', 'as `slipway auth keys list` shows it')
    .addOption(jsonOption())
    .action(async (id: string, { json }: { json?: boolean }) => {
      const revoked = await context.registry().call('revokeApiKey', { id });
      printResult(json, revoked, () => `key ${revoked.id} of ${revoked.owner} is revoked`);
    });
}

function keyTable(keys: readonly ApiKey[]): string {
  const nowMs = Date.now();
  return table(
    ['ID', 'OWNER', 'FOR', 'ACTIONS', 'NAMESPACES', 'STATE'],
    keys.map((key) => [
      key.id,
      `${key.ownerKind.toLowerCase()} ${key.owner}`,
      key.description,
      key.actions.length > 3 ? `${key.actions.length} actions` : key.actions.join(', '),
      key.namespaces?.join(', ') ?? 'all',
      stateOf(key, nowMs),
    ]),
  );
}

function stateOf({ revokedAt, revokedBy, expiresAt }: ApiKey, nowMs: number): string {
  if (revokedAt !== null) return `revoked by ${revokedBy} at ${revokedAt}`;
  return Date.parse(expiresAt) > nowMs ? `until ${expiresAt}` : `expired at ${expiresAt}`;
}
