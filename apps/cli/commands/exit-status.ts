import type { Command } from 'commander';

/** Neither yes nor no: the question could not be answered. */
const UNANSWERED = 2;

/** What is said of exit statuses in the help of such a command. */
export const STATUSES = (yes: string, no: string) => `\nExit status: 0 ${yes}, 1 ${no}, 2 when that cannot be told.`;

/** Ends the program with 0 for yes and 1 for no, and with 2 where something keeps it from an answer. */
export async function answerByStatus(ask: () => Promise<boolean>): Promise<void> {
  process.exitCode = UNANSWERED;
  const isYes = await ask();
  process.exitCode = isYes ? 0 : 1;
}

/** Ends the program with 2 where a command is called wrongly: 1 is an answer. */
export function withStatuses(command: Command): Command {
  return command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : UNANSWERED));
}
