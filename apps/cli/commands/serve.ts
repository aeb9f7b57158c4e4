import { spawn } from 'node:child_process';
import type { Command } from 'commander';

/** `slipway serve`: the all-in-one, in a process of its own. */
export function registerServeCommand(program: Command, serverProgram: string): void {
  program
    .command('serve')
    .description('run registry, controller and gateway in one process, with their state under .slipway/')
    .option('--state-dir <folder>', 'folder for the state')
    .option('--help-settings', 'list every setting')
    .action(async (options: { stateDir?: string; helpSettings?: boolean }) => {
      const child = spawn(process.execPath, [serverProgram, ...(options.helpSettings === true ? ['--help'] : [])], {
        stdio: 'inherit',
        // biome-ignore lint/style/noProcessEnv: the server reads its settings from there
        env: { ...process.env, ...(options.stateDir === undefined ? {} : { SLIPWAY_STATE_DIR: options.stateDir }) },
      });
      // Ctrl-C reaches the server too; this process waits for it to end in order.
      process.on('SIGINT', () => {});
      process.on('SIGTERM', () => child.kill('SIGTERM'));
      process.exitCode = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
    });
}
