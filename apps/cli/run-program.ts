import type { Command } from 'commander';
import { isDomainError } from '#domain/errors';
import type { GlobalOptions } from './context.ts';

/**
 * Runs one command of the program, and says on standard error what is wrong with it. `process.exitCode` is then the status to end with.
 *
 * @param words of the command line, without the program's own name.
 */
export async function runProgram(program: Command, words: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    const code = isDomainError(error) ? ` (${error.code})` : '';
    const { message, stack } = error as Error;
    process.stderr.write(`error: ${message}${code}\n`);
    if (program.opts<GlobalOptions>().verbose === true) process.stderr.write(`${stack}\n`);
    // Some commands have said already what a failure of theirs is.
    process.exitCode ||= 1;
  }
}
