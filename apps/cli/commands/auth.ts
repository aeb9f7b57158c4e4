import { type Command, Option } from 'commander';
import { ACTION_NAMES, ACTIONS, type ActionMeaning } from '#domain/access';
import type { CliContext } from '../context.ts';
import { printResult, table } from '../output.ts';
import { registerDryRunCommand } from './auth-dry-run.ts';
import { registerKeyCommands } from './auth-keys.ts';
import { registerQuestionCommands } from './auth-questions.ts';

/** `slipway auth …` */
export function registerAuthCommands(program: Command, context: CliContext): void {
  const auth = program.command('auth').description('ask who may do what, try policies out, and make API keys');
  registerWhoami(auth, context);
  registerQuestionCommands(auth, context);
  registerDryRunCommand(auth, context);
  registerKeyCommands(auth, context);
  registerActions(auth);
}

function registerWhoami(auth: Command, context: CliContext): void {
  auth
    .command('whoami')
    .description('say whom the registry takes you for')
    .addOption(new Option('--json', 'print JSON'))
    .action(async ({ json }: { json?: boolean }) => {
      const caller = await context.registry().call('caller', {});
      const { kind, name, groups, validUntil } = caller;
      printResult(json, caller, () =>
        [
          kind === 'ANONYMOUS' ? 'nobody that is known: no key or token was shown' : `${kind.toLowerCase()} ${name}`,
          ...(groups.length === 0 ? [] : [`in ${groups.join(', ')}`]),
          ...(validUntil === null ? [] : [`until ${validUntil}`]),
        ].join('\n'),
      );
    });
}

function registerActions(auth: Command): void {
  auth
    .command('actions')
    .description('list the actions that policies can allow')
    .addOption(new Option('--json', 'print JSON'))
    .action(({ json }: { json?: boolean }) => {
      const actions = ACTION_NAMES.map((action) => {
        const { resource, meaning, fields = [] }: ActionMeaning = ACTIONS[action];
        return { action, resource, meaning, fields };
      });
      printResult(json, actions, () =>
        table(
          ['ACTION', 'ON A', 'MEANING', 'FIELDS'],
          actions.map(({ action, resource, meaning, fields }) => [action, resource, meaning, fields.join(', ') || '-']),
        ),
      );
    });
}
