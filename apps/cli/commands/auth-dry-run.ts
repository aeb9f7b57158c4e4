import { type Command, Option } from 'commander';
import { DomainError } from '#domain/errors';
import type { RegistryOperations } from '#generated/registry-operations';
import type { CliContext } from '../context.ts';
import { printResult } from '../output.ts';
import { readPolicyFiles } from '../policy-files.ts';
import { answerByStatus, STATUSES, withStatuses } from './exit-status.ts';

type DryRun = RegistryOperations['dryRunPolicies']['data']['dryRunPolicies'];
type Change = DryRun['changes'][number];
type Outcome = Change['before'];

const ABOUT = `
What is given are all policies that there would be, as in a folder with a clone of the repository; with --keep-others, policies in force of
other names stay beside them. Nothing is put in force. It takes policy.read.`;

/** `slipway auth dry-run` */
export function registerDryRunCommand(auth: Command, context: CliContext): void {
  withStatuses(auth.command('dry-run'))
    .description('say which of the decisions of the last days other policies would make otherwise')
    .argument('<paths...>', 'files with policies, or folders that are searched for them')
    .option('--keep-others', 'keep policies in force of other names')
    .addOption(new Option('--json', 'print JSON'))
    .addHelpText('after', `${ABOUT}\n${STATUSES('when nothing changes', 'when something does')}`)
    .action((paths: readonly string[], { keepOthers, json }: { keepOthers?: boolean; json?: boolean }) =>
      answerByStatus(async () => {
        const files = await readPolicyFiles(paths, context.holdsPolicy);
        if (files.length === 0) throw new DomainError('INPUT_INVALID', `there is no policy in ${paths.join(', ')}`);
        const result = await context
          .registry()
          .call('dryRunPolicies', { files: [...files], keepOthers: keepOthers === true });
        if (result.problems.length > 0) throw new DomainError('INPUT_INVALID', result.problems.join('\n'));
        printResult(json, result, () => report(result));
        return result.totalChanges === 0;
      }),
    );
}

function report({ changes, totalChanges, hiddenChanges, compared, since }: DryRun): string {
  if (since === null) return 'nothing was decided yet that could be compared';
  const left = totalChanges - hiddenChanges - changes.length;
  return [
    ...changes.map(changeInWords),
    ...(left > 0 ? [`${left} more`] : []),
    ...(hiddenChanges > 0 ? [`${hiddenChanges} about things that you may not see`] : []),
    `${totalChanges} of ${compared} decisions since ${since} would change`,
  ].join('\n');
}

function changeInWords({ principal, action, field, resource, before, after, count, lastAt, address }: Change): string {
  const asked = field === null ? action : `${action} ${field}`;
  const what = resource === null ? 'in lists' : `on ${resource}`;
  const bothSome = before.shown === 'some' && after.shown === 'some';
  const from = address === null ? '' : ` from ${address}`;
  return [
    `${outcomeOf(before)} -> ${bothSome ? 'another part of it' : outcomeOf(after)}: ${principal}, ${asked} ${what}`,
    `  ${count === 1 ? 'once' : `${count} times`}, last at ${lastAt}${from}`,
    ...(resource === null ? [] : [`  now:  ${ruleOf(before)}`, `  then: ${ruleOf(after)}`]),
    '',
  ].join('\n');
}

function outcomeOf({ isAllowed, shown }: Outcome): string {
  if (shown === 'some') return 'some of it';
  if (shown !== null) return shown;
  return isAllowed ? 'allowed' : 'denied';
}

function ruleOf({ rule, isAllowed }: Outcome): string {
  return rule === null ? 'no rule allows it' : `${rule} ${isAllowed ? 'allows' : 'denies'} it`;
}
