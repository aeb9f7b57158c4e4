import {
  ConfigError,
  type ConfigOf,
  describeSettings,
  EXIT_CONFIG,
  loadConfig,
  readEnvironment,
  type SettingTable,
} from './load-config.ts';
import { giveBackStartMemory } from './start-memory.ts';

/** A server program: its settings, and how to start it. */
export interface Program<Table extends SettingTable> {
  /** One sentence for `--help`. */
  readonly summary: string;
  readonly settings: Table;
  readonly start: (config: ConfigOf<Table>) => Promise<{ close(): Promise<void> }>;
}

/**
 * Runs a server until SIGINT or SIGTERM, then closes it in order. Answers `--help`; ends with status 78 when the configuration
 * is wrong and 1 when the program cannot start, with the reason on standard error.
 */
export async function runProgram<Table extends SettingTable>(program: Program<Table>): Promise<void> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(
      `${program.summary}\n\nSettings are environment variables:\n${describeSettings(program.settings)}\n`,
    );
    return;
  }
  try {
    const running = await program.start(loadConfig(program.settings, readEnvironment()));
    giveBackStartMemory();
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    await running.close();
    // Nothing that is still open (a client's idle connection, say) may keep the process.
    process.exit(0);
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n`);
    process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1);
  }
}
