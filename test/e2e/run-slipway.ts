import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pinnedNode } from '../../apps/cli/setup.mjs';

const program = join(import.meta.dirname, '../../dist/apps/cli/main.js');

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built command line against a server, as a user in another terminal does.
 *
 * @param settings of the environment beside that of the test.
 */
export function runSlipway(
  server: { readonly stateDir: string },
  args: readonly string[],
  settings: Readonly<Record<string, string | undefined>> = {},
): Promise<CommandResult> {
  const child = spawn(pinnedNode, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SLIPWAY_STATE_DIR: server.stateDir, NO_COLOR: '1', ...settings },
  });
  const result = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    result.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    result.stderr += text;
  });
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, ...result })));
}
