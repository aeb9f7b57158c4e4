import { runCommand } from '../../servers/run-command.ts';

/** A program that ends by itself, on certain cores. */
export interface PinnedCommand {
  /** As `taskset` takes them. */
  readonly cores: string;
  /** It is killed after this time: a server that stops answering must not stop the measuring. */
  readonly limitSeconds: number;
  readonly command: readonly string[];
  readonly environment?: Record<string, string>;
}

/** @returns what the program printed. @throws Error when it fails, or takes too long. */
export function runPinned({ cores, limitSeconds, command, environment }: PinnedCommand): Promise<string> {
  const args = ['--signal', 'KILL', String(limitSeconds), 'taskset', '--cpu-list', cores, ...command];
  return runCommand('timeout', args, environment);
}
