import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { type QuickstartOptions, runQuickstart } from '../quickstart/run-quickstart.ts';

/** `slipway quickstart` */
export function registerQuickstartCommand(program: Command, context: CliContext, serverProgram: string): void {
  program
    .command('quickstart')
    .description('start everything and tell the whole story on real models: register, deploy, promote, roll back')
    .option('--once', 'exit at the end instead of keeping the server running')
    .option('--reset', 'throw the state of earlier runs away first')
    .action(async (options: QuickstartOptions) => {
      // An interrupted story still has requests and timers of its own, which must not keep the process.
      process.exit(await runQuickstart(options, context, serverProgram));
    });
}
