import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { startProgram } from '#adapters/child-process';
import { RUNNER_ENVIRONMENT, type RunnerProgram } from './runner-process.ts';

/** Drivers of several devices may have to wake up. */
const TIMEOUT_MS = 60_000;

/**
 * Asks a runner's program what its native runtime can use with a library, in a process that ends then: whatever a driver does there, it
 * does not do here.
 *
 * @param task `describe` with a library of ONNX Runtime, `describe-ascend` with one of AscendCL.
 * @returns JSON that the program wrote.
 * @throws Error with the program's last words when it cannot tell
 */
export async function describeRunnerRuntime(
  program: RunnerProgram,
  task: 'describe' | 'describe-ascend',
  libraryPath: string,
): Promise<string> {
  const started = startProgram({
    command: process.execPath,
    args: [...program.nodeArguments, task, libraryPath],
    cwd: program.workingDirectory,
    env: RUNNER_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => started.kill(), TIMEOUT_MS);
  const [, output, errors] = started.streams as [undefined, Duplex, Duplex];
  const [described, lastWords, { code, signal }] = await Promise.all([text(output), text(errors), started.ended]);
  clearTimeout(timer);
  if (code === 0) return described;
  const problem = /^\w*Error: (.*)$/m.exec(lastWords)?.[1] ?? lastWords.trim().split('\n').at(-1);
  throw new Error(problem || (signal === null ? `status ${code}` : `signal ${signal}`));
}
