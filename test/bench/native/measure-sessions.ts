import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RUNNER_ENVIRONMENT } from '#adapters/runner-client';
import { pinnedNode } from '../../../apps/cli/setup.mjs';
import { runCommand } from '../../servers/run-command.ts';
import type { SessionsMemory } from './sessions.ts';

const program = join(import.meta.dirname, 'sessions.ts');
/** What sessions of one model may take, against one of them, beside their activations. */
export const SHARED_FACTOR = 1.3;

/** Loads a model once, so that it is prepared, and then as often as is asked for in a process that has the environment of a runner. */
export async function measureSessions(file: string, count: number): Promise<SessionsMemory> {
  const folder = mkdtempSync(join(tmpdir(), 'sessions-'));
  const measure = async (sessions: number) => {
    const args = [
      '--conditions=slipway-source',
      '--expose-gc',
      program,
      file,
      String(sessions),
      join(folder, 'prepared'),
    ];
    const output = await runCommand(pinnedNode, args, RUNNER_ENVIRONMENT);
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as SessionsMemory;
  };
  try {
    await measure(1);
    return await measure(count);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
