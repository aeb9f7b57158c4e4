import { type Command, Option } from 'commander';
import { parseAction, resourceKindOf } from '#domain/access';
import { DomainError, shown } from '#domain/errors';
import type * as wire from '#generated/graphql';
import type { RegistryOperations } from '#generated/registry-operations';
import type { CliContext } from '../context.ts';
import { printResult, table } from '../output.ts';
import { answerByStatus, STATUSES, withStatuses } from './exit-status.ts';

type Question = RegistryOperations['access']['variables']['input'];
type Answer = RegistryOperations['access']['data']['access'];
type Permission = RegistryOperations['permissions']['data']['permissions'][number];

interface QuestionOptions {
  readonly as?: string;
  readonly group: readonly string[];
  readonly attribute: readonly string[];
  readonly credential?: string;
  readonly field?: string;
  readonly at?: string;
  readonly from?: string;
  readonly namespace?: string;
  readonly list?: boolean;
  readonly json?: boolean;
}

const FORMS = `
A resource is named <namespace>, <namespace>/<model>, <namespace>/<model>@<version or alias> or <namespace>/<deployment>, as the action
demands, or described by attributes: namespace=vision owner=ada labels.tier=gold. To ask about others takes policy.read.`;

/** `slipway auth can-i|explain` */
export function registerQuestionCommands(auth: Command, context: CliContext): void {
  questionCommand(auth, 'can-i', 'say whether you may do something, and by which rule', '[action]')
    .option('--list', 'everything that you may do, with --namespace only to the things in it')
    .addHelpText('after', `${FORMS}\n${STATUSES('is yes', 'is no')}`)
    .action((action: string | undefined, resource: readonly string[], options: QuestionOptions) =>
      answerByStatus(async () => {
        if (options.list === true) return list(context, action, options);
        if (action === undefined)
          throw new DomainError('INPUT_INVALID', 'say an action, or --list for all that you may do');
        const answer = await context.registry().call('access', { input: questionOf(action, resource, options) });
        printResult(options.json, answer, () => (answer.isAllowed ? `yes, by ${answer.rule}` : `no: ${answer.reason}`));
        return answer.isAllowed;
      }),
    );
  questionCommand(
    auth,
    'explain',
    'say why you may do something or not: every rule about it, and which test failed',
    '<action>',
  )
    .addHelpText('after', `${FORMS}\n${STATUSES('is yes', 'is no')}`)
    .action((action: string, resource: readonly string[], options: QuestionOptions) =>
      answerByStatus(async () => {
        const answer = await context.registry().call('access', { input: questionOf(action, resource, options) });
        printResult(options.json, answer, () => explanation(answer));
        return answer.isAllowed;
      }),
    );
}

function questionCommand(auth: Command, name: string, description: string, action: string): Command {
  const collect = (value: string, all: readonly string[]) => [...all, value];
  return withStatuses(auth.command(name))
    .description(description)
    .argument(action, 'such as version.read; `slipway auth actions` lists them')
    .argument('[resource...]', 'what it would be done to')
    .option('--as <principal>', 'about somebody else: user:<name>, workload:<name> or anonymous')
    .option('--group <name>', 'a group of theirs (repeatable)', collect, [])
    .option('--attribute <name=value>', 'a claim of their token (repeatable)', collect, [])
    .option('--credential <kind>', 'how they show who they are: token, apiKey, certificate or none')
    .option('--field <name>', 'a part of the action, such as metrics')
    .option('--at <time>', 'as it would be then, such as 2026-11-30T22:00:00Z')
    .option('--from <address>', 'as it would be from there')
    .option('-n, --namespace <name>', 'namespace of what is named without one (default: "default")')
    .addOption(new Option('--json', 'print JSON'));
}

function questionOf(actionName: string, resource: readonly string[], options: QuestionOptions): Question {
  const action = parseAction(actionName, 'action');
  const principal = principalOf(options);
  return {
    action,
    ...resourceOf(action, resource, options.namespace ?? 'default'),
    ...(principal === undefined ? {} : { principal }),
    ...(options.field === undefined ? {} : { field: options.field }),
    ...(options.at === undefined ? {} : { at: options.at }),
    ...(options.from === undefined ? {} : { address: options.from }),
  };
}

function resourceOf(
  action: ReturnType<typeof parseAction>,
  words: readonly string[],
  namespace: string,
): Pick<Question, 'resource' | 'attributes'> {
  const [first, ...rest] = words;
  if (first === undefined) return {};
  if (first.includes('=')) return { attributes: words.map((word) => pairOf(word, 'attribute')) };
  if (rest.length > 0) {
    throw new DomainError(
      'INPUT_INVALID',
      `name one resource, or describe it as name=value, not ${shown(words.join(' '))}`,
    );
  }
  const isWhole = first.includes('/') || resourceKindOf(action) === 'namespace' || resourceKindOf(action) === 'server';
  return { resource: isWhole ? first : `${namespace}/${first}` };
}

function principalOf({ as, group, attribute, credential }: QuestionOptions): Question['principal'] | undefined {
  if (as === undefined) {
    if (group.length + attribute.length === 0 && credential === undefined) return undefined;
    throw new DomainError('INPUT_INVALID', '--group, --attribute and --credential say more of whom --as names');
  }
  const colon = as.indexOf(':');
  const kind = KINDS[colon === -1 ? as : as.slice(0, colon)];
  if (kind === undefined || (colon === -1) !== (kind === 'ANONYMOUS')) {
    const message = `--as must be user:<name>, workload:<name> or anonymous, not ${shown(as)}`;
    throw new DomainError('INPUT_INVALID', message);
  }
  return {
    kind,
    ...(colon === -1 ? {} : { id: as.slice(colon + 1) }),
    groups: [...group],
    attributes: attribute.map((text) => pairOf(text, '--attribute')),
    ...(credential === undefined ? {} : { credential }),
  };
}

const KINDS: Readonly<Record<string, wire.CallerKind | undefined>> = {
  user: 'USER',
  workload: 'WORKLOAD',
  anonymous: 'ANONYMOUS',
};

function pairOf(text: string, what: string): { name: string; value: string } {
  const equals = text.indexOf('=');
  if (equals > 0) return { name: text.slice(0, equals), value: text.slice(equals + 1) };
  throw new DomainError('INPUT_INVALID', `${what} must be name=value, not ${shown(text)}`);
}

async function list(context: CliContext, action: string | undefined, options: QuestionOptions): Promise<boolean> {
  if (action !== undefined) throw new DomainError('INPUT_INVALID', '--list tells of all actions: leave the action out');
  const principal = principalOf(options);
  const permissions = await context.registry().call('permissions', {
    ...(principal === undefined ? {} : { principal }),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
  });
  printResult(options.json, permissions, () => (permissions.length === 0 ? 'nothing' : permissionTable(permissions)));
  return permissions.length > 0;
}

function permissionTable(permissions: readonly Permission[]): string {
  return table(
    ['ACTION', 'ON', 'WHERE', 'RULE'],
    permissions.map(({ action, resource, fields, conditions, isNarrowed, rule }) => [
      fields === null ? action : `${action} (${fields.join(', ')})`,
      resource,
      `${conditions.join(' and ') || 'any'}${isNarrowed ? ', but for what rules deny' : ''}`,
      rule,
    ]),
  );
}

function explanation({ isAllowed, principal, reason, decided, considered }: Answer): string {
  const rules = considered.map(({ rule, effect, isMatch, failed }) => [
    isMatch ? 'fits' : '-',
    effect === 'ALLOW' ? 'allows' : 'denies',
    rule,
    failed ?? '',
  ]);
  const none = `no rule is about ${principal} and ${decided}`;
  return [
    `${isAllowed ? 'yes' : 'no'}: ${reason}`,
    '',
    rules.length === 0 ? none : table(['', 'EFFECT', 'RULE', 'WHY NOT'], rules),
  ].join('\n');
}
